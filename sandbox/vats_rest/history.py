"""The history export: which rows a request covers (section 4.5), and how a row is written as JSON and CSV."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal, Protocol, TypeVar

from sandbox.vats_rest.office import HistoryRow, InnerRow, Json, Office

STAMP = "%Y%m%dT%H%M%SZ"
ISO = "%Y-%m-%dT%H:%M:%SZ"
Window = tuple[datetime, datetime]
#: "Missed" alone would hide the clients who gave up: to the export both are calls nobody took.
NOT_TAKEN = ("Missed", "Cancel")
Period = Literal["today", "yesterday", "this_week", "last_week", "this_month", "last_month"]
CallType = Literal["all", "in", "out", "missed"]


class Span(Protocol):
    """What a request says of the time it wants."""

    period: Period | None
    start: datetime | None
    end: datetime | None


class Dated(Protocol):
    start: datetime
    ended: datetime


R = TypeVar("R", bound=Dated)


def _midnight(day: datetime) -> datetime:
    return datetime.combine(day.date(), time(), day.tzinfo)


def _month(day: datetime) -> datetime:
    return _midnight(day).replace(day=1)


def _next_month(day: datetime) -> datetime:
    return _month(_month(day) + timedelta(days=32))


def period_window(period: str, now: datetime) -> Window:
    """`now` in the domain's zone, whose midnights bound a day."""
    today = _midnight(now)
    tomorrow = _midnight(today + timedelta(days=1))
    monday = today - timedelta(days=today.weekday())
    last_month = _month(_month(today) - timedelta(days=1))
    return {
        "today": (today, tomorrow),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (monday, monday + timedelta(days=7)),
        "last_week": (monday - timedelta(days=7), monday),
        "this_month": (_month(today), _next_month(today)),
        "last_month": (last_month, _month(today)),
    }[period]


def window(period: str | None, start: datetime | None, end: datetime | None, now: datetime) -> Window:
    """Section 4.5: `period` beats both; without `end` today; without `start` the day of `end`."""
    if period:
        return period_window(period, now)
    last = end or period_window("today", now)[1]
    first = start or _midnight((last - timedelta(microseconds=1)).astimezone(now.tzinfo))
    return first, last + timedelta(seconds=1) if end else last


def stamp(text: str) -> datetime:
    return datetime.strptime(text, STAMP).replace(tzinfo=UTC)


def within(office: Office, rows: Iterable[R], span: Span, now: datetime) -> list[R]:
    """Newest first, as in the example; rows that are not yet shown are as if they were not."""
    first, last = window(span.period, span.start, span.end, now.astimezone(office.zone))
    delay = office.quirks.export_delay
    shown = (r for r in rows if first <= r.start < last and (now - r.ended).total_seconds() >= delay)
    return sorted(shown, key=lambda row: row.start, reverse=True)


def missed_status(later: Iterable[HistoryRow]) -> int:
    """Of a missed call, by the same client's calls after it.

    1 the client called back, 2 we called back, 3 not returned, 4 tried and not reached.
    """
    tried = False
    for other in later:
        if other.status == "Success":
            return 1 if other.type == "in" else 2
        tried = tried or other.type == "out"
    return 4 if tried else 3


def is_missed(row: HistoryRow) -> bool:
    return row.type == "in" and row.status in NOT_TAKEN


def of_type(rows: list[HistoryRow], type: CallType) -> list[HistoryRow]:
    if type == "all":
        return rows
    return [row for row in rows if (is_missed(row) if type == "missed" else row.type == type)]


def statuses(rows: Iterable[HistoryRow]) -> dict[str, int]:
    """By uid, of every missed row. Nobody can return the call of a hidden number."""
    found: dict[str, int] = {}
    by_client: defaultdict[str, list[HistoryRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.start):
        by_client[row.client].append(row)
    for client, calls in by_client.items():
        for n, row in enumerate(calls):
            if is_missed(row):
                found[row.uid] = missed_status(calls[n + 1 :] if client else ())
    return found


def row_json(office: Office, row: HistoryRow, *, first_answered: bool, missed: int | None) -> Json:
    user = (row.first_user if first_answered else "") or row.user
    found: Json = {
        "uid": row.uid,
        "type": row.type,
        "status": row.status.lower(),
        "client": row.client,
        "diversion": row.diversion,
        "telnum_name": row.telnum_name,
        "destination": row.destination,
        "user": user,
        "user_name": office.employees[user].name if user in office.employees else "",
        "group_name": office.departments[row.group].name if row.group in office.departments else "",
        "start": row.start.strftime(ISO),
        "wait": row.wait,
        "duration": row.duration,
        "record": row.record,
    }
    if office.quirks.omit_optional:
        del found["destination"], found["telnum_name"]
    elif row.note:
        found["note"] = row.note
    if row.rating is not None:
        found["rating"] = row.rating
    if missed is not None:
        found["missedStatus"] = missed
    return found


def row_csv(office: Office, row: HistoryRow) -> list[object]:
    """As the example: an incoming call's `type` is its status, and `account` is in no table."""
    kind = row.status.lower() if row.type == "in" else "out"
    account = f"{row.user or row.group or 'pbx'}@{office.domain}"
    cells: list[object] = [row.uid, kind, row.client, account, row.diversion, row.start.strftime(ISO)]
    cells += [row.wait, row.duration, row.record]
    return cells if row.rating is None else [*cells, row.rating]


def inner_json(office: Office, row: InnerRow) -> Json:
    return {
        "uid": row.uid,
        "status": row.status,
        "from": row.caller,
        "to": row.callee,
        "from_name": _name(office, row.caller),
        "to_name": _name(office, row.callee),
        "start": row.start.strftime(ISO),
        "wait": row.wait,
        "duration": row.duration,
        "record": row.record,
    }


def inner_csv(office: Office, row: InnerRow, user: str | None) -> list[object]:
    """The second column is `status` in the table, `in` or `out` in the example: as `user` sees it."""
    kind = "in" if user and user == row.callee else "out"
    ends = [f"{login}@{office.domain}" for login in (row.caller, row.callee)]
    return [row.uid, kind, *ends, row.start.strftime(ISO), row.wait, row.duration, row.record]


def _name(office: Office, login: str) -> str:
    return office.employees[login].name if login in office.employees else login


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """No header row, as in the manual."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
