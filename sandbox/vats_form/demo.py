"""A ready-made company to play with. Every number is made up: 495 000 and 900 000 belong to nobody."""

from sandbox.vats_form.office import Office
from sandbox.vats_rest.lines import CallerIds
from sandbox.vats_rest.office import Department, Employee, Member, OurNumber, by_login

MAIN, DELIVERY = "74950000201", "74950000202"


def demo_office(*, route_to_responsible: bool = False) -> Office:
    """Four employees, two departments, two numbers; the main number may ask for the responsible first."""
    numbers = (
        OurNumber(MAIN, "Витрина", group="orders", is_main_phone=True, crm="on" if route_to_responsible else ""),
        OurNumber(DELIVERY, "Курьеры", group="delivery"),
    )
    return Office(
        domain="landysh.example",
        employees=by_login(_employees()),
        departments={department.id: department for department in _departments()},
        numbers={number.telnum: number for number in numbers},
        caller_ids=CallerIds(main=MAIN),
    )


def _employees() -> list[Employee]:
    """Direct numbers are all that this API tells of a person's phone; one has none."""
    return [
        Employee("kirill", "Кирилл Морозов", "801", "79000002101", role="group_head", position="Старший менеджер"),
        Employee("polina", "Полина Егорова", "802", "79000002102"),
        Employee("artem", "Артём Никитин", "803", "79000002103"),
        Employee("sveta", "Светлана Громова", "804", position="Курьер"),
    ]


def _departments() -> list[Department]:
    orders = [Member("kirill", group_head=True), Member("polina"), Member("artem")]
    return [
        Department("orders", "Заказы", "811", orders),
        Department("delivery", "Доставка", "812", [Member("artem"), Member("sveta")], "BYORDER", call_duration=10),
    ]
