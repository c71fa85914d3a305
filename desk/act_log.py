"""What people did, newest first: read back out of the log of acts, with names where they are known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.client_names import known_as
from desk.office import Desk, pbx_name
from storage import cases, people
from storage.database import Tx
from storage.people import Act

_CASE = re.compile(r"case (\d+)(?:, (.*))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody did something."""

    at: datetime
    who: str
    what: str
    about: str
    """As it was written down, employees by name: ``Sales, Igor Volkov: on``."""
    value: str = ""
    """What it was set to: the part after the last colon."""
    client: str | None = None
    """The client it concerns, E.164."""
    client_name: str | None = None
    pbx_name: str | None = None
    """Where there are several."""


async def last(desk: Desk, tx: Tx, limit: int, offset: int = 0) -> list[Entry]:
    """So many acts, newest first, without the `offset` newest."""
    done = await people.last_acts(tx, limit, offset)
    persons = await people.get_many(tx, sorted({one.user_id for one in done}))
    names = {people.COMMAND_LINE: "ringdesk"} | {user_id: person.name for user_id, person in persons.items()}
    return [await _entry(desk, tx, one, names.get(one.user_id, str(one.user_id))) for one in done]


async def _entry(desk: Desk, tx: Tx, act: Act, who: str) -> Entry:
    subject, value = _parted(act.about)
    client, subject = await _client(tx, subject)
    here = [act.pbx_id] if act.pbx_id and act.pbx_id in desk.pbxes else []
    name, _ = await known_as(desk, tx, client, here)
    logins = await people.employee_names(tx, act.pbx_id) if act.pbx_id and subject else {}
    return Entry(
        at=act.at,
        who=who,
        what=act.what,
        about=_named(subject, logins),
        value=value,
        client=client,
        client_name=name,
        pbx_name=pbx_name(desk, act.pbx_id) if act.pbx_id else None,
    )


def _parted(about: str) -> tuple[str, str]:
    subject, colon, value = about.rpartition(": ")
    return (subject, value) if colon else (about, "")


async def _client(tx: Tx, subject: str) -> tuple[str | None, str]:
    """The client that an act concerns, and what else is said. A case that is forgotten keeps its number."""
    if match := _CASE.fullmatch(subject):
        case = await cases.get(tx, int(match[1]))
        return (case.client, match[2] or "") if case and case.client else (None, subject)
    return (subject, "") if re.fullmatch(r"\+\d{5,15}", subject) else (None, subject)


def _named(subject: str, logins: dict[str, str]) -> str:
    parts: Sequence[str] = subject.split(", ")
    return ", ".join(logins.get(part, part) for part in parts)
