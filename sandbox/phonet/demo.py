"""A ready-made company to play with. Every number is made up: 44 000 and 50 000 belong to nobody."""

from sandbox.phonet.contacts import COMPANY, FIRST_NAME, LAST_NAME, PHONE
from sandbox.phonet.office import Office, by_ext
from sandbox.phonet.people import Department, Employee, OurNumber

MAIN, SUPPORT = "+380440000001", "+380440000002"
SALES_EXT, SUPPORT_EXT = "801", "802"
#: A client whom CRM teler knows.
KNOWN_CLIENT = "+380500000077"


def demo_office(*, route_to_responsible: bool = False) -> Office:
    """Four employees, two departments, two numbers; the main number may ask for the responsible first."""
    office = Office(
        employees=by_ext(_employees()),
        departments={d.ext: d for d in _departments()},
        numbers={
            MAIN: OurNumber(MAIN, "Реклама", SALES_EXT, routes_to_responsible=route_to_responsible),
            SUPPORT: OurNumber(SUPPORT, "kvitka.example", SUPPORT_EXT),
        },
        key_owner="001",
    )
    office.contacts.add(
        [(FIRST_NAME, "Марта"), (LAST_NAME, "Зоря"), (PHONE, KNOWN_CLIENT), (COMPANY, "Зоря і син")],
        responsibleUserId=19,
    )
    return office


def _employees() -> list[Employee]:
    return [
        Employee(36, "Олена Коваленко", "001", "olena@kvitka.example"),
        Employee(19, "Тарас Бондаренко", "002", "taras@kvitka.example"),
        Employee(27, "Ірина Шевчук", "003", "iryna@kvitka.example"),
        Employee(30, "Андрій Мельник", "004", "andrii@kvitka.example"),
    ]


def _departments() -> list[Department]:
    return [
        Department(51, "Продажі", SALES_EXT, ["001", "002", "003"]),
        Department(52, "Підтримка", SUPPORT_EXT, ["004", "003"], order="in_turn"),
    ]
