"""Who comes to the door with a wrong key: slowed down by address, and told to the administrators once a day.

A right key always passes, whatever others send from the same address: that may be a proxy that all of them share.
"""

import asyncio
from collections import OrderedDict, defaultdict
from contextlib import suppress
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING

from aiohttp import web

from desk.office import Desk
from pbx.later import later
from storage.database import DatabaseUnavailable

if TYPE_CHECKING:
    import pyrate_limiter

    from desk import admins
else:
    pyrate_limiter, admins = later("pyrate_limiter"), later("desk.admins")

#: Wrong keys per address and minute that are answered as such; more are told to come back later.
TRIES, MINUTE = 100, 60_000
#: Addresses remembered; beyond that the one that was silent longest is forgotten.
REMEMBERED = 1000
#: So many wrong keys for a PBX in a day are no slip of the hand.
TOLD_AFTER = 3


class Strangers:
    """One for the server. `staffed` is set when who tells the administrators is there."""

    def __init__(self, desk: Desk, staffed: asyncio.Event) -> None:
        self._desk = desk
        self._staffed = staffed
        self._by_address: OrderedDict[str, pyrate_limiter.InMemoryBucket] = OrderedDict()
        self._today: tuple[date, defaultdict[str, int]] = (date.min, defaultdict(int))

    async def refused(self, pbx_id: str, address: IPv4Address | IPv6Address) -> None:
        """A wrong key, or none. Raises 429 where there were too many."""
        now = self._desk.clock.now()
        day = now.astimezone(self._desk.office.timezone).date()
        if self._today[0] != day:
            self._today = (day, defaultdict(int))
        self._today[1][pbx_id] += 1
        if self._today[1][pbx_id] == TOLD_AFTER:
            await self._tell(pbx_id, address)
        bucket = self._bucket(address)
        milliseconds = int(now.timestamp() * 1000)
        bucket.leak(milliseconds)
        if not bucket.put(pyrate_limiter.RateItem("", milliseconds)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})

    def _bucket(self, address: IPv4Address | IPv6Address) -> "pyrate_limiter.InMemoryBucket":
        """An IPv6 caller has a whole /64 to call from."""
        network = str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
        bucket = self._by_address.pop(network, None)
        if bucket is None:
            bucket = pyrate_limiter.InMemoryBucket([pyrate_limiter.Rate(TRIES, MINUTE)])
        self._by_address[network] = bucket
        if len(self._by_address) > REMEMBERED:
            self._by_address.popitem(last=False)
        return bucket

    async def _tell(self, pbx_id: str, address: IPv4Address | IPv6Address) -> None:
        await self._staffed.wait()
        with suppress(DatabaseUnavailable):  # the next day is another chance
            async with self._desk.db.write() as tx:
                await admins.tell(self._desk, tx, "wrong_keys", pbx_id, pbx=pbx_id, address=str(address))
            self._desk.deliveries.ring()
