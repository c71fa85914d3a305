"""Which row of the history is which call, where their ids differ."""

from datetime import timedelta

from desk.partners import partners
from pbx.vocabulary import Call, Direction, Outcome
from storage.calls import StoredCall
from tests.clocks import NOON


def call(
    call_id: str, seconds: int, client: str | None = "+79100000001", direction: Direction = Direction.IN
) -> Call:
    at = NOON + timedelta(seconds=seconds)
    return Call(call_id, direction, Outcome.MISSED, client, at, at + timedelta(seconds=20))


def known(row_id: int, one: Call) -> StoredCall:
    return StoredCall(row_id, "main", one, "event", None)


def names(rows: list[Call], calls: list[StoredCall]) -> dict[str, str]:
    return {row_id: one.call.id for row_id, one in partners(rows, calls).items()}


def test_the_nearest_in_time_is_the_same_call() -> None:
    assert names([call("row", 3)], [known(1, call("a", 0)), known(2, call("b", 90))]) == {"row": "a"}


def test_two_redials_stay_two_calls() -> None:
    calls = [known(1, call("a", 0)), known(2, call("b", 60))]
    assert names([call("row1", 2), call("row2", 61)], calls) == {"row1": "a", "row2": "b"}
    assert names([call("row1", 2), call("row2", 61)], calls[1:]) == {"row2": "b"}


def test_another_client_direction_or_time_is_another_call() -> None:
    row = call("row", 0)
    assert names([row], [known(1, call("a", 0, client="+79100000002"))]) == {}
    assert names([row], [known(1, call("a", 0, direction=Direction.OUT))]) == {}
    assert names([row], [known(1, call("a", 121))]) == {}
    assert names([row], [known(1, call("a", 120))]) == {"row": "a"}


def test_hidden_numbers_are_matched_by_time_alone() -> None:
    assert names([call("row", 5, client=None)], [known(1, call("a", 0, client=None))]) == {"row": "a"}
