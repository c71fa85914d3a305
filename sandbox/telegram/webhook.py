"""Posts updates to the bot's webhook over real HTTP: in order, one by one, again and again until it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from sandbox.telegram import params
from sandbox.telegram.params import Params
from sandbox.telegram.updates import Updates, Webhook
from sandbox.telegram.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

Reply = Callable[[Params], Awaitable[None]]


class Deliverer:
    """Runs between `start` and `stop`. `delays` are the seconds before each next try, the last one repeated."""

    def __init__(
        self,
        world: World,
        *,
        delays: Sequence[float] = (1, 2, 4, 8, 16, 32, 60),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        answer_within: float = 60.0,
    ) -> None:
        self._world = world
        self._delays = delays
        self._sleep = sleep
        self._answer_within = answer_within
        self._task: asyncio.Task[None] | None = None
        self._reply: Reply | None = None

    @property
    def _updates(self) -> Updates:
        return self._world.updates

    @property
    def _webhook(self) -> Webhook:
        return self._world.webhook

    def start(self, reply: Reply) -> None:
        """Begin; `reply` carries out a method call found in a webhook's answer."""
        self._reply = reply
        self.restart()

    def restart(self) -> None:
        """The webhook was set, changed or deleted."""
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._run()) if self._webhook.url and self._reply else None

    async def stop(self) -> None:
        """End; what waits stays waiting."""
        self._reply = None
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self._answer_within)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            failures = 0
            while True:
                if not self._updates.waiting:
                    await self._updates.arrival()
                    continue
                if await self._post(session, self._updates.waiting[0]):
                    failures = 0
                else:
                    await self._sleep(self._delays[min(failures, len(self._delays) - 1)])
                    failures += 1

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, object]) -> bool:
        headers = {SECRET_HEADER: self._webhook.secret} if self._webhook.secret else {}
        try:
            async with session.post(self._webhook.url, json=update, headers=headers) as response:
                if not 200 <= response.status < 300:
                    return self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                call = await params.from_reply(response.content_type, response.headers, response.content)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return self._failed("Read timeout expired" if isinstance(error, TimeoutError) else "Connection failed")
        if self._updates.waiting and self._updates.waiting[0] is update:
            self._updates.waiting.popleft()
        self._world.feed.stir()
        if call.values.get("method") and self._reply:
            await self._reply(call)
        return True

    def _failed(self, why: str) -> bool:
        self._webhook.last_error, self._webhook.last_error_at = why, self._world.clock()
        self._world.feed.stir()
        return False
