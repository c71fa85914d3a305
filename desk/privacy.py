"""What the office keeps about one client: shown whole, or forgotten whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk import sources
from desk.office import Desk
from pbx import numbers
from storage import everything_about, forgotten, people, tables
from storage.everything_about import Everything
from storage.forgotten import Messages

_KEPT_BY_CALL = (sources.KEPT_AS,)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed: rows by table, and messages that the delivery loop is to take away."""

    rows: dict[str, int]
    messages: Messages


async def known(desk: Desk, number: str) -> Everything:
    """All there is about a client, bodies included. `number` in E.164. Raises `DatabaseUnavailable`."""
    ids, _ = await everything_about.bodies(desk.db, number)
    async with desk.db.read() as tx:
        found = await everything_about.find(tx, number, kept_by_call=_KEPT_BY_CALL)
        found.rows[tables.inbox.name] = await everything_about.events(tx, ids)
        found.rows[tables.updates.name] = await everything_about.failed_updates(tx, number)
    return found


async def forget(desk: Desk, number: str, by: int = people.COMMAND_LINE) -> Forgotten:
    """Remove it all in one transaction; the log of acts says that somebody was forgotten, not who.

    Doing it again does nothing more. Raises `DatabaseUnavailable`: then nothing was removed.
    """
    ids, last = await everything_about.bodies(desk.db, number)
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"client {number}", f"call {number}")
        found = await everything_about.find(tx, number, kept_by_call=_KEPT_BY_CALL)
        ids += await everything_about.bodies_after(tx, number, last)
        found.rows[tables.inbox.name] = await everything_about.events(tx, ids)
        found.rows[tables.updates.name] = await everything_about.failed_updates(tx, number)
        messages = await forgotten.take_out(desk.db, tx, found, desk.clock.now())
        if found:
            await people.write_act(tx, by, "forget", desk.clock.now())
    desk.deliveries.ring()
    return Forgotten({name: len(rows) for name, rows in found.rows.items() if rows}, messages)


def document(desk: Desk, found: Everything) -> dict[str, Any]:
    """All of it as plain values for JSON: times with the office's offset, bodies as text."""
    told = {name: [_plain(desk, row) for row in rows] for name, rows in found.rows.items() if rows}
    return {
        "number": found.number,
        "written": numbers.display(found.number),
        "exported_at": _moment(desk, desk.clock.now()),
        **told,
    }


def _plain(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the columns that say nothing."""
    return {name: _value(desk, value) for name, value in row.items() if value is not None}


def _value(desk: Desk, value: Any) -> Any:
    plain = _AS_PLAIN.get(type(value))
    return plain(desk, value) if plain else value


def _moment(desk: Desk, moment: datetime) -> str:
    return moment.astimezone(desk.office.timezone).isoformat()


_AS_PLAIN: dict[type, Callable[[Desk, Any], Any]] = {
    datetime: _moment,
    bytes: lambda _, body: body.decode("utf-8", "replace"),
}
