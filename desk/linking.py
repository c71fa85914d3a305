"""Who is whom: a Telegram user becomes an employee by an administrator, by their own phone number, or on request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk import pauses
from desk.access import employee_at
from desk.office import Desk
from pbx.vocabulary import Employee
from storage import notices, people
from storage.database import Tx
from storage.people import Link, LinkRequest

#: So many unanswered requests somebody may have: who tries every name is no employee.
REQUESTS = 3
#: A repeated request moves down in the administrators' chats once it is so old.
ASK_AGAIN = timedelta(minutes=30)


class Result(StrEnum):
    """How a wish to be linked went."""

    LINKED = "linked"
    ALREADY = "already"
    ASKED = "asked"
    """The administrators have been asked."""
    TOO_MANY = "too_many"
    """Too many requests of theirs wait already."""
    NOBODY_TO_ASK = "nobody_to_ask"
    """No administrator has opened a private chat with the bot."""


@dataclass(frozen=True, slots=True)
class Linked:
    """`instead_of`: the Telegram user who was this employee until now, by name."""

    result: Result
    pbx_id: str
    employee: Employee
    instead_of: str | None = None


async def link(desk: Desk, tx: Tx, user_id: int, pbx_id: str, employee: Employee, by: int) -> Linked:
    """Tie a user to an employee at once: their number proves it, or an administrator says so."""
    await desk.db.one_at_a_time(tx, f"link {pbx_id}")
    holder = await people.user_of(tx, pbx_id, employee.login)
    if holder == user_id:
        return Linked(Result.ALREADY, pbx_id, employee)
    before = await people.get(tx, holder) if holder is not None else None
    now = desk.clock.now()
    await people.link(desk.db, tx, user_id, pbx_id, employee.login, now, by)
    await people.write_act(tx, by, "link", now, pbx_id=pbx_id, about=f"{employee.login}, {await _name(tx, user_id)}")
    for request in await people.open_requests_of(tx, user_id):
        if request.pbx_id == pbx_id:
            granted = request.login == employee.login
            await _settle(desk, tx, request, "granted" if granted else "refused", by, told=granted)
    return Linked(Result.LINKED, pbx_id, employee, before.name if before else None)


async def ask(desk: Desk, tx: Tx, user_id: int, pbx_id: str, employee: Employee, chat_id: int) -> Linked:
    """Ask the administrators in private; the first answer counts. `chat_id` is where the answer will be told."""
    if await people.user_of(tx, pbx_id, employee.login) == user_id:
        return Linked(Result.ALREADY, pbx_id, employee)
    waiting = await people.open_requests_of(tx, user_id)
    if len(waiting) >= REQUESTS and not any((one.pbx_id, one.login) == (pbx_id, employee.login) for one in waiting):
        return Linked(Result.TOO_MANY, pbx_id, employee)
    reachable = await people.get_many(tx, sorted(desk.office.admins))
    places = [(admin, 0) for admin, person in sorted(reachable.items()) if person.reachable]
    if not places:
        return Linked(Result.NOBODY_TO_ASK, pbx_id, employee)
    now = desk.clock.now()
    request_id = await people.ask_link(tx, user_id, pbx_id, employee.login, chat_id, now)
    await _show(desk, tx, request_id, user_id, pbx_id, employee, places)
    return Linked(Result.ASKED, pbx_id, employee)


async def _show(
    desk: Desk,
    tx: Tx,
    request_id: int,
    user_id: int,
    pbx_id: str,
    employee: Employee,
    places: Sequence[tuple[int, int]],
) -> None:
    now = desk.clock.now()
    person = await people.get(tx, user_id)
    holder = await people.user_of(tx, pbx_id, employee.login)
    before = await people.get(tx, holder) if holder is not None else None
    data = {
        "what": "link_request",
        "request_id": request_id,
        "name": await _name(tx, user_id),
        "username": person.username if person else None,
        "employee": employee.name,
        "login": employee.login,
        "pbx": pbx_id,
        "instead_of": before.name if before else None,
    }
    notice_id = await notices.add(desk.db, tx, "admins", _subject(request_id), now, data=data)
    if notice_id is None:
        known = await notices.find(tx, "admins", _subject(request_id))
        assert known is not None
        notice_id = known.id
        await notices.ring_again(tx, notice_id, places, now - ASK_AGAIN, now)
    await notices.deliver_to(desk.db, tx, notice_id, places, now)


@dataclass(frozen=True, slots=True)
class Answered:
    """What an administrator's tap did. `first`: nobody had answered before; else `state` says what the answer was."""

    first: bool
    state: str
    linked: Linked | None = None


