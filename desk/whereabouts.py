"""Who is on a call, connected, on a pause, or not to be disturbed: each employee of a PBX, as it is now.

What is cheap is asked for everybody, the rest for a page of them, a few at once and within a few seconds; what could
not be read in time is said to be unknown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from desk import current_calls, directory, pauses, presence
from desk.current_calls import Current
from desk.office import Desk
from desk.presence import Presence
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Department, Employee, Registration, Stage
from storage import people

T = TypeVar("T")

#: Questions on their way to a PBX at once, and the seconds that all of them get.
AT_ONCE, SECONDS = 5, 6.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One employee. None where the PBX does not say, or could not be asked."""

    employee: Employee
    linked_to: str | None
    """The Telegram user's name."""
    call: Current | None
    rings: bool
    dnd: Presence | None
    paused_since: datetime | None
    departments_off: tuple[str, ...]
    """Departments whose calls do not reach them."""


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of the employees. The flags say what of it could not be read; `stale`: the employees themselves."""

    people: tuple[Whereabouts, ...]
    total: int
    stale: PbxError | None = None
    calls_unread: bool = False
    dnd_unread: int = 0
    departments_unread: bool = False


async def roster(desk: Desk, pbx_id: str, size: int, page: int) -> Roster:
    """Employees by name: that page of them, counted from 0, or the last. Raises `PbxError` if nobody is known."""
    pbx = desk.pbxes[pbx_id]
    everybody, stale = await _everybody(desk, pbx_id)
    page = max(min(page, (len(everybody) - 1) // size), 0)
    here = everybody[page * size : (page + 1) * size]
    logins = [one.login for one in here]
    calls, switches, departments = await _asked(desk, pbx, logins)
    async with desk.db.read() as tx:
        links = {one.login: one.user_id for one in await people.links_at(tx, [pbx_id])}
        linked = await people.get_many(tx, sorted({links[login] for login in logins if login in links}))
        paused = await pauses.since(tx, pbx_id, logins, desk.clock.now())
    found = []
    for one in here:
        person = linked.get(links.get(one.login, 0))
        call, rings = _call_of(one.login, calls or ())
        found.append(
            Whereabouts(
                employee=one,
                linked_to=person.name if person else None,
                call=call,
                rings=rings,
                dnd=switches.get(one.login),
                paused_since=paused.get(one.login),
                departments_off=_off(one.login, departments or ()),
            )
        )
    return Roster(
        tuple(found),
        len(everybody),
        stale,
        calls_unread=calls is None,
        dnd_unread=len(set(logins) - set(switches)) if pbx.capabilities.do_not_disturb else 0,
        departments_unread=departments is None,
    )


async def _everybody(desk: Desk, pbx_id: str) -> tuple[list[Employee], PbxError | None]:
    """Read anew, for whose phone is connected; as last read where the PBX can't be asked."""
    try:
        current, stale = await directory.refresh(desk, pbx_id), None
    except PbxError as error:
        async with desk.db.read() as tx:
            current, stale = await people.employees_of(tx, pbx_id), error
        if not current:
            raise
    return sorted(current, key=lambda one: one.name.casefold()), stale


async def _asked(
    desk: Desk, pbx: PhoneSystem, logins: Sequence[str]
) -> tuple[Sequence[Current] | None, dict[str, Presence], Sequence[Department] | None]:
    """Calls, switches and departments, together; None, or left out, where the PBX did not answer in time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(ask: Callable[[], Awaitable[T]]) -> T | None:
        async with places:
            try:
                return await ask()
            except PbxError:  # noted already; the page says what is missing
                return None

    calls = asyncio.create_task(in_turn(lambda: _calls(desk, pbx)))
    departments = asyncio.create_task(in_turn(lambda: _departments(pbx)))
    can_switch = pbx.capabilities.do_not_disturb
    switches = {
        login: asyncio.create_task(in_turn(lambda login=login: presence.presence(desk, pbx.id, login)))  # type: ignore[misc]
        for login in (logins if can_switch else ())
    }
    tasks: list[asyncio.Task[object]] = [calls, departments, *switches.values()]
    await _within(tasks)
    known = {login: found for login, task in switches.items() if (found := _result(task))}
    return _result(calls), known, _result(departments)


async def _within(tasks: Sequence["asyncio.Task[object]"]) -> None:
    """Whatever is not done by then is given up."""
    try:
        await asyncio.wait(tasks, timeout=SECONDS)
    finally:
        for task in tasks:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _result(task: "asyncio.Task[T | None]") -> T | None:
    return None if task.cancelled() else task.result()


async def _calls(desk: Desk, pbx: PhoneSystem) -> Sequence[Current]:
    if not current_calls.can_be_listed(pbx):
        return ()
    return (await current_calls.listed(desk, pbx.id)).calls


async def _departments(pbx: PhoneSystem) -> Sequence[Department]:
    return await pbx.departments() if pbx.capabilities.departments else ()


def _call_of(login: str, calls: Sequence[Current]) -> tuple[Current | None, bool]:
    """The call they are on, or else one that rings at their phone; and whether it only rings."""
    on = next((one for one in calls if one.live.employee == login), None)
    ringing = next((one for one in calls if login in one.live.ringing), None)
    only_rings = on is None and ringing is not None
    return on or ringing, only_rings or (on is not None and on.live.stage == Stage.RINGING)


def _off(login: str, departments: Sequence[Department]) -> tuple[str, ...]:
    members = [(one.name, member) for one in departments for member in one.members]
    return tuple(name for name, member in members if member.login == login and member.receives_calls is False)


def is_online(one: Whereabouts) -> bool | None:
    """Whether their phone is connected; None if the PBX does not say."""
    return {Registration.ONLINE: True, Registration.OFFLINE: False}.get(one.employee.registration)
