"""A claim holds for its span, and for as long again after each attempt; then it lapses, and the card says so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from desk import case_acts, claims, directory, timers
from desk.case_acts import Act
from sandbox.telegram import Answer, Message
from storage import cases, memory
from storage.cases import CaseRow
from storage.memory import Timer
from tests.desk.phones import got_through, missed, stamp, told, we_called
from tests.handlers.chat.on_the_phone import labels
from tests.office import ANNA, CLIENT, IGOR, MARIA, Office, an_office

HELD = "🙋 Igor takes care of it since 12:00, until {}"
LAPSED = "⌛ {}: Igor's claim lapsed, no attempt in 15 min"


@pytest.fixture
async def quiet_team(sqlite_url: str) -> AsyncIterator[Office]:
    """On SQLite, for what does not depend on the database."""
    async with an_office(sqlite_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        yield office


@pytest.fixture
async def staff(desk_office: Office) -> Office:
    await directory.refresh(desk_office.desk, "main")
    return desk_office


async def igors(office: Office) -> Message:
    """A missed call that Igor has claimed at noon: its card."""
    await missed(office)
    card = office.cards()[-1]
    await office.presses(IGOR, card, "Mine")
    return card


def last(card: Message, lines: int = 1) -> list[str]:
    return card.text.splitlines()[-lines:]


async def the_case(office: Office) -> CaseRow:
    async with office.desk.db.read() as tx:
        [case] = await cases.opened_between(
            tx, ["main"], office.clock.now() - timedelta(days=9), office.clock.now() + timedelta(days=1)
        )
    return case


async def claim_timers(office: Office) -> list[Timer]:
    async with office.desk.db.read() as tx:
        return await memory.timers_of(tx, claims.KIND)


async def test_a_claim_without_an_attempt_lapses(staff: Office) -> None:
    office = staff
    card = await igors(office)
    assert last(card) == [HELD.format("12:15")]
    assert labels(card) == [
        "📞 Call back",
        "🙅 Not mine any more",
        "👉 Hand over",
        "✅ Handled",
        "🗂 History",
        "🚫 Block",
    ]
    await office.later(minutes=14, seconds=50)
    assert last(card) == [HELD.format("12:15")]
    await office.later(seconds=15)
    assert last(card) == [LAPSED.format("12:15")]
    assert labels(card) == ["📞 Call back", "🙋 Mine", "✅ Handled", "🗂 History", "🚫 Block"]
    private = office.bot_messages(IGOR)[-1]
    assert private.text == (
        "⌛ Igor, your claim on +7 910 000-00-01 has lapsed: no attempt in 15 min. Anybody may take it now."
    )
    assert labels(private) == ["🗒 Show the card"]
    assert await claim_timers(office) == []
    await office.presses(MARIA, card, "Mine")
    assert last(card, 2) == [LAPSED.format("12:15"), "🙋 Maria takes care of it since 12:15, until 12:30"]


async def test_who_takes_it_again_is_not_reminded(quiet_team: Office) -> None:
    office = quiet_team
    card = await igors(office)
    await office.later(minutes=16)
    await office.presses(IGOR, card, "Mine")
    assert last(card) == ["🙋 Igor takes care of it since 12:16, until 12:31"]
    assert "⌛" not in card.text


async def test_an_attempt_puts_the_end_off(staff: Office) -> None:
    office = staff
    card = await igors(office)
    await office.later(minutes=10)
    await we_called(office, "Busy")
    assert last(card, 2) == ["📵 Игорь Волков, today 12:10: busy", HELD.format("12:25")]
    await office.later(minutes=14)
    assert last(card) == [HELD.format("12:25")]
    await office.later(minutes=1)
    assert last(card) == [LAPSED.format("12:25")]


async def test_an_attempt_of_somebody_else_does_not(quiet_team: Office) -> None:
    office = quiet_team
    card = await igors(office)
    await office.later(minutes=10)
    await we_called(office, "Busy", user="maria")
    assert last(card) == [HELD.format("12:15")]
    await office.later(minutes=5)
    assert last(card) == [LAPSED.format("12:15")]


async def test_an_attempt_before_the_claim_does_not(quiet_team: Office) -> None:
    office = quiet_team
    await missed(office)
    await we_called(office, "Busy")
    await office.later(minutes=5)
    card = office.cards()[-1]
    await office.presses(IGOR, card, "Mine")
    assert last(card) == ["🙋 Igor takes care of it since 12:05, until 12:20"]


async def test_a_call_back_that_we_asked_for_puts_the_end_off(
    quiet_team: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the PBX never tells how the call went."""
    office = quiet_team
    card = await igors(office)
    monkeypatch.setattr(office.pbx.calls, "make_call", lambda phone, logins, **_: "a-call")
    await office.later(minutes=10)
    await office.presses(IGOR, card, "Call back")
    assert last(card, 2) == ["📲 Игорь Волков is calling (12:10)", HELD.format("12:25")]
    await office.later(minutes=16)
    assert last(card) == [LAPSED.format("12:25")]


