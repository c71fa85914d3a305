"""Whether the program does its work: what `/readyz` says, each trouble in words an operator can act on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.meters import Asked
from desk.office import Desk
from pbx.errors import AuthFailed, Unavailable
from pbx.phone_system import PhoneSystem, RotatingTokens
from storage import inbox, notices
from storage.database import DatabaseUnavailable
from storage.inbox import Standing

#: A delivery that is due for so long means that the loop is stuck or Telegram is; an event that waits, the worker.
STUCK = timedelta(minutes=5)
#: A PBX is out for a moment now and then; for so long it is worth a word.
PBX_OUT = timedelta(minutes=10)
#: Tokens that end sooner could not be refreshed for days.
TOKENS_END = timedelta(days=3)
#: Seconds until a silent database counts as out.
DATABASE_WITHIN = 2.0

Troubles = list[dict[str, str]]


@dataclass(slots=True)
class Health:
    """Asks the parts; they register how they are."""

    desk: Desk
    parts: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    """Name to a function that says what is wrong with the part, or None."""

    async def what_is_wrong(self) -> Troubles:
        """What keeps the desk from its work; empty when it works."""
        wrong = [_trouble(name, said) for name, ask in self.parts.items() if (said := ask())]
        try:
            async with asyncio.timeout(DATABASE_WITHIN), self.desk.db.read() as tx:
                standing = await notices.standing(tx, self.desk.clock.now())
        except (DatabaseUnavailable, TimeoutError) as error:
            return [*wrong, _trouble("database", str(error) or "it does not answer")]
        if standing.oldest and self.desk.clock.now() - standing.oldest > STUCK:
            age = self.desk.clock.now() - standing.oldest
            wrong.append(_trouble("delivery", f"{standing.due} due, the oldest for {age.total_seconds():.0f} s"))
        return wrong

    async def warnings(self) -> Troubles:
        """What needs somebody's attention although the desk works."""
        now = self.desk.clock.now()
        found = [
            _trouble(f"pbx {pbx_id}", said)
            for pbx_id, pbx in sorted(self.desk.pbxes.items())
            if (said := _pbx(pbx, self.desk.meters.asked.get(pbx_id, Asked()), now))
        ]
        try:
            async with asyncio.timeout(DATABASE_WITHIN), self.desk.db.read() as tx:
                events, owed = await inbox.standing(tx), await notices.standing(tx, now)
        except (DatabaseUnavailable, TimeoutError):
            return found
        found += [_trouble("inbox", said) for said in _inbox(events, now)]
        if owed.stuck:
            found.append(_trouble("delivery", f"Telegram refuses {owed.stuck} messages: see the log"))
        return found


def _trouble(part: str, said: str) -> dict[str, str]:
    return {"part": part, "problem": said}


def _pbx(pbx: PhoneSystem, asked: Asked, now: datetime) -> str | None:
    lasts = now - asked.since if asked.since else timedelta()
    if asked.last == AuthFailed.__name__:
        return _REFUSED[isinstance(pbx, RotatingTokens)]
    if asked.last == Unavailable.__name__ and lasts >= PBX_OUT:
        minutes = int(lasts.total_seconds() // 60)
        return f"out of reach for {minutes} min: check its url, its proxy and the network"
    ends = pbx.token_expiry if isinstance(pbx, RotatingTokens) else None
    if ends is not None and ends - now < TOKENS_END:
        hours = max(int((ends - now).total_seconds() // 3600), 0)
        return f"its tokens end in {hours} h and could not be replaced: see the log, or renew them by hand"
    return None


#: By whether the PBX has tokens that rotate.
_REFUSED = {
    False: "the key is refused: check `key` of this [[pbx]] against the PBX's cabinet",
    True: "the tokens are refused: make new ones in the PBX's cabinet, put them into this [[pbx]] and restart",
}


def _inbox(events: Standing, now: datetime) -> list[str]:
    said = []
    if events.oldest and now - events.oldest > STUCK:
        said.append(f"{events.waiting} events wait, the oldest for {(now - events.oldest).total_seconds():.0f} s")
    if events.failed:
        said.append(f"{events.failed} events could not be worked: ringdesk events failed")
    return said