async def answer(desk: Desk, tx: Tx, request_id: int, admin_id: int, *, yes: bool) -> Answered | None:
    """Grant or refuse a request; None if there is no such request, or its employee has left the PBX meanwhile."""
    request = await people.link_request(tx, request_id)
    if request is None:
        return None
    if request.state != "open":
        return Answered(False, request.state)
    employee = await employee_at(tx, request.pbx_id, request.login) if request.pbx_id in desk.pbxes else None
    if yes and employee is None:
        return None
    linked = None
    if yes and employee:
        linked = await link(desk, tx, request.user_id, request.pbx_id, employee, admin_id)
    state = "granted" if yes else "refused"
    if not yes:
        about = f"{request.login}, {await _name(tx, request.user_id)}"
        await people.write_act(tx, admin_id, "refuse_link", desk.clock.now(), pbx_id=request.pbx_id, about=about)
    await _settle(desk, tx, request, state, admin_id)
    return Answered(True, state, linked)


async def _settle(desk: Desk, tx: Tx, request: LinkRequest, state: str, by: int, *, told: bool = True) -> None:
    """Close the request, say so where it is shown, and tell the person. Once, whoever comes second."""
    if not await people.settle_request(tx, request.id, state):
        return
    now = desk.clock.now()
    notice = await notices.find(tx, "admins", _subject(request.id))
    if notice is None:
        return
    outcome = {"state": state, "by": await _name(tx, by)}
    await notices.change_data(tx, notice.id, {**notice.data, **outcome})
    await notices.touch(tx, notice.id, now)
    if told and by != request.user_id:
        await _tell(desk, tx, request, notice.data | {"what": f"link_{state}", "by": outcome["by"]})


async def _tell(desk: Desk, tx: Tx, request: LinkRequest, data: dict[str, object]) -> None:
    """The person, in private if they have opened that chat, else where they asked."""
    now = desk.clock.now()
    person = await people.get(tx, request.user_id)
    chat_id = request.user_id if person and person.reachable else request.chat_id
    notice_id = await notices.add(desk.db, tx, "told", _subject(request.id), now, data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [(chat_id, 0)], now)


async def _name(tx: Tx, user_id: int) -> str:
    person = await people.get(tx, user_id)
    return person.name if person else str(user_id)


def _subject(request_id: int) -> str:
    return f"link request {request_id}"


async def unlink(desk: Desk, tx: Tx, user_id: int, by: int, pbx_id: str | None = None) -> list[Link]:
    """Untie a user, from one PBX or all; the ties there were."""
    ties = [one for one in await people.links_of(tx, user_id) if pbx_id in (None, one.pbx_id)]
    if ties:
        await people.unlink(tx, user_id, pbx_id)
    for tie in ties:
        about = f"{tie.login}, {await _name(tx, user_id)}"
        await people.write_act(tx, by, "unlink", desk.clock.now(), pbx_id=tie.pbx_id, about=about)
    return ties


async def linked_as(tx: Tx, pbx_ids: Sequence[str], login: str) -> Link | None:
    """The tie to an employee by login, whether the PBX still has them or not."""
    return next((one for one in await people.links_at(tx, pbx_ids) if one.login.casefold() == login.casefold()), None)


@dataclass(frozen=True, slots=True)
class Member:
    """An employee, or a login somebody is linked to that the PBX no longer has (`left`)."""

    pbx_id: str
    login: str
    name: str
    extension: str | None
    user: str | None
    """The Telegram user linked to them, by name."""
    left: bool = False
    paused_since: datetime | None = None
    """On a pause at the PBX, which then rings their phone for no department."""


async def team(tx: Tx, pbx_ids: Sequence[str], now: datetime) -> list[Member]:
    """Everybody at these PBXs and who they are in Telegram; the linked first, those who left last."""
    links = {(one.pbx_id, one.login): one.user_id for one in await people.links_at(tx, pbx_ids)}
    users = await people.get_many(tx, sorted(set(links.values())))

    def user(pbx_id: str, login: str) -> str | None:
        user_id = links.get((pbx_id, login))
        return users[user_id].name if user_id in users else None if user_id is None else str(user_id)

    members = []
    for pbx_id in pbx_ids:
        present = await people.employees_of(tx, pbx_id)
        paused = await pauses.since(tx, pbx_id, [one.login for one in present], now)
        members += [
            Member(
                pbx_id,
                one.login,
                one.name,
                one.extension,
                user(pbx_id, one.login),
                paused_since=paused.get(one.login),
            )
            for one in present
        ]
        names = await people.employee_names(tx, pbx_id)
        absent = [login for at, login in links if at == pbx_id and login not in {one.login for one in present}]
        # Where the employees were never read, nobody can be said to have left.
        members += [
            Member(pbx_id, one, names.get(one, one), None, user(pbx_id, one), left=bool(names)) for one in absent
        ]
    return sorted(members, key=lambda one: (one.left, one.user is None, one.pbx_id, one.name.casefold()))
