"""Where the board is found. What is there is imported when it is first asked for: the server opens before."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from aiohttp import web

from desk.office import Desk

if TYPE_CHECKING:
    from handlers.board.wording import Voices


@dataclass(frozen=True, slots=True)
class BoardDoor:
    """What the routes need. `key`: of the bot's signatures."""

    desk: Desk
    key: bytes
    voices: "Voices"


DOOR = web.AppKey("board", BoardDoor)


def open_door(app: web.Application, door: BoardDoor) -> None:
    """Mount the board on the server's application."""
    app[DOOR] = door
    app.router.add_get("/board", answered("page"))
    app.router.add_get("/board/{file}", answered("static"))
    app.router.add_get("/board/api/page", answered("start"))
    app.router.add_get("/board/api/now", answered("now"))
    app.router.add_get("/board/api/today", answered("today"))
    app.router.add_get("/board/api/picture", answered("picture"))
    app.router.add_get("/board/api/search", answered("search"))
    app.router.add_post("/board/api/cases/{case}/{act}", answered("act"))


def answered(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """By the function of that name in `handlers.board.door`."""

    async def handle(request: web.Request) -> web.Response:
        door = await asyncio.to_thread(_door)
        response: web.Response = await getattr(door, name)(request)
        return response

    return handle


def _door() -> ModuleType:
    from handlers.board import door

    return door