async def test_while_the_holder_is_calling_it_does_not_lapse(staff: Office) -> None:
    """Nobody has told how the call went: it goes on."""
    office = staff
    card = await igors(office)
    await office.later(minutes=14)
    await ringing(office)
    await office.later(minutes=2)
    assert last(card) == [HELD.format("12:31")]
    await office.later(minutes=15)
    assert last(card) == [HELD.format("12:46")]
    await over(office)
    await office.later(minutes=15)
    assert last(card) == [LAPSED.format("12:46")]


async def test_a_call_whose_end_nobody_told_is_none_for_ever(quiet_team: Office) -> None:
    office = quiet_team
    card = await igors(office)
    await office.later(minutes=7)
    await ringing(office)
    await office.later(minutes=10)
    for _ in range(7):
        await office.later(minutes=15)
    assert last(card) == [HELD.format("14:17")]
    await office.later(minutes=15)
    assert last(card) == [LAPSED.format("14:17")]


async def ringing(office: Office) -> None:
    await told(
        office, "event", type="OUTGOING", phone=CLIENT, callid="going-on", user="igor", direction="out", ext="702"
    )
    await office.settle()


async def over(office: Office) -> None:
    """It was not answered, and lasted until a minute after the claim began."""
    start = stamp(office.clock.now() - timedelta(minutes=17))
    body = {"type": "out", "status": "Busy", "phone": CLIENT, "callid": "going-on", "user": "igor"}
    await told(office, "history", **body, start=start, duration="60")
    await office.settle()


async def test_news_of_an_attempt_that_come_late_count(quiet_team: Office) -> None:
    """The claim lapsed for the clock, but the timer had no time to fire: the attempt was told first."""
    office = quiet_team
    card = await igors(office)
    office.clock.advance(minutes=20)
    start = stamp(office.clock.now() - timedelta(minutes=8))
    body = {"type": "out", "status": "Busy", "phone": CLIENT, "callid": "late", "user": "igor"}
    await told(office, "history", **body, start=start, duration="60")
    await office.settle()
    await office.later(seconds=1)
    assert last(card) == [HELD.format("12:28")]


async def test_the_chat_says_how_long(quiet_team: Office) -> None:
    office = quiet_team
    await office.bind(office.team, settings={"claim_minutes": 90})
    card = await igors(office)
    assert last(card) == [HELD.format("13:30")]
    await office.later(minutes=90)
    assert last(card) == ["⌛ 13:30: Igor's claim lapsed, no attempt in 1 h 30 min"]


async def test_a_claim_may_hold_for_good(quiet_team: Office) -> None:
    office = quiet_team
    await office.bind(office.team, settings={"claim_minutes": 0})
    card = await igors(office)
    assert last(card) == ["🙋 Igor takes care of it since 12:00"]
    await office.later(days=2)
    await we_called(office, "Busy")
    assert last(card) == ["🙋 Igor takes care of it since 18 March 12:00"]
    assert await claim_timers(office) == []


async def test_an_end_on_another_day_says_which(quiet_team: Office) -> None:
    office = quiet_team
    office.clock.advance(hours=11, minutes=55)
    card = await igors(office)
    assert last(card) == ["🙋 Igor takes care of it since 23:55, until 19 March 00:10"]
    await office.later(minutes=16)
    assert last(card) == ["⌛ 00:10: Igor's claim lapsed, no attempt in 15 min"]


async def test_after_a_closing_nothing_lapses(staff: Office) -> None:
    office = staff
    card = await igors(office)
    await got_through(office)
    assert await claim_timers(office) == []
    before = office.texts(IGOR)
    await office.later(minutes=20)
    assert "⌛" not in card.text
    assert office.texts(IGOR) == before


@pytest.mark.parametrize("way", ["Not mine any more", "Handled"])
async def test_after_a_release_or_a_closing_by_hand_nothing_lapses(quiet_team: Office, way: str) -> None:
    office = quiet_team
    card = await igors(office)
    await office.presses(IGOR, card, way)
    if way == "Handled":
        await office.presses(IGOR, card, "wrote back")
    assert await claim_timers(office) == []
    ending = last(card)
    await office.later(minutes=20)
    assert last(card) == ending
    assert not any("has lapsed" in text for text in office.texts(IGOR))


async def test_a_case_opened_again_is_still_theirs_for_a_while(quiet_team: Office) -> None:
    office = quiet_team
    card = await igors(office)
    await office.presses(IGOR, card, "Handled")
    await office.presses(IGOR, card, "wrote back")
    await office.later(minutes=30)
    await office.presses(MARIA, card, "Open again")
    assert last(card) == [HELD.format("12:45")]
    await office.later(minutes=15)
    assert last(card) == [LAPSED.format("12:45")]


