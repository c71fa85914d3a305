"""Working time across nights, weekends and changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.office import WorkingHours
from desk.working_time import after, worked

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")
OFFICE = WorkingHours.parse("Mon-Fri 09:00-18:00")
SPLIT = WorkingHours.parse("Mon-Fri 09:00-13:00, Mon-Fri 14:00-18:00, Sat 10:00-12:00")
ALWAYS = WorkingHours.parse("Mon-Sun 00:00-24:00")
NIGHT = WorkingHours.parse("Mon-Sun 22:00-24:00, Mon-Sun 00:00-06:00")
ODD = WorkingHours.parse("Sat 20:00-24:00, Sun 00:00-02:30, Sun 02:45-03:15, Mon 09:00-12:00, Mon 11:00-13:00")
NEVER = WorkingHours(((),) * 7)
MINUTE = timedelta(minutes=1)

#: Around both changes of Berlin's clock: 29 March 01:00 and 25 October 01:00, UTC.
MOMENTS = st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]).flatmap(
    lambda change: st.integers(-4 * 1440, 4 * 1440).map(lambda minutes: change + minutes * MINUTE)
)
HOURS = st.sampled_from([OFFICE, SPLIT, ALWAYS, NIGHT, ODD])
ZONES = st.sampled_from([BERLIN, MOSCOW])
SPANS = st.integers(1, 20 * 60).map(lambda minutes: minutes * MINUTE)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """``2026-03-27 17:50`` by the zone's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "end"),
    [
        (OFFICE, "2026-03-18 12:00", 10, "2026-03-18 12:10"),
        (OFFICE, "2026-03-18 17:50", 10, "2026-03-18 18:00"),
        (OFFICE, "2026-03-18 17:55", 10, "2026-03-19 09:05"),
        (OFFICE, "2026-03-18 23:30", 10, "2026-03-19 09:10"),
        (OFFICE, "2026-03-18 03:00", 10, "2026-03-18 09:10"),
        # Friday evening: over the weekend, on which Berlin's clock goes on.
        (OFFICE, "2026-03-27 17:50", 30, "2026-03-30 09:20"),
        (OFFICE, "2026-10-23 17:50", 30, "2026-10-26 09:20"),
        (SPLIT, "2026-03-18 12:55", 10, "2026-03-18 14:05"),
        (SPLIT, "2026-03-20 17:50", 140, "2026-03-23 09:10"),
        # The night shift goes on over midnight, and over the hour that is skipped.
        (NIGHT, "2026-03-18 23:55", 10, "2026-03-19 00:05"),
        (NIGHT, "2026-03-29 01:55", 10, "2026-03-29 03:05"),
        (ALWAYS, "2026-03-28 12:00", 24 * 60, "2026-03-29 13:00"),
        (ALWAYS, "2026-10-24 12:00", 24 * 60, "2026-10-25 11:00"),
        # What two spans both name is worked once.
        (ODD, "2026-03-23 11:30", 90, "2026-03-23 13:00"),
    ],
)
def test_so_much_working_time_later(hours: WorkingHours, start: str, minutes: int, end: str) -> None:
    assert after(hours, BERLIN, at(start), minutes * MINUTE) == at(end)
    assert worked(hours, BERLIN, at(start), at(end)) == minutes * MINUTE


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    assert worked(NIGHT, BERLIN, at("2026-10-24 22:00"), at("2026-10-25 06:00")) == timedelta(hours=9)
    assert worked(NIGHT, BERLIN, at("2026-03-28 22:00"), at("2026-03-29 06:00")) == timedelta(hours=7)
    assert worked(NIGHT, MOSCOW, at("2026-03-28 22:00", MOSCOW), at("2026-03-29 06:00", MOSCOW)) == timedelta(hours=8)


def test_where_nobody_ever_works_no_time_comes() -> None:
    assert after(NEVER, BERLIN, at("2026-03-18 12:00"), MINUTE) is None
    assert worked(NEVER, BERLIN, at("2026-03-18 12:00"), at("2027-03-18 12:00")) == timedelta()


def test_nothing_is_worked_backwards() -> None:
    assert worked(ALWAYS, BERLIN, at("2026-03-18 12:00"), at("2026-03-18 11:00")) == timedelta()


@given(HOURS, ZONES, MOMENTS, st.integers(0, 2 * 1440))
def test_it_is_the_minutes_at_which_the_office_works(
    hours: WorkingHours, zone: ZoneInfo, start: datetime, minutes: int
) -> None:
    """Counted the plain way, minute by minute."""
    counted = sum(hours.contains(start + n * MINUTE, zone) for n in range(minutes))
    assert worked(hours, zone, start, start + minutes * MINUTE) == counted * MINUTE


@given(HOURS, ZONES, MOMENTS, SPANS)
def test_later_by_a_span_and_worked_since_are_inverse(
    hours: WorkingHours, zone: ZoneInfo, start: datetime, span: timedelta
) -> None:
    end = after(hours, zone, start, span)
    assert end is not None
    assert worked(hours, zone, start, end) == span
    assert worked(hours, zone, start, end - MINUTE) == span - MINUTE


@given(HOURS, ZONES, MOMENTS, SPANS, SPANS)
def test_a_longer_span_and_a_later_start_end_later(
    hours: WorkingHours, zone: ZoneInfo, start: datetime, span: timedelta, more: timedelta
) -> None:
    ends = [after(hours, zone, *args) for args in ((start, span), (start, span + more), (start + more, span + more))]
    known = [end for end in ends if end]
    assert known == sorted(known)
    assert len(known) == 3
