"""The four PBXs of the demo: each vendor's ready-made company, with our people in its sales department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox import phonet, t2, vats_form, vats_rest
from sandbox.demo_people import PEOPLE
from sandbox.page.phones import Phones
from sandbox.page.phonet_phones import PhonetPhones
from sandbox.page.t2_phones import T2Phones
from sandbox.page.vats_phones import VatsFormPhones, VatsPhones
from sandbox.phonet.demo import SALES_EXT
from sandbox.t2.demo import SALES
from sandbox.vats_rest.office import Member


def four_pbxes(webhook_base: str, speed: float, now: Callable[[], datetime]) -> dict[str, Phones]:
    """By their ids in the bot's configuration; the first is the one that scenes use if nobody chose."""
    made: list[Phones] = [
        VatsPhones(vats_rest.demo_office(), id="main", webhook_base=webhook_base, speed=speed, now=now),
        VatsFormPhones(_form(), id="form", webhook_base=webhook_base, speed=speed, now=now),
        PhonetPhones(_phonet(), id="phonet", webhook_base=webhook_base, speed=speed, now=now),
        T2Phones(_t2(), id="t2", speed=speed, now=now),
    ]
    return {phones.id: phones for phones in made}


def _form() -> vats_form.Office:
    office = vats_form.demo_office()
    for one in PEOPLE:
        office.employees[one.login] = vats_rest.Employee(one.login, one.name, one.ext, one.phone)
    office.departments[VatsFormPhones.SALES].members = [Member(one.login) for one in PEOPLE]
    return office


def _phonet() -> phonet.Office:
    office = phonet.demo_office()
    for number, one in enumerate(PEOPLE, start=101):
        office.employees[one.ext] = phonet.Employee(number, one.name, one.ext, f"{one.login}@kvitka.example")
    office.departments[SALES_EXT].members = [one.ext for one in PEOPLE]
    return office


def _t2() -> t2.Office:
    office = t2.demo_office()
    ids = range(501, 501 + len(PEOPLE))
    for number, one in zip(ids, PEOPLE, strict=True):
        email = f"{one.login}@vasilek.example"
        office.employees[number] = t2.Employee(number, one.first_name, one.last_name, one.phone, one.ext, email)
    office.numbers[SALES].members = list(ids)
    return office
