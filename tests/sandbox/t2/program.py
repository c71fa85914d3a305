"""A plain client of the simulated PBX, and a clock that tests turn by hand."""

import asyncio
import heapq
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

ACCESS, REFRESH = "access-0", "refresh-0"
#: A Thursday, 15:00 in Moscow.
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
PERIOD = "start=2026-03-12T00%3A00%3A00%2B03%3A00&end=2026-03-13T00%3A00%3A00%2B03%3A00"
INFO, MISSING = f"/call-records/info?{PERIOD}", f"/statistics/missing?{PERIOD}"


class Clock:
    """Sleeping takes no time; while `held`, only as `let_pass` says."""

    def __init__(self) -> None:
        self.at = NOON
        self.held = False
        self._sleepers: list[tuple[datetime, int, asyncio.Event]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        if not self.held:
            self.at += timedelta(seconds=seconds)
            return await asyncio.sleep(0)
        over = asyncio.Event()
        heapq.heappush(self._sleepers, (self.at + timedelta(seconds=seconds), next(self._order), over))
        await over.wait()
        return None

    async def let_pass(self, seconds: float) -> None:
        until = self.at + timedelta(seconds=seconds)
        await _others_get_on()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.at, _, over = heapq.heappop(self._sleepers)
            over.set()
            await _others_get_on()
        self.at = until


async def _others_get_on() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Api:
    """Paths are sent as they are written, percent by percent."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url, self.token = session, url, ACCESS

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        status: int = 200,
        **headers: str,
    ) -> Any:
        """The parsed answer, or its text when it is no JSON. `body` is sent as JSON unless it is text."""
        url = URL(self.url + "/crm/openapi" + path, encoded=True)
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        sent = {"Authorization": self.token if token is None else token}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, url, data=data, headers=sent, allow_redirects=False) as response:
            found = await response.text(errors="replace")
            assert response.status == status, (response.status, found)
            return json.loads(found) if response.content_type == "application/json" else found
