"""Which of several processes on one PostgreSQL leads, and how they wake one another. One connection serves both.

The lead is an advisory lock, which belongs to the connection. PostgreSQL passes it on at once when the process that
held it is killed, and within `SILENT` when that hangs, or its machine or network is gone. It does not work through a
pooler that shares connections between transactions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from zlib import crc32

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, Tx, is_outage

log = structlog.get_logger()

#: Seconds between signs of life; who waits for the lead asks for it as often.
BEAT = 2.0
#: Seconds until an unanswered sign of life means that the database is gone: then we lead no more.
UNANSWERED = 5.0
#: Seconds of silence after which PostgreSQL ends our connection, and with it our lead. More than the two together.
SILENT = 12
CHANNEL = "ringdesk"
LOCK = crc32(b"ringdesk leads")


async def is_led(tx: Tx) -> bool:
    """Whether some process leads: PostgreSQL shows a lock by the two halves of its number."""
    held = text("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock)")
    return bool((await tx.execute(held, {"lock": LOCK})).scalar_one())


class Bell(Protocol):
    """What a loop waits for; `also` is called when it is rung here, so that it can be rung elsewhere."""

    also: Callable[[], None] | None

    def ring_here(self) -> None: ...


class Leadership:
    """`run` for as long as the process lives."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._bells: dict[str, Bell] = {}
        self._unsaid: set[str] = set()
        self._said = asyncio.Event()
        self.leads: bool | None = None
        """None until it was first tried."""

    def share(self, name: str, bell: Bell) -> None:
        """The leader has a loop that waits for `bell`: from now on it hears that of every process."""
        self._bells[name] = bell
        bell.also = partial(self._pass_on, name)

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Have `lead` run here and in no other process; it is cancelled when the lead is lost. Cancelled to stop."""
        while True:
            try:
                await self._with_a_connection(lead)
            except (DBAPIError, OSError, TimeoutError, _Lost) as broken:
                log.warning("no connection to share the work by", reason=type(broken).__name__)
            await asyncio.sleep(BEAT)

    async def _with_a_connection(self, lead: Callable[[], Awaitable[None]]) -> None:
        async with self._db.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                await _answered(driver.execute(f"SET idle_session_timeout = '{SILENT}s'"))
                await _answered(driver.add_listener(CHANNEL, self._heard))
                await self._beat(driver, lead)
            finally:
                # Never back to the pool: the lock would go on being held by nobody.
                with suppress(Exception):
                    driver.terminate()
                await connection.invalidate()

    async def _beat(self, driver: Any, lead: Callable[[], Awaitable[None]]) -> None:
        leading: asyncio.Future[None] | None = None
        try:
            while True:
                if leading is None:
                    self.leads = await _answered(driver.fetchval("SELECT pg_try_advisory_lock($1)", LOCK))
                    if self.leads:
                        log.info("this process leads")
                        leading = asyncio.ensure_future(lead())
                else:
                    await _answered(driver.execute("SELECT 1"))  # the connection lives, and so does the lock
                if leading and leading.done():
                    raise _Lost
                await self._say_what_rang(driver)
        finally:
            self.leads = False
            if leading:
                leading.cancel()
                await asyncio.wait({leading})

    async def _say_what_rang(self, driver: Any) -> None:
        """Until something rings, `BEAT` seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._said.wait()
        self._said.clear()
        while self._unsaid:
            await _answered(driver.execute("SELECT pg_notify($1, $2)", CHANNEL, self._unsaid.pop()))

    def _pass_on(self, name: str) -> None:
        if not self.leads:
            self._unsaid.add(name)
            self._said.set()

    def _heard(self, _connection: object, _pid: int, _channel: str, name: object) -> None:
        bell = self._bells.get(str(name))
        if bell and self.leads:
            bell.ring_here()


class _Lost(Exception):
    """The connection, or what was to be led."""


async def _answered(question: Awaitable[Any]) -> Any:
    try:
        async with asyncio.timeout(UNANSWERED):
            return await question
    except Exception as broken:
        if is_outage(broken):
            raise _Lost(type(broken).__name__) from None
        raise
