"""A ready-made company to play with. Every number is made up: 495 000 and 900 000 belong to nobody."""

from sandbox.t2.office import Banned, Customer, Employee, Manager, Multichannel, Office

SALES, SERVICE = "74950000101", "74950000102"


def demo_office() -> Office:
    """Four employees, two multichannel numbers with a queue each, one manager with a customer."""
    return Office(
        employees={employee.id: employee for employee in _employees()},
        numbers={
            SALES: Multichannel(SALES, "Продажи", [433, 440, 452]),
            SERVICE: Multichannel(SERVICE, "Сервис", [461, 452]),
        },
        managers={26: Manager(26, 440, "Дарья Зайцева", [Customer(92, "79000001201", "Ирина Котова", "Пион")])},
        blacklist={"79000001299": Banned(10622, "79000001299")},
    )


def _employees() -> list[Employee]:
    """Two of them lack something, as at every company."""
    return [
        Employee(433, "Павел", "Новиков", "79000001101", "101", "pavel@vasilek.example"),
        Employee(440, "Дарья", "Зайцева", "79000001102", "102", "darya@vasilek.example"),
        Employee(452, "Никита", "Фролов", "79000001103", "103"),
        Employee(461, "Софья", "Белова", "79000001104", "", "sofya@vasilek.example"),
    ]
