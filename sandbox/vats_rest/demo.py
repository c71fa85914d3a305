"""A ready-made company to play with. Every number is made up: 495 000 and 900 000 belong to nobody."""

from sandbox.vats_rest.lines import Branch, CallerIds, Sim, SipRegistration, SipTransfer
from sandbox.vats_rest.office import (
    Banned,
    CustomRole,
    Department,
    Employee,
    Member,
    MobileRedirect,
    Office,
    OurNumber,
    WhenNobodyAnswers,
    by_login,
)

MAIN, SERVICE, ACCOUNTS = "74950000001", "74950000002", "74950000003"
_WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def demo_office(*, route_to_responsible: bool = False) -> Office:
    """Five employees, three departments, three numbers; the main number may ask for the responsible first."""
    office = Office(
        domain="romashka.example",
        employees=by_login(_employees()),
        departments={d.id: d for d in _departments()},
        numbers={n.telnum: n for n in _numbers(route_to_responsible)},
        sims={s.telnum: s for s in _sims()},
        sims_available=["79000000091", "79000000092"],
        blacklist={"79000009999": Banned("79000009999", "Спам: окна")},
        caller_ids=CallerIds(main=MAIN, groups={"service": SERVICE}),
        custom_roles=[CustomRole("custom_1", "Бухгалтерия", ("users.get", "groups.get", "more.edit"))],
        voicemail_users=["anna"],
        voicemail_groups=["sales"],
    )
    office.sip_registrations["74950000009"] = SipRegistration("74950000009", "Запасная линия", "sip.example")
    office.sip_transfers[ACCOUNTS] = SipTransfer(ACCOUNTS, "pbx-demo@romashka.example")
    office.branches["spb.example"] = Branch("spb.example", "Филиал в Петербурге", status="success", users_count=4)
    office.media = {"greeting": {"greeting-1": "Приветствие.mp3"}, "music": {"music-1": "Утро.mp3"}}
    return office


def _employees() -> list[Employee]:
    return [
        Employee("anna", "Анна Смирнова", "701", "74950000011", "79000000001", "admin", "Директор",
                 "anna@romashka.example"),
        Employee("igor", "Игорь Волков", "702", "74950000012", "79000000002", "group_head",
                 "Руководитель продаж", "igor@romashka.example"),
        Employee("maria", "Мария Орлова", "703", "", "79000000003", "user", "Менеджер по продажам",
                 "maria@romashka.example"),
        Employee("oleg", "Олег Лебедев", "704", "", "79000000004", "user", "Инженер",
                 "oleg@romashka.example", MobileRedirect(enabled=True, delay=5)),
        Employee("vera", "Вера Соколова", "705", "", "79000000005", "restricted_user", "Бухгалтер",
                 "vera@romashka.example"),
    ]  # fmt: skip


def _departments() -> list[Department]:
    return [
        Department("sales", "Продажи", "710", [Member("igor", group_head=True), Member("maria"), Member("anna")]),
        Department(
            "service",
            "Сервис",
            "720",
            [Member("oleg"), Member("maria")],
            call_order="BYORDER",
            call_duration=10,
            timeout=WhenNobodyAnswers(60, "user", user="anna"),
        ),
        Department("accounts", "Бухгалтерия", "730", [Member("vera")]),
    ]


def _numbers(route_to_responsible: bool) -> list[OurNumber]:
    return [
        OurNumber(
            MAIN,
            "Реклама",
            group="sales",
            is_main_phone=True,
            location="Москва",
            crm="on" if route_to_responsible else "",
        ),
        OurNumber(SERVICE, "Сайт", group="service", location="Москва"),
        OurNumber(
            ACCOUNTS,
            "Бухгалтерия",
            "scheduler",
            work={"type": "group", "group": "accounts"},
            other={"subtype": "user", "user": "anna", "greeting": True},
            schedule={day: {"start": 32400, "end": 64800} for day in _WORKDAYS},
            outgoing=False,
        ),
    ]


def _sims() -> list[Sim]:
    return [
        Sim("79000000001", user="anna"),
        Sim("79000000002", user="igor"),
        Sim("79000000090", company=True),
    ]
