"""The history export of a VATS: how the rows of either of its APIs become calls.

`duration` is the talk here, beside `wait` (in a webhook's `history` it is the whole call).
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pbx import numbers
from pbx.vats_dialect import OUTCOMES, call_back, moment, person, seconds, stars
from pbx.vocabulary import Call, Destination, Direction, Followup, Outcome

#: Looked up casefolded.
DESTINATIONS = {
    "user": Destination.EMPLOYEE,
    "group": Destination.DEPARTMENT,
    "telnum": Destination.OUTSIDE_NUMBER,
    "ivr": Destination.MENU,
    "onduty": Destination.ON_DUTY,
    "on duty": Destination.ON_DUTY,  # revision 1
    "offtime": Destination.OUTSIDE_HOURS,
    "hello": Destination.GREETING,
    "vm": Destination.VOICEMAIL,
    "am": Destination.ANSWERING_MACHINE,
    "fax": Destination.FAX,  # the form API's `account`
}

#: `missedStatus` of an incoming row.
FOLLOWUPS = {
    "1": Followup.REACHED_US,
    "2": Followup.RETURNED,
    "3": Followup.NOT_RETURNED,
    "4": Followup.NOT_REACHED,
}

#: `type` is the direction, but in CSV it also holds `missed` and even `success`: an incoming call, and its status.
TYPES = {
    "": (Direction.IN, ""),
    "in": (Direction.IN, ""),
    "out": (Direction.OUT, ""),
    "missed": (Direction.IN, "missed"),
    "success": (Direction.IN, "success"),
}

#: How far the two readings of a time in the request may lie apart, where the export's zone is not UTC.
_ZONES_APART = timedelta(hours=14)

_OFFSET = re.compile(r"T.*[+-]\d\d:?\d\d$")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the export, everything still in the vendor's words."""

    uid: str
    type: str
    start: str
    status: str = ""
    client: str = ""
    our_number: str = ""
    our_number_name: str = ""
    user: str = ""
    department: str = ""
    destination: str = ""
    wait: str = ""
    duration: str = ""
    record: str = ""
    rating: str = ""
    missed_status: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Calls that began in [start, end), as an export whose times may be another zone's."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def asked(self) -> tuple[datetime, datetime]:
        """`start` and `end` for the request: wide enough whether the PBX takes them as UTC or as its own zone."""
        margin = timedelta(0) if self.zone.key == "UTC" else _ZONES_APART
        return self.start - margin, self.end + margin + timedelta(seconds=1 if self.end.microsecond else 0)

    def calls(self, rows: list[Row], country: str) -> list[Call]:
        """The rows that belong here, oldest first, each call once: an answered leg speaks for the others."""
        known: dict[str, Call] = {}
        for one in (call(row, self, country) for row in rows):
            if self.start <= one.started_at < self.end and not (one.id in known and known[one.id].is_answered):
                known[one.id] = one
        return sorted(known.values(), key=lambda one: one.started_at)


def windows(start: datetime, end: datetime, zone: ZoneInfo, most: timedelta) -> Iterator[Window]:
    """[start, end) in pieces no longer than `most`."""
    while start < end:
        until = min(start + most, end)
        yield Window(start, until, zone)
        start = until


def stamp(at: datetime) -> str:
    """As the export wants a time: ``20220120T085922Z``."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def call(row: Row, window: Window, country: str) -> Call:
    """A row as a call. One without a readable start stands at the window's: old news beats lost news."""
    direction, told = TYPES.get(row.type.casefold(), (None, row.type))
    status = row.status or told
    outcome = OUTCOMES.get(status.casefold(), Outcome.UNKNOWN) if direction else Outcome.UNKNOWN
    direction = direction or Direction.IN
    answered = outcome is Outcome.ANSWERED
    started_at = began(row.start, window.zone) or window.start
    wait, talk = seconds(row.wait), seconds(row.duration)
    reached = started_at + (wait or timedelta(0))
    return Call(
        id=row.uid or "row-" + hashlib.sha256(repr(row).encode("utf-8", "replace")).hexdigest()[:20],
        direction=direction,
        outcome=outcome,
        client=numbers.from_pbx(row.client, country),
        started_at=started_at,
        ended_at=reached + (talk or timedelta(0)),
        answered_at=reached if answered else None,
        wait=wait,
        talk=talk if answered else None,
        our_number=numbers.from_pbx(row.our_number, country),
        our_number_name=row.our_number_name or None,
        employee=person(row.user),
        department=row.department or None,
        destination=DESTINATIONS.get(row.destination.casefold()),
        recording_url=row.record or None,
        rating=stars(row.rating),
        followup=FOLLOWUPS.get(row.missed_status)
        if direction is Direction.IN
        else call_back(direction, outcome, row.missed_status),
        status=status,
    )


def began(text: str, zone: ZoneInfo) -> datetime | None:
    """A row's start in UTC. Its "Z" is believed only if the zone set for the export says so; an offset always is."""
    at = moment(text)
    if at is None or _OFFSET.search(text.strip()):
        return at
    return at.replace(tzinfo=zone).astimezone(UTC)


def csv_rows(text: str) -> Iterator[list[str]]:
    """The cells of a CSV export, which has no header; empty lines left out. Raises ValueError for what is no CSV."""
    try:
        for cells in csv.reader(text.removeprefix("\ufeff").splitlines()):
            if any(cell.strip() for cell in cells):
                yield [cell.strip() for cell in cells]
    except csv.Error as broken:  # a quote that nobody closed makes one endless cell
        raise ValueError(str(broken)) from None
