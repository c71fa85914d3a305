"""Timers: what is due is done, whatever is out or breaks meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from desk import escalation, timers
from desk.final_word import TRIES
from pbx.errors import AuthFailed, PbxError, RateLimited, Unavailable
from pbx.phone_system import Incapable
from pbx.vocabulary import Call, CallOver, Capabilities, Direction, Outcome, Received
from storage import calls, memory
from storage.database import DatabaseUnavailable, Tx
from storage.memory import Timer
from tests.office import CLIENT, Office


class TellsLater(Incapable):
    """A PBX whose events don't say how a call ended, and which is asked."""

    vendor = "tells_later"
    id = "later"
    country = "RU"
    capabilities = Capabilities(webhook=True)

    def __init__(self) -> None:
        self.answers: list[list[Call] | PbxError] = []
        self.asked: list[Sequence[CallOver]] = []

    async def final_words(self, over: Sequence[CallOver]) -> list[Call]:
        self.asked.append(over)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, PbxError):
            raise answer
        return answer


@pytest.fixture
async def later(team: Office) -> TellsLater:
    pbx = TellsLater()
    team.desk.pbxes["later"] = pbx  # type: ignore[index]
    await team.bind(team.team, pbx_id="later")
    return pbx


def missed(office: Office, call_id: str = "c1") -> Call:
    now = office.clock.now()
    return Call(call_id, Direction.IN, Outcome.MISSED, f"+{CLIENT}", now - timedelta(seconds=20), now)


async def is_over(office: Office, call_id: str = "c1") -> None:
    """The event that says only that the call is over."""
    from desk.happenings import News, happened

    now = office.clock.now()
    over = CallOver(call_id, f"+{CLIENT}", Direction.IN, at=now, began=now - timedelta(seconds=20))
    async with office.desk.db.write() as tx:
        await happened(office.desk, tx, "later", [News(Received(call_id, over), now)])


async def set_timer(office: Office, kind: str, subject: str, **data: object) -> None:
    async with office.desk.db.write() as tx:
        await memory.set_timer(office.desk.db, tx, Timer(kind, subject, office.clock.now(), dict(data)))


async def left(office: Office) -> list[Timer]:
    """What is set for the next day, escalations of the cards aside."""
    async with office.desk.db.read() as tx:
        return await memory.due_timers(tx, office.clock.now() + timedelta(days=1), but={escalation.KIND})


async def test_the_final_word_opens_a_card(team: Office, later: TellsLater) -> None:
    later.answers = [[missed(team)]]
    await is_over(team)
    await timers.run_due(team.desk)
    await team.settle()
    call = missed(team)
    assert later.asked == [[CallOver("c1", None, at=call.ended_at, began=call.started_at)]]
    assert team.texts(team.team)[-1].startswith("🔴 Missed call")
    assert await left(team) == []


async def test_not_yet_is_asked_again_later_and_later(team: Office, later: TellsLater) -> None:
    await is_over(team)
    pauses = []
    while True:
        await timers.run_due(team.desk)
        waiting = await left(team)
        if not waiting:
            break
        pauses.append((waiting[0].due_at - team.clock.now()).total_seconds())
        team.clock.set(waiting[0].due_at)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert len(later.asked) == TRIES


async def test_an_outage_is_no_answer(team: Office, later: TellsLater) -> None:
    await is_over(team)
    later.answers = [Unavailable("out")] * 30
    for _ in range(30):
        team.clock.advance(minutes=6)
        await timers.run_due(team.desk)
    assert len(later.asked) == 30
    later.answers = [[missed(team)]]
    team.clock.advance(minutes=6)
    await timers.run_due(team.desk)
    assert await left(team) == []
    async with team.desk.db.read() as tx:
        assert await calls.by_call_id(tx, "later", "c1")


async def test_a_refused_key_is_told_and_not_tried_for_ever(team: Office, later: TellsLater) -> None:
    await is_over(team)
    later.answers = [AuthFailed("no")] * 30
    for _ in range(30):
        team.clock.advance(minutes=6)
        await timers.run_due(team.desk)
    assert len(later.asked) == TRIES


async def test_a_limit_is_waited_out(team: Office, later: TellsLater) -> None:
    await is_over(team)
    later.answers = [RateLimited("slowly", retry_after=timedelta(minutes=20))]
    await timers.run_due(team.desk)
    [waiting] = await left(team)
    assert waiting.due_at == team.clock.now() + timedelta(minutes=20)


async def test_a_call_that_is_over_twice_is_asked_for_once(team: Office, later: TellsLater) -> None:
    await is_over(team)
    await timers.run_due(team.desk)
    await is_over(team)
    [waiting] = await left(team)
    assert waiting.data["tries"] == 1


