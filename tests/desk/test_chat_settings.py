"""What a chat may choose, and how people write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import chat_settings
from desk.chat_settings import COMMON_ZONES, ChatSettings
from desk.office import WorkingHours
from pbx.vocabulary import Call, Direction, Outcome

NOON = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Samara", "Europe/Samara"),
        ("europe/samara", "Europe/Samara"),
        ("Samara", "Europe/Samara"),
        ("New York", "America/New_York"),
        ("UTC", "UTC"),
        ("Samarra", None),
        ("", None),
    ],
)
def test_a_zone_is_meant_by_its_name_or_its_city(written: str, meant: str | None) -> None:
    assert chat_settings.zone_named(written) == meant


def test_a_mistyped_zone_is_guessed() -> None:
    assert "Asia/Yekaterinburg" in chat_settings.zones_like("Ekaterinburg")
    assert chat_settings.zones_like("???") == []


def test_every_zone_offered_exists() -> None:
    assert [zone for zone in COMMON_ZONES if chat_settings.zone_named(zone) != zone] == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("18:30", "18:30"),
        ("9.05", "09:05"),
        ("7", "07:00"),
        ("24:00", None),
        ("12:60", None),
        ("noon", None),
        ("", None),
    ],
)
def test_a_time_of_day(written: str, meant: str | None) -> None:
    assert chat_settings.time_of_day(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("0", 0), (" 60 ", 60), ("61", None), ("-1", None), ("²", None), ("", None)]
)
def test_a_length_below_which_calls_are_hidden(written: str, meant: int | None) -> None:
    assert chat_settings.hidden_length(written) == meant


@pytest.mark.parametrize(
    ("wait", "rang", "shown"),
    [(4, 4, False), (5, 5, True), (None, 4, False), (None, 5, True), (0, 0, False), (None, 0, True), (4, 60, False)],
)
def test_short_calls_are_hidden_by_their_wait_else_by_their_length(wait: int | None, rang: int, shown: bool) -> None:
    settings = ChatSettings("en", ZoneInfo("UTC"), WorkingHours.parse("Mon-Sun 00:00-24:00"), hide_shorter_than=5)
    call = Call(
        id="c1",
        direction=Direction.IN,
        outcome=Outcome.MISSED,
        client="+79100000001",
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=rang),
        wait=None if wait is None else timedelta(seconds=wait),
    )
    assert settings.shows(call) is shown
