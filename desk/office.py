"""The office: its hours, its country, its language, and the desk that everything is handed to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.clock import Clock, Wake
from desk.meters import Meters
from desk.turns import Turns
from pbx.phone_system import PhoneSystem
from storage.database import Database

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(
    r"^\s*(?P<first>[A-Za-z]{3})(?:\s*-\s*(?P<last>[A-Za-z]{3}))?\s+(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d)\s*$"
)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When the office works: for each weekday (0 is Monday) the minutes [start, end) since local midnight."""

    spans: tuple[tuple[tuple[int, int], ...], ...]

    @classmethod
    def parse(cls, text: str) -> "WorkingHours":
        """``Mon-Fri 09:00-18:00``; parts by commas; until 23:59 or 24:00 means until midnight. Raises ValueError."""
        spans: list[list[tuple[int, int]]] = [[] for _ in _DAYS]
        for part in text.split(","):
            match = _HOURS.match(part)
            if not match:
                raise ValueError(f'"{part.strip()}" should look like "Mon-Fri 09:00-18:00"')
            first, last = _day(match["first"]), _day(match["last"] or match["first"])
            start, end = _minutes(match["start"]), _minutes(match["end"])
            end = _DAY_MINUTES if end == _DAY_MINUTES - 1 else end
            if start >= end:
                raise ValueError(f'"{part.strip()}" ends before it begins; write a night as two parts')
            for day in range(first, first + (last - first) % 7 + 1):
                spans[day % 7].append((start, end))
        return cls(tuple(tuple(sorted(day)) for day in spans))

    def contains(self, moment: datetime, zone: ZoneInfo) -> bool:
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.spans[local.weekday()])


def _day(name: str) -> int:
    try:
        return _DAYS.index(name.casefold())
    except ValueError:
        raise ValueError(f'"{name}" is no weekday; use Mon Tue Wed Thu Fri Sat Sun') from None


def _minutes(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if hours * 60 + minutes > _DAY_MINUTES or minutes > 59:
        raise ValueError(f'"{text}" is no time of day')
    return hours * 60 + minutes


@dataclass(frozen=True, slots=True)
class Office:
    """What the configuration says about the company as a whole."""

    timezone: ZoneInfo
    country: str
    language: str
    working_hours: WorkingHours
    admins: frozenset[int]
    calls_days: int = 365
    raw_days: int = 30
    public_url: str = ""
    """Where the internet reaches us; empty if it does not."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every rule needs, handed in once."""

    office: Office
    db: Database
    clock: Clock
    pbxes: Mapping[str, PhoneSystem]
    reconcile_minutes: Mapping[str, int] = field(default_factory=dict)
    """How often each PBX's recent history is read again."""
    poll_seconds: Mapping[str, int] = field(default_factory=dict)
    """How often a PBX without a webhook is asked for news."""
    events: Wake = field(default_factory=Wake)
    """Rung when the inbox has grown."""
    deliveries: Wake = field(default_factory=Wake)
    """Rung when a chat shows less than it should."""
    recordings: Wake = field(default_factory=Wake)
    """Rung when somebody waits for a recording."""
    menus: Wake = field(default_factory=Wake)
    """Rung when somebody may do more or less than before, or is spoken to in another language."""
    meters: Meters = field(default_factory=Meters)
    """What is counted on the way."""
    turns: Turns = field(default_factory=Turns)
    """For what must not be done twice at the same time at a PBX."""

    def country_of(self, pbx_id: str | None) -> str:
        pbx = self.pbxes.get(pbx_id or "")
        return pbx.country if pbx else self.office.country


def local_midnight(day: datetime, zone: ZoneInfo, days: int = 0) -> datetime:
    """The UTC moment at which the local day of `day`, moved by `days`, begins."""
    date = day.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(date, time(), tzinfo=zone).astimezone(UTC)


def pbx_name(desk: Desk, pbx_id: str | None) -> str | None:
    """Said only where there is more than one."""
    return pbx_id if pbx_id and len(desk.pbxes) > 1 else None
