"""The short way in for a PBX's events, which nearly all requests are.

They are taken before aiohttp looks for their route, and answered with bytes that stand ready: the same that the long
way answers, in half of the time. Whatever is not as most are (another method, path or version) goes the long way.
"""

import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import SERVER_SOFTWARE

from handlers.webhook.server import EVERYWHERE, Door, counted, refused, take

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
ROUTE = "/pbx/{id}"


def opened(server: web.Server, door: Door) -> None:
    """Have `server` serve `door` by it, before its first request."""
    server.request_handler = _ShortWay(door, server.request_handler).take


class _ShortWay:
    def __init__(self, door: Door, long_way: Handler) -> None:
        self._door = door
        self._long_way = long_way
        self._pbxes = {f"/pbx/{one.id}": one for one in door.desk.pbxes.values() if one.capabilities.webhook}
        self._taken = _Taken()

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        pbx = self._pbxes.get(request.raw_path)
        if pbx is None or not _is_as_most_are(request):
            return await self._long_way(request)
        response: web.StreamResponse
        try:
            answer = await take(self._door, pbx, request)
        except Exception as broken:
            response = refused(broken, ROUTE)
        else:
            if not answer:
                self._door.desk.meters.answered[ROUTE, 200] += 1
                return self._taken
            response = web.json_response(answer)
        return counted(response, self._door, ROUTE, pbx.id)


def _is_as_most_are(request: web.BaseRequest) -> bool:
    return (
        request.method == "POST"
        and request.version == HttpVersion11
        and request.keep_alive
        and hdrs.EXPECT not in request.headers
    )


class _Taken(web.StreamResponse):
    """200 and an empty object, on a connection that is kept. One for all: nothing in it belongs to a request."""

    def __init__(self) -> None:
        super().__init__()
        self._second = 0
        self._bytes = b""

    @property
    def keep_alive(self) -> bool:
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Raises `ConnectionResetError` where nobody is there any more."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        transport.write(self._now())
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """All of it is written already."""

    def _now(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                **EVERYWHERE,
                "Content-Length": "2",
                "Date": formatdate(second, usegmt=True),
                "Server": SERVER_SOFTWARE,
            }
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self._second, self._bytes = second, f"HTTP/1.1 200 OK\r\n{head}\r\n{{}}".encode()
        return self._bytes
