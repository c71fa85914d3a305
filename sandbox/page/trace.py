"""What the PBX sent and what the bot did, as short lines: a key and values, which the page puts into words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

#: Who acts on whom; `stage` is the scene being played: the people and the switches.
Party = Literal["pbx", "bot", "telegram", "stage"]
KEPT = 400
#: So many lines at the end are before a reader's eyes.
IN_SIGHT = 12
#: Said of many phones or clients at once, and then told in one line; what comes later than that is news again.
AT_ONCE = frozenset({"pbx.rings", "pbx.stopped_ringing", "pbx.missed"})
ONE_MOMENT = timedelta(milliseconds=700)


@dataclass(slots=True)
class Entry:
    """One line. `ok` None: nothing was asked of anybody. `times` counts the same thing said again.

    `others`: of how many more the like was said in the same moment. `pbx`: which one it is, where a PBX is one of
    the two.
    """

    id: int
    at: datetime
    source: Party
    target: Party
    say: str
    values: dict[str, str]
    ok: bool | None = None
    status: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    others: int = 0
    pbx: str = ""

    def view(self) -> dict[str, Any]:
        """As JSON for the page."""
        return asdict(self) | {"at": self.at.isoformat(), "detail": dict(self.detail)}

    def same(self, other: Entry) -> bool:
        """Whether a reader would see the same line again."""
        return self.like(other) and self.values == other.values

    def like(self, other: Entry) -> bool:
        """The same of something else."""
        alike = ("source", "target", "say", "ok", "status", "pbx")
        return all(getattr(self, name) == getattr(other, name) for name in alike)


class Trace:
    """The last lines, told to `tell` as they come."""

    def __init__(
        self,
        tell: Callable[[dict[str, Any]], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        kept: int = KEPT,
    ) -> None:
        self._tell, self._now = tell, now
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._next = 1

    def note(
        self,
        source: Party,
        target: Party,
        say: str,
        values: Mapping[str, object] | None = None,
        *,
        ok: bool | None = None,
        status: str = "",
        detail: Mapping[str, Any] | None = None,
        pbx: str = "",
    ) -> Entry:
        """Add a line, or count the last one once more if it says the same."""
        words = {name: str(value) for name, value in (values or {}).items()}
        entry = Entry(self._next, self._now(), source, target, say, words, ok, status, detail or {}, pbx=pbx)
        entry = self._told_already(entry) or self._added(entry)
        self._tell({"kind": "trace", "entry": entry.view()})
        return entry

    def _told_already(self, entry: Entry) -> Entry | None:
        """The last line, which now stands for this one too."""
        last = self._entries[-1] if self._entries else None
        if last and last.same(entry):
            last.times += 1
            last.detail = entry.detail
        elif last and entry.say in AT_ONCE and last.like(entry) and entry.at - last.at < ONE_MOMENT:
            last.others += 1
        else:
            return None
        last.at = entry.at
        return last

    def _added(self, entry: Entry) -> Entry:
        self._next += 1
        self._entries.append(entry)
        return entry

    def again(self, entry: Entry) -> bool:
        """Count a line once more where it stands; False if so much was said since that nobody would see it."""
        if self._next - entry.id > IN_SIGHT:
            return False
        entry.times += 1
        entry.at = self._now()
        self._tell({"kind": "trace", "entry": entry.view()})
        return True

    def views(self) -> list[dict[str, Any]]:
        """All lines there are, oldest first."""
        return [entry.view() for entry in self._entries]


def pretty(phone: str) -> str:
    """A Russian or Ukrainian number as people write it; anything else as it is."""
    digits = phone.removeprefix("+")
    if not digits.isdigit():
        return phone
    if len(digits) == 11 and digits[0] == "7":
        return f"+7 {digits[1:4]} {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    if len(digits) == 12 and digits.startswith("380"):
        return f"+380 {digits[3:5]} {digits[5:8]} {digits[8:]}"
    return phone
