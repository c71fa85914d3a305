"""The PBX's blacklist: whose calls it refuses. Numbers in E.164, ranges as digits and ``*``."""

from dataclasses import dataclass
from enum import StrEnum

from desk import pbx_troubles
from desk.office import Desk
from pbx import numbers
from pbx.errors import PbxError
from pbx.vocabulary import Blocked
from storage import people


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
    """The blacklist, every number in one form. Raises `PbxError`."""
    try:
        rows = await desk.pbxes[pbx_id].blacklist()
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    country = desk.country_of(pbx_id)
    return [Blocked(_normal(row.number, country), row.comment) for row in rows]


async def block(desk: Desk, pbx_id: str, number: str, comment: str, user_id: int) -> None:
    """Refuse the calls of a number or a range. Doing it again changes nothing. Raises `PbxError`."""
    await _change(desk, pbx_id, user_id, "block", number, comment)


async def unblock(desk: Desk, pbx_id: str, number: str, user_id: int) -> Changed:
    """Take the calls of a number or a range again. Raises `PbxError`."""
    rows = await listed(desk, pbx_id)
    if any(row.number == number for row in rows):
        await _change(desk, pbx_id, user_id, "unblock", number)
        return Changed(Result.DONE)
    digits = numbers.digits(number)
    inside = [row for row in rows if row.number.endswith("*") and digits.startswith(row.number[:-1])]
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
    await _write_act(desk, pbx_id, user_id, what, number)


async def _write_act(desk: Desk, pbx_id: str, user_id: int, what: str, about: str) -> None:
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, what, desk.clock.now(), pbx_id=pbx_id, about=about)


def _normal(number: str, country: str) -> str:
    """As the vendor has it in E.164; a range as digits and ``*``; what is no number as it stands."""
    if number.endswith("*"):
        return numbers.digits(number) + "*"
    return numbers.parse(number, country) or number
