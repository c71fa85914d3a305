"""Who asks: somebody whom Telegram has signed for and whom the desk knows. Whoever else is refused in a sentence."""

from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from desk import access, board
from desk.access import Who
from handlers.board import signed
from handlers.board.routes import DOOR
from handlers.board.signed import NotSigned, TooOld
from handlers.board.wording import Wording
from storage import people

#: As Mini Apps name it.
SCHEME = "tma "


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may see the board."""

    who: Who
    words: Wording
    pbx_ids: list[str]
    chat_id: int | None
    """From which the board was opened."""


class Refused(Exception):
    """Answered with one sentence for the person."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


async def of(request: web.Request) -> Visitor:
    """Raises `Refused`."""
    door = request.app[DOOR]
    said = request.headers.get(hdrs.AUTHORIZATION, "")
    try:
        if not said.startswith(SCHEME):
            raise NotSigned("nothing said")
        opening = signed.opening(said.removeprefix(SCHEME), door.key, door.desk.clock.now())
    except NotSigned as error:
        words = await door.voices(None)
        raise Refused(401, words.not_signed(too_old=isinstance(error, TooOld))) from None
    async with door.desk.db.read() as tx:
        person = await people.get(tx, opening.user_id)
        who = await access.who(door.desk, tx, opening.user_id, opening.name)
        pbx_ids = await board.readable(door.desk, tx, who, opening.chat_id)
    words = await door.voices(person.language if person else None)
    if not pbx_ids:
        raise Refused(403, words.refused(who))
    return Visitor(who, words, pbx_ids, opening.chat_id)


async def body_of(request: web.Request) -> dict[str, Any]:
    """A JSON object; whatever else is sent is an empty one."""
    try:
        said = await request.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
