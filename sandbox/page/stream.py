"""The live stream: every change of the world, the trace and the status, as server-sent events."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from sandbox.page.actions import STAGE
from sandbox.telegram import Watcher

STREAMS: web.AppKey[set[Watcher]] = web.AppKey("streams", set[Watcher])
#: A word now and then, so that a connection that died is noticed.
HEARTBEAT = 15.0


async def stream(request: web.Request) -> web.StreamResponse:
    """Begins with `hello`, upon which the page asks for the state; ends when the server does."""
    world = request.app[STAGE].world
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    async with world.watch() as changes:
        request.app[STREAMS].add(changes)
        await response.prepare(request)
        await response.write(b'retry: 1000\ndata: {"kind": "hello"}\n\n')
        beating = asyncio.create_task(_beat(response))
        try:
            await _pass_on(changes, response)
        except (ConnectionError, asyncio.CancelledError):
            if not _gone(request):
                raise
        finally:
            beating.cancel()
            request.app[STREAMS].discard(changes)
    return response


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _pass_on(changes: Watcher, response: web.StreamResponse) -> None:
    async for change in changes:
        await response.write(f"data: {json.dumps(change, ensure_ascii=False)}\n\n".encode())


async def _beat(response: web.StreamResponse) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        await response.write(b": still here\n\n")
