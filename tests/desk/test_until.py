"""Spans and times of day as people type them after /dnd."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.until import TooLong, Unclear, end_of_day, until

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45m", 45),
        ("2h", 120),
        ("1h30m", 90),
        ("1h 30 min", 90),
        ("for 90 minutes", 90),
        ("1d", 1440),
        ("45м", 45),
        ("на 45 мин.", 45),
        ("2ч", 120),
        ("1 час 15 минут", 75),
        ("2 год", 120),
        ("30 хв", 30),
        ("1D", 1440),
    ],
)
def test_a_span_counts_from_now(text: str, minutes: int) -> None:
    assert until(text, NOON, MOSCOW) == NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["until 18:00", "UNTIL 18.00", "till 18", "18:00", "до 18:00", "до 18"])
def test_a_time_of_day_is_local(text: str) -> None:
    assert until(text, NOON, MOSCOW) == datetime(2026, 3, 18, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "day"), [("until 11:59", 19), ("until 12:00", 19), ("until 12:01", 18)])
def test_a_time_that_is_past_means_tomorrow(text: str, day: int) -> None:
    assert until(text, NOON, MOSCOW).astimezone(MOSCOW).day == day


def test_midnight_is_the_end_of_today() -> None:
    midnight = datetime(2026, 3, 18, 21, 0, tzinfo=UTC)
    assert end_of_day(NOON, MOSCOW) == midnight
    assert until("until 24:00", NOON, MOSCOW) == midnight
    assert until("until 00:00", NOON, MOSCOW) == midnight
    assert end_of_day(midnight, MOSCOW) == midnight + timedelta(days=1)


def test_a_local_day_may_have_23_hours() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # 22:00; clocks go forward in the night
    assert until("until 09:00", evening, kyiv) - evening == timedelta(hours=10)


@pytest.mark.parametrize(
    "text", ["", "45", "18", "0m", "45x", "until", "until 25:00", "until 18:60", "24:30", "45m until 18:00", "soon"]
)
def test_what_is_unclear_is_not_guessed(text: str) -> None:
    with pytest.raises(Unclear):
        until(text, NOON, MOSCOW)


def test_a_month_is_the_longest() -> None:
    assert until("31d", NOON, MOSCOW) == NOON + timedelta(days=31)
    with pytest.raises(TooLong):
        until("745h", NOON, MOSCOW)
