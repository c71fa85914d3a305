"""Whether the program does its work: what `/readyz` says, each trouble in words an operator can act on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from desk.office import Desk
from storage import notices
from storage.database import DatabaseUnavailable

#: A delivery that is due for so long means that the loop is stuck or Telegram is.
DELIVERY_STUCK = timedelta(minutes=5)
#: Seconds until a silent database counts as out.
DATABASE_WITHIN = 2.0


@dataclass(slots=True)
class Health:
    """Asks the parts; they register how they are."""

    desk: Desk
    parts: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    """Name to a function that says what is wrong with the part, or None."""

    async def what_is_wrong(self) -> list[dict[str, str]]:
        """Empty when all is well."""
        wrong = [{"part": name, "problem": said} for name, ask in self.parts.items() if (said := ask())]
        try:
            async with asyncio.timeout(DATABASE_WITHIN), self.desk.db.read() as tx:
                standing = await notices.standing(tx, self.desk.clock.now())
        except (DatabaseUnavailable, TimeoutError) as error:
            return [*wrong, {"part": "database", "problem": str(error) or "it does not answer"}]
        if standing.oldest and self.desk.clock.now() - standing.oldest > DELIVERY_STUCK:
            age = self.desk.clock.now() - standing.oldest
            wrong.append(
                {"part": "delivery", "problem": f"{standing.due} due, the oldest for {age.total_seconds():.0f} s"}
            )
        return wrong
