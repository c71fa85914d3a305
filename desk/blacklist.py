"""The PBX's blacklist: whose calls it refuses. Numbers in E.164, ranges as digits and ``*``.

What it held when it was last read is kept, so that nobody has to wait for the PBX to know whether a number is in it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk import pbx_troubles
from desk.office import Desk
from pbx import numbers
from pbx.errors import PbxError
from pbx.vocabulary import Blocked
from storage import memory, people
from storage.database import Tx

#: The kept value that holds the list as last read.
_KEPT = "blacklist"


class Result(StrEnum):
    """How taking a number off the blacklist went."""

    DONE = "done"
    NOT_THERE = "not_there"
    IN_RANGE = "in_range"
    """It is not in the list itself, a range in the list holds it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """`entry`: the range that holds the number."""

    result: Result
    entry: Blocked | None = None


async def listed(desk: Desk, pbx_id: str) -> list[Blocked]:
    """The blacklist, every number in one form; kept as the latest reading. Raises `PbxError`."""
    try:
        rows = await desk.pbxes[pbx_id].blacklist()
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    country = desk.country_of(pbx_id)
    current = [Blocked(_normal(row.number, country), row.comment) for row in rows]
    async with desk.db.write() as tx:
        await _keep(desk, tx, pbx_id, [row.number for row in current])
    return current


@dataclass(frozen=True, slots=True)
class Blacklist:
    """The list as it was last read."""

    entries: Sequence[str]

    def holds(self, number: str) -> bool:
        """Whether a number (E.164) is in it, or within a range of it."""
        return any(_covers(entry, number) for entry in self.entries)


async def last_read(tx: Tx, pbx_id: str) -> Blacklist:
    return Blacklist(await _kept(tx, pbx_id))


async def block(desk: Desk, pbx_id: str, number: str, comment: str, user_id: int) -> None:
    """Refuse the calls of a number or a range. Doing it again changes nothing. Raises `PbxError`."""
    await _change(desk, pbx_id, user_id, "block", number, comment)


async def unblock(desk: Desk, pbx_id: str, number: str, user_id: int) -> Changed:
    """Take the calls of a number or a range again. Raises `PbxError`."""
    rows = await listed(desk, pbx_id)
    if any(row.number == number for row in rows):
        await _change(desk, pbx_id, user_id, "unblock", number)
        return Changed(Result.DONE)
    inside = [row for row in rows if _covers(row.number, number)]
    return Changed(Result.IN_RANGE, inside[0]) if inside and not number.endswith("*") else Changed(Result.NOT_THERE)


async def refuses_anonymous(desk: Desk, pbx_id: str) -> bool:
    """Whether calls with a hidden number are refused. Raises `PbxError`."""
    try:
        return await desk.pbxes[pbx_id].blocks_anonymous()
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise


async def refuse_anonymous(desk: Desk, pbx_id: str, user_id: int, *, refuse: bool) -> None:
    """Refuse calls with a hidden number, or take them. Raises `PbxError`."""
    try:
        await desk.pbxes[pbx_id].set_blocks_anonymous(refuse)
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    await _write_act(desk, pbx_id, user_id, "anonymous", "refused" if refuse else "taken")


async def _change(desk: Desk, pbx_id: str, user_id: int, what: str, number: str, comment: str = "") -> None:
    pbx = desk.pbxes[pbx_id]
    try:
        await (pbx.block(number, comment) if what == "block" else pbx.unblock(number))
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"blacklist {pbx_id}")
        others = [entry for entry in await _kept(tx, pbx_id) if entry != number]
        await _keep(desk, tx, pbx_id, [*others, number] if what == "block" else others)
        await people.write_act(tx, user_id, what, desk.clock.now(), pbx_id=pbx_id, about=number)


async def _write_act(desk: Desk, pbx_id: str, user_id: int, what: str, about: str) -> None:
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, what, desk.clock.now(), pbx_id=pbx_id, about=about)


async def _kept(tx: Tx, pbx_id: str) -> list[str]:
    value = await memory.recall(tx, pbx_id, _KEPT)
    entries: list[str] = json.loads(value) if value else []
    return entries


async def _keep(desk: Desk, tx: Tx, pbx_id: str, entries: Sequence[str]) -> None:
    await memory.keep(desk.db, tx, pbx_id, _KEPT, json.dumps(entries), desk.clock.now())


def _covers(entry: str, number: str) -> bool:
    """Whether an entry is the number, or a range that holds it."""
    start = entry.removesuffix("*")
    return entry == number or (entry.endswith("*") and bool(start) and numbers.digits(number).startswith(start))


def _normal(number: str, country: str) -> str:
    """As the vendor has it in E.164; a range as digits and ``*``; what is no number as it stands."""
    if number.endswith("*"):
        return numbers.digits(number) + "*"
    return numbers.parse(number, country) or number
