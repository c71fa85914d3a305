"""Whose calls the PBX records, and whose it does not. Read anew each time."""

from dataclasses import dataclass

from desk import directory
from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.vocabulary import Employee
from storage import people


@dataclass(frozen=True, slots=True)
class Recording:
    """`clients`: whether calls with clients are recorded at all, None if the PBX does not say."""

    clients: bool | None
    exceptions: tuple[Employee, ...]
    """Whose calls are not, by name."""
    others: tuple[Employee, ...]
    """Everybody else, by name."""


async def recording(desk: Desk, pbx_id: str) -> Recording:
    """As it is now. Raises `PbxError`."""
    async with noted(desk, pbx_id):
        rules = await desk.pbxes[pbx_id].recording_rules()
    everybody = {one.login: one for one in await directory.refresh(desk, pbx_id)}
    exceptions = [everybody.get(login) or Employee(login, login) for login in rules.exceptions]
    others = [one for login, one in everybody.items() if login not in rules.exceptions]
    return Recording(rules.clients, _by_name(exceptions), _by_name(others))


async def record(desk: Desk, pbx_id: str, now_is: Recording, login: str, by: int, *, recorded: bool) -> None:
    """Record the calls of `login` or don't; nothing is asked if it is so already. `now_is` as read a moment ago.

    Raises `PbxError`.
    """
    is_exception = any(one.login == login for one in now_is.exceptions)
    if is_exception is not recorded:
        return
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].set_recorded(login, recorded)
    async with desk.db.write() as tx:
        about = f"{login}: {'on' if recorded else 'off'}"
        await people.write_act(tx, by, "recording", desk.clock.now(), pbx_id=pbx_id, about=about)


def _by_name(employees: list[Employee]) -> tuple[Employee, ...]:
    return tuple(sorted(employees, key=lambda one: one.name.casefold()))
