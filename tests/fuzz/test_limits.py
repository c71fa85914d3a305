"""Whoever asks when and how often: no more is ever sent than Telegram allows."""

from collections import deque
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.limits import Limits
from tests.clocks import HandClock

GROUPS, PEOPLE = (-1001, -1002, -1003), (1001, 1002)
#: Telegram's own words: one a second to a chat, twenty a minute to a group, thirty a second altogether.
A_SECOND, A_MINUTE = 1.0, 60.0


@dataclass(frozen=True)
class Wish:
    """Somebody wants to send to `chat`, so many seconds after the wish before."""

    chat: int
    after: float
    answer: bool


PAUSES = st.sampled_from([0.0, 0.0, 0.001, 0.03, 0.5, 0.999, 1.0, 1.05, 3.0, 29.0, 60.0])
#: One by one; thirty and more at once to as many people; thirty and more to one group.
ONE = st.builds(Wish, st.sampled_from([*GROUPS, *PEOPLE]), PAUSES, st.booleans()).map(lambda wish: [wish])
CROWDS = st.builds(
    lambda after, many: [Wish(one, after * (one == 1), True) for one in range(1, many)], PAUSES, st.integers(2, 60)
)
QUEUES = st.builds(lambda group, many: [Wish(group, 0.0, True)] * many, st.sampled_from(GROUPS), st.integers(1, 40))
WISHES = st.lists(ONE | CROWDS | QUEUES, max_size=8).map(lambda parts: [wish for part in parts for wish in part])


def most_within(moments: list[float], span: float) -> int:
    """How many of `moments` lie in the busiest `span` seconds."""
    most, window = 0, deque[float]()
    for moment in moments:
        window.append(moment)
        while moment - window[0] >= span - 1e-6:
            window.popleft()
        most = max(most, len(window))
    return most


@settings(max_examples=60)
@given(WISHES, st.booleans())
def test_no_window_holds_more_than_telegram_allows(wishes: list[Wish], patient: bool) -> None:
    clock = HandClock()
    limits = Limits(clock)
    sent: list[tuple[float, int]] = []
    for wish in wishes:
        clock.advance(seconds=wish.after)
        wait = limits.seconds_until(wish.chat, answer=wish.answer)
        assert 0 <= wait <= 61
        if wait and patient:
            clock.advance(seconds=wait)
            wait = limits.seconds_until(wish.chat, answer=wish.answer)
        if not wait:
            sent.append((clock.now().timestamp(), wish.chat))
    assert most_within([at for at, _ in sent], A_SECOND) <= 30
    for chat in {chat for _, chat in sent}:
        moments = [at for at, one in sent if one == chat]
        assert most_within(moments, A_SECOND) <= 1
        assert chat > 0 or most_within(moments, A_MINUTE) <= 20


@given(st.sampled_from([*GROUPS, *PEOPLE]), st.floats(0.5, 3600), st.floats(0, 1))
def test_a_silence_that_telegram_asked_for_is_kept_in_full(chat: int, seconds: float, part: float) -> None:
    clock = HandClock()
    limits = Limits(clock)
    limits.pause(chat, seconds)
    limits.pause(chat, seconds / 2)  # a shorter one does not shorten it
    clock.advance(seconds=seconds * part * 0.99)
    assert limits.seconds_until(chat, answer=True) > 0
    clock.advance(seconds=seconds * (1 - part * 0.99) + 0.01)
    assert limits.seconds_until(chat, answer=True) == 0


def test_who_waits_as_long_as_told_is_served_in_the_end() -> None:
    clock = HandClock()
    limits = Limits(clock)
    for _ in range(60):
        for _ in range(10):
            if not (wait := limits.seconds_until(GROUPS[0])):
                break
            clock.advance(seconds=wait)
        else:
            raise AssertionError("told to wait ten times, and never served")