async def test_a_timer_of_an_earlier_claim_ends_nothing(staff: Office) -> None:
    """It was read before the claim changed, or a crash repeats it."""
    office = staff
    card = await igors(office)
    [old] = await claim_timers(office)
    await office.later(minutes=10)
    await office.presses(IGOR, card, "Not mine any more")
    await office.presses(MARIA, card, "Mine")
    office.clock.advance(minutes=6)
    await claims.lapse(office.desk, old)
    await office.settle()
    assert last(card) == ["🙋 Maria takes care of it since 12:10, until 12:25"]
    assert [timer.due_at for timer in await claim_timers(office)] == [(await the_case(office)).claim_until]


async def test_a_timer_that_fires_twice_tells_once(quiet_team: Office) -> None:
    office = quiet_team
    await igors(office)
    [timer] = await claim_timers(office)
    office.clock.advance(minutes=15)
    for _ in range(2):
        await claims.lapse(office.desk, timer)
    await office.settle()
    assert sum("has lapsed" in text for text in office.texts(IGOR)) == 1


async def test_a_claim_lapses_after_a_restart(staff: Office) -> None:
    """Its end passed while the program was down: the card says when."""
    office = staff
    card = await igors(office)
    await office.restarted(hours=1)
    await timers.run_due(office.desk)
    await office.settle()
    assert last(card) == [LAPSED.format("12:15")]


async def test_who_has_closed_the_private_chat_is_not_told(quiet_team: Office) -> None:
    office = quiet_team
    card = await igors(office)
    office.world.block_bot(IGOR)
    await office.settle()
    await office.later(minutes=15)
    assert last(card) == [LAPSED.format("12:15")]
    assert not any("has lapsed" in text for text in office.texts(IGOR))


async def test_of_two_who_press_at_once_the_first_has_it(staff: Office) -> None:
    """The second begins while the first has claimed and not committed yet."""
    office = staff
    await missed(office)
    case_id = (await the_case(office)).id

    async def claim(user_id: int) -> tuple[Act, CaseRow | None]:
        async with office.desk.db.write() as tx:
            return await case_acts.claim(office.desk, tx, case_id, user_id, office.team)

    async with office.desk.db.write() as tx:
        first, _ = await case_acts.claim(office.desk, tx, case_id, IGOR, office.team)
        others = [asyncio.create_task(claim(user_id)) for user_id in (MARIA, ANNA)]
        await they_wait(office, 2)
    late = await asyncio.gather(*others)
    assert first is Act.DONE
    assert [(act, case.claimed_by if case else None) for act, case in late] == [(Act.TAKEN, IGOR)] * 2
    assert (await the_case(office)).claimed_by == IGOR


async def test_of_two_who_hand_over_at_once_the_first_wins(staff: Office) -> None:
    office = staff
    await igors(office)
    case_id = (await the_case(office)).id

    async def hand_over() -> Act:
        async with office.desk.db.write() as tx:
            done, _, _ = await case_acts.hand_over(
                office.desk, tx, case_id, ANNA, office.team, to=ANNA, holder=IGOR, force=True
            )
            return done

    async with office.desk.db.write() as tx:
        first, _, _ = await case_acts.hand_over(office.desk, tx, case_id, IGOR, office.team, to=MARIA, holder=IGOR)
        other = asyncio.create_task(hand_over())
        await they_wait(office, 1)
    assert (first, await other) == (Act.DONE, Act.TAKEN)
    assert (await the_case(office)).claimed_by == MARIA


async def they_wait(office: Office, count: int) -> None:
    """So many transactions have begun and wait for ours. SQLite has one writer: the others have not even begun."""
    while not office.desk.db.is_sqlite:
        async with office.desk.db.read() as tx:
            waiting = await tx.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
            if waiting.scalar_one() >= count:
                return
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_two_presses_on_their_way_at_once(staff: Office) -> None:
    office = staff
    await missed(office)
    card = office.cards()[-1]
    data = card.button("Mine").data
    presses = [office.world.press(user_id, office.team, card.id, data) for user_id in (MARIA, IGOR)]
    await office.settle()
    assert [press.answered for press in presses] == [
        Answer("It is yours. Your name is on the card now."),
        Answer("Maria has taken it at 12:00. Talk to them; they or a manager can give it back.", show_alert=True),
    ]
    assert last(card) == ["🙋 Maria takes care of it since 12:00, until 12:15"]


async def test_a_claim_on_a_caller_who_hides_the_number_lapses_too(quiet_team: Office) -> None:
    office = quiet_team
    await missed(office, "")
    card = office.cards()[-1]
    await office.presses(IGOR, card, "Mine")
    await office.later(minutes=15)
    assert last(card) == [LAPSED.format("12:15")]
    assert office.texts(IGOR)[-1] == (
        "⌛ Igor, your claim on hidden number has lapsed: no attempt in 15 min. Anybody may take it now."
    )


async def test_an_expired_case_leaves_no_timer(quiet_team: Office) -> None:
    from desk import ledger

    office = quiet_team
    await office.bind(office.team, settings={"claim_minutes": 20000})
    await igors(office)
    assert len(await claim_timers(office)) == 1
    office.clock.advance(days=8)
    async with office.desk.db.write() as tx:
        assert await ledger.expire_untouched(office.desk, tx) == 1
    assert await claim_timers(office) == []
