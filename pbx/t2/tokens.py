"""The token pair: kept durably before its first use, refreshed well ahead, once, by one process.

A refresh kills both tokens of the old pair. If the new pair is lost between the reply and the disk, the office is
locked out until somebody generates tokens by hand; so the exchange can't be cancelled half-way.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pbx.phone_system import Keeper
from pbx.t2.refusals import Refusal, TokenRefused
from pbx.t2.wire import Tokens

NAME = "t2-tokens"
ACCESS_LIVES = timedelta(days=1)
REFRESH_LIVES = timedelta(days=7)
#: How often, and how far apart in seconds, the store is read again when another process was quicker to refresh.
LOOKS, BETWEEN_LOOKS = 5, 0.5


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    obtained_at: datetime
    """When t2 gave it to us, or when we first saw it in the configuration."""
    configured: str = field(repr=False)
    """The fingerprint of the configured pair that it descends from."""

    @property
    def access_ends(self) -> datetime:
        return _ends(self.access, self.obtained_at + ACCESS_LIVES)

    @property
    def refresh_ends(self) -> datetime:
        return _ends(self.refresh, self.obtained_at + REFRESH_LIVES)

    @property
    def refresh_due(self) -> datetime:
        """Half-way through the access token's life: the other half is for trying again."""
        return self.obtained_at + (self.access_ends - self.obtained_at) / 2

    def to_json(self) -> str:
        values = {
            "access": self.access,
            "refresh": self.refresh,
            "obtained_at": self.obtained_at.isoformat(),
            "configured": self.configured,
        }
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str | None) -> "TokenPair | None":
        try:
            values = json.loads(text or "")
            obtained_at = datetime.fromisoformat(values["obtained_at"])
            return cls(values["access"], values["refresh"], obtained_at, values["configured"])
        except (ValueError, KeyError, TypeError):
            return None


def fingerprint(access: str, refresh: str) -> str:
    """Tells whether the configured pair changed, without keeping it twice."""
    return hashlib.sha256(f"{access}\n{refresh}".encode()).hexdigest()


class TokenStore:
    """The pair in use, and its exchange for a new one."""

    def __init__(
        self,
        configured: tuple[str, str],
        *,
        keeper: Keeper,
        clock: Callable[[], datetime],
        renew: Callable[[str], Awaitable[Tokens]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`renew` asks t2 for a new pair by the refresh token."""
        self._configured = configured
        self._fingerprint = fingerprint(*configured)
        self._keeper = keeper
        self._clock = clock
        self._renew = renew
        self._pause = pause
        self._pair: TokenPair | None = None
        self._unsaved: TokenPair | None = None
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[TokenPair]] = set()

    @property
    def known(self) -> TokenPair | None:
        """The pair in use; None until it was first needed."""
        return self._pair

    async def current(self) -> TokenPair:
        """The pair to use now. One that could not be saved is saved before it is used."""
        if self._pair is None or self._unsaved is not None:
            async with self._lock:
                await self._settle()
        assert self._pair is not None
        return self._pair

    async def refresh(self) -> TokenPair:
        """A new pair, saved. If another process has just got one, that."""
        return await self._whole(self._refresh(await self.current()))

    async def after(self, used: TokenPair, refused: TokenRefused) -> TokenPair:
        """The pair to try once more with, after `used` was refused. Raises `refused` if there is no hope."""
        return await self._whole(self._replace(used, refused))

    async def close(self) -> None:
        """Let a running exchange end."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _whole(self, exchange: Coroutine[None, None, TokenPair]) -> TokenPair:
        """To the end, even if whoever waits for it is cancelled."""
        task = asyncio.create_task(exchange)
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: "asyncio.Task[TokenPair]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it, if anybody still did

    async def _replace(self, used: TokenPair, refused: TokenRefused) -> TokenPair:
        async with self._lock:
            await self._settle()
            if self._pair and self._pair.access != used.access:
                return self._pair
            newer = await self._newer_than(used)
            if newer is None and refused.why is Refusal.EXPIRED:
                return await self._exchange(used)
            if newer is None:
                raise refused
            self._pair = newer
            return newer

    async def _refresh(self, used: TokenPair) -> TokenPair:
        async with self._lock:
            await self._settle()
            if self._pair and self._pair.access != used.access:
                return self._pair
            self._pair = await self._newer_than(used) or await self._exchange(used)
            return self._pair

    async def _exchange(self, old: TokenPair) -> TokenPair:
        try:
            reply = await self._renew(old.refresh)
        except TokenRefused as refused:
            newer = await self._newer_than(old, LOOKS) if refused.why is Refusal.ALREADY_UPDATED else None
            if newer is None:
                raise
            self._pair = newer
            return newer
        self._unsaved = TokenPair(reply.access_token, reply.refresh_token, self._clock(), self._fingerprint)
        await self._settle()
        assert self._pair is not None
        return self._pair

    async def _newer_than(self, used: TokenPair, looks: int = 1) -> TokenPair | None:
        """What another process may have stored meanwhile; it may be between t2's reply and the disk."""
        for look in range(looks):
            if look:
                await self._pause(BETWEEN_LOOKS)
            stored = TokenPair.from_json(await self._keeper.load(NAME))
            if stored and stored.configured == self._fingerprint and stored.access != used.access:
                return stored
        return None

    async def _settle(self) -> None:
        """Have a pair, and have it on disk. A pair from the configuration is not stored: it is there already."""
        if self._unsaved is not None:
            await self._keeper.save(NAME, self._unsaved.to_json())
            self._pair, self._unsaved = self._unsaved, None
        if self._pair is None:
            stored = TokenPair.from_json(await self._keeper.load(NAME))
            mine = stored if stored and stored.configured == self._fingerprint else None
            self._pair = mine or TokenPair(*self._configured, self._clock(), self._fingerprint)


def _ends(token: str, at_most: datetime) -> datetime:
    """t2's tokens are JWTs that say when they end; one that can't be read lives as long as the manual says."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return min(datetime.fromtimestamp(claims["exp"], UTC), at_most)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, OSError):
        return at_most