async def test_a_pbx_that_is_out_holds_up_no_other(team: Office, later: TellsLater) -> None:
    team.pbx.office.employee("igor").receives = False
    for call_id in ("c1", "c2", "c3"):
        await is_over(team, call_id)
    await set_timer(team, "dnd", "main igor", user=1, chat=team.team, thread=0)
    later.answers = [Unavailable("out")] * 3
    await timers.run_due(team.desk)
    assert team.pbx.office.employee("igor").receives
    assert len(later.asked) == 1
    soon = team.clock.now() + timedelta(seconds=5)
    assert {(timer.subject, timer.due_at) for timer in await left(team)} == {
        ("later c1", soon),
        ("later c2", soon),
        ("later c3", soon),
    }


async def test_calls_that_were_over_far_apart_are_asked_for_one_stretch_after_the_other(
    team: Office, later: TellsLater
) -> None:
    for call_id, seconds in (("c1", 1201), ("c2", 1200), ("c3", 0)):
        await is_over(team, call_id)
        team.clock.advance(seconds=seconds)
    await timers.run_due(team.desk)
    assert [[over.call_id for over in stretch] for stretch in later.asked] == [["c1"], ["c2", "c3"]]
    assert [timer.data["tries"] for timer in await left(team)] == [1, 1, 1]


async def test_what_was_told_before_the_pbx_went_out_is_written_down(team: Office, later: TellsLater) -> None:
    later.answers = [[missed(team)], Unavailable("out")]
    await is_over(team)
    team.clock.advance(minutes=30)
    await is_over(team, "c2")
    await timers.run_due(team.desk)
    await team.settle()
    assert team.texts(team.team)[-1].startswith("🔴 Missed call")
    [waiting] = await left(team)
    assert (waiting.subject, waiting.data["tries"]) == ("later c2", 0)


async def test_a_call_that_can_not_be_written_down_stops_no_other(team: Office, later: TellsLater) -> None:
    bad = replace(missed(team, "c2"), outcome=None)  # type: ignore[arg-type]
    later.answers = [[missed(team, "c1"), bad, missed(team, "c3")]]
    for call_id in ("c1", "c2", "c3"):
        await is_over(team, call_id)
    await timers.run_due(team.desk)
    assert [timer.subject for timer in await left(team)] == ["later c2"]


async def test_one_bad_timer_does_not_stop_the_others(team: Office, later: TellsLater) -> None:
    await set_timer(team, "of_another_version", "later something")
    await is_over(team)
    later.answers = [[missed(team)]]
    await timers.run_due(team.desk)
    assert [timer.kind for timer in await left(team)] == ["of_another_version"]
    assert (await left(team))[0].due_at > team.clock.now()


async def test_a_timer_of_a_pbx_that_is_configured_no_more_ends(team: Office) -> None:
    await set_timer(team, "dnd", "gone igor", user=1, chat=team.team, thread=0)
    await set_timer(team, "final_word", "gone c1", tries=0)
    await timers.run_due(team.desk)
    assert await left(team) == []


async def test_a_timer_that_was_set_anew_meanwhile_stays(team: Office) -> None:
    """Somebody prolongs it at the moment at which it fires."""
    now = team.clock.now()
    old = Timer("dnd", "main igor", now, {})
    async with team.desk.db.write() as tx:
        await memory.set_timer(team.desk.db, tx, Timer("dnd", "main igor", now + timedelta(hours=1), {}))
        assert not await memory.finish_timer(tx, old)
        assert not await memory.put_off(tx, old, now + timedelta(minutes=1))
    assert [timer.due_at for timer in await left(team)] == [now + timedelta(hours=1)]


async def test_what_fires_again_after_a_crash_does_no_harm(team: Office) -> None:
    from desk import presence

    timer = Timer("dnd", "main igor", team.clock.now(), {"user": 1, "chat": team.team, "thread": 0})
    for _ in range(2):
        team.pbx.office.employee("igor").receives = False
        async with team.desk.db.write() as tx:
            await memory.set_timer(team.desk.db, tx, timer)
        await presence.dnd_over(team.desk, timer)
    await team.settle()
    assert team.texts(team.team).count("🔔 Calls reach Игорь Волков again.") == 1


async def test_who_is_reachable_again_is_told_even_if_we_crash_between(
    team: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second try finds that calls come through already, and it was us who let them."""
    team.pbx.office.employee("igor").receives = False
    await set_timer(team, "dnd", "main igor", user=1, chat=team.team, thread=0)

    async def crash(tx: Tx, timer: Timer) -> bool:
        raise DatabaseUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(memory, "finish_timer", crash)
        with pytest.raises(DatabaseUnavailable):
            await timers.run_due(team.desk)
    assert team.pbx.office.employee("igor").receives
    assert team.texts(team.team) == []
    await timers.run_due(team.desk)
    await team.settle()
    assert team.texts(team.team) == ["🔔 Calls reach Игорь Волков again."]
    assert await left(team) == []
