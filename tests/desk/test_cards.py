"""From what the PBX says to what the chat shows: one case, one card, kept true."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from desk import ledger
from pbx.vocabulary import Call, Direction, Outcome
from storage import calls, cases, contacts, tables
from storage.contacts import Contact
from tests.desk.past import phone
from tests.desk.phones import SALES, got_through, missed, says, stamp, told, we_called
from tests.office import ANNA, CLIENT, Office, an_office

OTHER = "79100000002"
MISSED_CARD = """\
🔴 Missed call · +7 910 000-00-01
🏢 Продажи · to +7 495 000-00-01 «Реклама»
🕒 today 11:59 · waited 20 s"""


def labels(office: Office) -> list[list[str]]:
    """The buttons of the newest message in the team's chat."""
    return [[button.text for button in row] for row in office.bot_messages(office.team)[-1].buttons]


def cards(office: Office) -> list[str]:
    return office.texts(office.team)


# A missed call


async def test_a_missed_call_is_one_card_with_all_that_can_be_done(team: Office) -> None:
    await missed(team)
    assert cards(team) == [MISSED_CARD]
    assert labels(team) == [["📞 Call back", "🙋 Mine"], ["✅ Handled", "🗂 History"], ["🚫 Block"]]


async def test_the_card_names_the_contact_and_the_responsible(team: Office) -> None:
    async with team.desk.db.write() as tx:
        known = Contact("+" + CLIENT, "ООО <Ромашка> & Co", "701", team.clock.now(), ANNA)
        await contacts.save(team.desk.db, tx, known)
    await missed(team)
    assert cards(team) == [
        "🔴 Missed call · ООО <Ромашка> & Co\n"
        "+7 910 000-00-01\n"
        "🏢 Продажи · to +7 495 000-00-01 «Реклама»\n"
        "🕒 today 11:59 · waited 20 s\n"
        "👤 Responsible: Анна Смирнова"
    ]


async def test_the_same_card_in_russian(office: Office) -> None:
    await office.bind(office.team, settings={"language": "ru", "timezone": "Asia/Yekaterinburg"})
    await missed(office)
    assert cards(office) == [
        "🔴 Пропущенный звонок · +7 910 000-00-01\n"
        "🏢 Продажи · на +7 495 000-00-01 «Реклама»\n"
        "🕒 сегодня 13:59 · ожидание 20 с"
    ]
    assert labels(office) == [
        ["📞 Перезвонить", "🙋 Беру"],
        ["✅ Обработано", "🗂 История"],
        ["🚫 Заблокировать"],
    ]


async def test_a_department_call_that_three_phones_missed_is_one_card(team: Office) -> None:
    """INCOMING for each, CANCELLED for each, a second apart: only `history` says that the client was lost."""
    start = stamp(team.clock.now())
    ringing = {"phone": CLIENT, "callid": "d1", "groupRealName": "Продажи", "diversion": "74950000001"}
    for user in ("anna", "igor", "maria"):
        await says(team, "event", type="INCOMING", user=user, **ringing)
    for user in ("anna", "igor", "maria"):
        team.clock.advance(seconds=1)
        await says(team, "event", type="CANCELLED", user=user, **ringing)
    assert cards(team) == []
    await missed(team, callid="d1", start=start, user="pbx", status="missed")
    assert len(cards(team)) == 1


async def test_what_a_missed_call_lacks_is_left_out(team: Office) -> None:
    """A live body may hold no more than this: an incoming call that just ended."""
    await says(
        team, "history", status="Missed", callid="m1", phone=CLIENT, groupRealName="Продажи", wait="9", duration="9"
    )
    assert cards(team) == ["🔴 Missed call · +7 910 000-00-01\n🏢 Продажи\n🕒 today 11:59 · waited 9 s"]


async def test_a_client_who_hung_up_is_a_missed_call_that_says_so(team: Office) -> None:
    await missed(team, status="Cancel", duration="2")
    assert cards(team)[0].startswith("🔴 Hung up before an answer · +7 910 000-00-01\n")


@pytest.mark.parametrize("status", ["Success", "success", "SUCCESS", "Teleported"])
async def test_what_was_not_missed_is_no_card(team: Office, status: str) -> None:
    await missed(team, status=status)
    assert cards(team) == []


async def test_an_outgoing_call_that_the_client_missed_is_no_missed_call_of_ours(team: Office) -> None:
    await we_called(team, "Missed")
    assert cards(team) == []


async def test_steps_that_come_after_the_end_change_nothing(team: Office) -> None:
    await missed(team, callid="late")
    for kind in ("INCOMING", "ACCEPTED", "COMPLETED", "CANCELLED"):
        await says(team, "event", type=kind, phone=CLIENT, callid="late", user="anna")
    assert cards(team) == [MISSED_CARD]
    assert team.bot_messages(team.team)[0].edits == 0
    async with team.desk.db.read() as tx:
        assert await calls.live(tx, ["main"]) == []


async def test_a_better_word_on_the_same_call_takes_the_alarm_back(team: Office) -> None:
    await missed(team, callid="c1")
    await missed(team, callid="c1", status="Success", user="anna", wait="5")
    [card] = cards(team)
    assert card.startswith("🟢 Got through to us · ")
    assert card.splitlines()[-1] == "📗 Анна Смирнова · after 5 s · talked 15 s"
    assert labels(team) == [["🗂 History"]]


async def test_two_cards_that_turn_out_to_be_of_one_case_become_one(team: Office) -> None:
    """The call that parted them was not answered after all (an export corrects a webhook)."""
    await missed(team)
    await we_called(team, callid="parting")
    team.clock.advance(minutes=1)
    await missed(team)
    assert len(cards(team)) == 2
    async with team.desk.db.write() as tx:
        parting = await calls.by_call_id(tx, "main", "parting")
        assert parting
        busy = update(tables.calls).where(tables.calls.c.id == parting.id).values(outcome="busy", answered_at=None)
        await tx.execute(busy)
        await ledger.reconsider(team.desk, tx, {"+" + CLIENT: parting.call.started_at})
    await team.settle()
    [card] = cards(team)
    assert card.startswith("🟠 Not reached yet · ")
    assert "called 2 times" in card


# Repeats


async def test_repeats_within_five_minutes_are_counted_on_the_same_message(team: Office) -> None:
    await missed(team)
    [first] = team.bot_messages(team.team)
    for _ in range(2):
        team.clock.advance(minutes=2)
        await missed(team)
    [card] = team.bot_messages(team.team)
    assert card.id == first.id
    assert card.text.splitlines()[-1] == "🕒 today 12:03 · waited 20 s · called 3 times"


async def test_a_repeat_after_five_minutes_moves_the_card_down_and_rings(team: Office) -> None:
    await missed(team)
    [first] = team.bot_messages(team.team)
    await missed(team, OTHER)
    team.clock.advance(minutes=6)
    await missed(team)
    others, moved = team.bot_messages(team.team)
    assert "000-00-02" in others.text
    assert moved.text.splitlines()[-1] == "🕒 today 12:05 · waited 20 s · called 2 times"
    assert (moved.id, moved.edits, moved.silent) == (first.id + 2, 0, False)
    assert first.deleted


async def test_a_failed_attempt_keeps_the_card_where_it_is(team: Office) -> None:
    await missed(team)
    [first] = team.bot_messages(team.team)
    team.clock.advance(minutes=30)
    await we_called(team, "Busy")
    [card] = team.bot_messages(team.team)
    assert card.id == first.id


async def test_another_client_is_another_card(team: Office) -> None:
    await missed(team)
    await missed(team, OTHER)
    assert len(cards(team)) == 2


async def test_hidden_numbers_are_a_card_each_with_nothing_to_call_back(team: Office) -> None:
    await missed(team, "")
    await missed(team, "anonymous")
    assert cards(team) == [MISSED_CARD.replace("+7 910 000-00-01", "hidden number")] * 2
    assert labels(team) == [["🙋 Mine"], ["✅ Handled"]]


async def test_a_number_that_is_none_is_shown_as_it_came(team: Office) -> None:
    await missed(team, "sip:<вася>")
    assert cards(team)[0].startswith("🔴 Missed call · sip:<вася>\n")


# Attempts and endings


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Busy", "busy"),
        ("Missed", "no answer"),
        ("Cancel", "cancelled"),
        ("NotAvailable", "not available"),
        ("NotAllowed", "calls there are not allowed"),
        ("NotFound", "no such number"),
        ("Teleported", "outcome unknown (Teleported)"),
    ],
)
async def test_an_attempt_is_named_on_the_card(team: Office, status: str, said: str) -> None:
    await missed(team)
    await we_called(team, status)
    [card] = cards(team)
    assert card == (
        MISSED_CARD.replace("🔴 Missed call", "🟠 Not reached yet") + f"\n📵 Игорь Волков, today 12:00: {said}"
    )
    assert labels(team) == [["📞 Call back", "🙋 Mine"], ["✅ Handled", "🗂 History"], ["🚫 Block"]]


async def test_many_attempts_are_counted_and_the_last_five_named(team: Office) -> None:
    await missed(team)
    for minute in range(8):
        await we_called(team, "Busy", user=("anna", "igor")[minute % 2])
        team.clock.advance(minutes=1)
    lines = cards(team)[0].splitlines()
    assert lines[3] == "📵 3 earlier attempts"
    assert lines[4].startswith("📵 Игорь Волков, ")
    assert len(lines) == 9


async def test_a_returned_call_closes_the_card_with_who_after_what_and_how_long(team: Office) -> None:
    await missed(team)
    team.clock.advance(minutes=6, seconds=30)
    await we_called(team)
    assert cards(team) == [
        MISSED_CARD.replace("🔴 Missed call", "🟢 Called back") + "\n📗 Игорь Волков · after 7 min · talked 2 min"
    ]
    assert labels(team) == [["🗂 History"]]


async def test_a_client_who_gets_through_closes_the_card(team: Office) -> None:
    await missed(team)
    team.clock.advance(minutes=90)
    await got_through(team)
    assert cards(team) == [
        MISSED_CARD.replace("🔴 Missed call", "🟢 Got through to us")
        + "\n📗 Мария Орлова · after 1 h 30 min · talked 60 s"
    ]


async def test_a_call_answered_by_a_department_names_the_department(team: Office) -> None:
    await missed(team)
    await got_through(team, user="g_0f0e0d0c-1111-2222-3333-444455556666@romashka")
    assert "📗 Продажи · " in cards(team)[0]


async def test_an_employee_the_pbx_did_not_list_is_named_by_login(team: Office) -> None:
    await missed(team)
    await we_called(team, user="newcomer")
    assert "📗 newcomer · " in cards(team)[0]


async def test_an_answer_from_before_the_missed_call_closes_nothing_however_late_its_news(team: Office) -> None:
    before = stamp(team.clock.now() - timedelta(minutes=10))
    await missed(team)
    team.clock.advance(minutes=3)
    await we_called(team, start=before)
    await got_through(team, start=before)
    assert cards(team) == [MISSED_CARD]


async def test_a_missed_call_older_than_the_answer_is_closed_when_its_news_comes_late(team: Office) -> None:
    long_ago = stamp(team.clock.now() - timedelta(minutes=10))
    await we_called(team)
    await missed(team, start=long_ago)
    assert [card.split(" · ")[0] for card in cards(team)] == ["🟢 Called back"]


async def test_after_closing_the_next_missed_call_is_a_new_card(team: Office) -> None:
    await missed(team)
    await we_called(team)
    team.clock.advance(minutes=1)
    await missed(team)
    assert [card.split(" · ")[0] for card in cards(team)] == ["🟢 Called back", "🔴 Missed call"]
    assert "called" not in cards(team)[1]
    await got_through(team)
    assert [card.split(" · ")[0] for card in cards(team)] == ["🟢 Called back", "🟢 Got through to us"]


async def test_a_call_transferred_under_a_second_id_is_one_conversation(team: Office) -> None:
    """The first half ends answered; the second is told as missed by whom it was passed to."""
    ids = {"phone": CLIENT, "callid": "t1"}
    await says(team, "event", type="INCOMING", user="anna", **ids)
    await says(team, "event", type="ACCEPTED", user="anna", **ids)
    await says(team, "event", type="TRANSFERRED", user="igor", second_callid="t2", **ids)
    await got_through(team, callid="t1", user="anna")
    await missed(team, callid="t2")
    assert cards(team) == []


async def test_a_transfer_that_is_told_last_takes_the_false_alarm_back(team: Office) -> None:
    await got_through(team, callid="t1", user="anna")
    await missed(team, callid="t2")
    assert len(cards(team)) == 1
    await says(team, "event", type="TRANSFERRED", user="igor", phone=CLIENT, callid="t1", second_callid="t2")
    [card] = cards(team)
    assert card.startswith("🟢 Got through to us · ")
    assert "📗 Анна Смирнова · " in card


async def test_a_transfer_told_before_the_first_half_keeps_the_card_and_closes_it(team: Office) -> None:
    start = stamp(team.clock.now())
    await missed(team, callid="t2")
    await says(team, "event", type="TRANSFERRED", user="igor", phone=CLIENT, callid="t1", second_callid="t2")
    [card] = team.bot_messages(team.team)
    await got_through(team, callid="t1", user="anna", start=start)
    [closed] = team.bot_messages(team.team)
    assert closed.id == card.id
    assert closed.text.startswith("🟢 Got through to us · ")


async def test_a_rating_by_the_second_id_of_a_call_knows_whose_it_was(team: Office) -> None:
    await says(team, "event", type="TRANSFERRED", user="igor", phone=CLIENT, callid="t1", second_callid="t2")
    await got_through(team, callid="t1", user="anna")
    await says(team, "rating", rating="5", callid="t2")
    assert cards(team)[0].startswith("⭐ ★★★★★ 5 of 5 · +7 910 000-00-01\n👤 Анна Смирнова")


async def test_calls_with_one_client_do_not_close_the_card_of_another(team: Office) -> None:
    await missed(team)
    await we_called(team, phone=OTHER)
    assert cards(team) == [MISSED_CARD]


# Several PBXs


async def test_an_answer_through_any_pbx_closes_the_card(database_url: str) -> None:
    both = [
        {"id": name, "vendor": "vats_rest", "url": "http://127.0.0.1:1", "key": "k", "webhook_token": token}
        for name, token in (("main", "webhook-token-of-the-tests"), ("branch", "webhook-token-of-the-tests"))
    ]
    async with an_office(database_url, pbx=both) as office:
        await office.bind(office.team)
        await office.bind(office.team, pbx_id="branch")
        await missed(office)
        await missed(office, pbx="branch")
        assert [card.splitlines()[1].rpartition(" · ")[2] for card in cards(office)] == ["PBX main", "PBX branch"]
        await we_called(office, pbx="branch")
        assert [card.split(" · ")[0] for card in cards(office)] == ["🟢 Called back"] * 2


async def test_a_chat_bound_to_one_pbx_hears_nothing_of_the_other(database_url: str) -> None:
    both = [
        {"id": name, "vendor": "vats_rest", "url": "http://127.0.0.1:1", "key": "k", "webhook_token": name * 3}
        for name in ("main", "branch")
    ]
    async with an_office(database_url, pbx=both) as office:
        await office.bind(office.team, pbx_id="branch")
        assert await office.pbx_says({"crm_token": "mainmainmain", "cmd": "history", "status": "Missed",
                                      "phone": CLIENT, "callid": "1"}) == 200  # fmt: skip
        assert cards(office) == []


# Who is told what


async def test_each_bound_chat_and_topic_has_its_card_and_each_is_kept_true(team: Office) -> None:
    forum = team.world.add_group("Форум", [ANNA], forum=True).id
    topic = team.world.create_topic(ANNA, forum, "Звонки").id
    await team.bind(forum, thread_id=topic)
    await missed(team)
    await we_called(team)
    [in_team] = team.bot_messages(team.team)
    [in_topic] = [one for one in team.bot_messages(forum) if one.thread_id == topic]
    assert in_team.text == in_topic.text
    assert in_team.text.startswith("🟢 Called back")


async def test_a_chat_that_wants_ratings_alone_gets_no_cards(office: Office) -> None:
    await office.bind(office.team, "ratings")
    await missed(office)
    await says(office, "rating", rating="4", phone=CLIENT, user="igor", callid="r1")
    assert [card.splitlines()[0] for card in cards(office)] == ["⭐ ★★★★☆ 4 of 5 · +7 910 000-00-01"]


# Ratings, lines


async def test_a_rating_is_a_notice_with_client_employee_and_stars(team: Office) -> None:
    await says(team, "rating", rating="5", phone=CLIENT, user="igor", callid="r1")
    assert cards(team) == ["⭐ ★★★★★ 5 of 5 · +7 910 000-00-01\n👤 Игорь Волков\n🕒 today 12:00"]


@pytest.mark.parametrize("stars", ["1", "2", "3"])
async def test_a_low_rating_is_marked_for_managers(team: Office, stars: str) -> None:
    await says(team, "rating", rating=stars, phone=CLIENT, user="igor", callid="r1")
    [notice] = cards(team)
    assert notice.startswith("⚠️ ★")
    assert "\nFor managers: a low rating.\n" in notice


async def test_a_rating_by_callid_alone_is_told_whose_call_it_was(team: Office) -> None:
    await got_through(team, callid="g1")
    await says(team, "rating", rating="4", callid="g1")
    assert cards(team)[0].startswith("⭐ ★★★★☆ 4 of 5 · +7 910 000-00-01\n👤 Мария Орлова\n")


async def test_a_rating_told_twice_is_one_notice(team: Office) -> None:
    for _ in range(2):
        await says(team, "rating", rating="4", callid="g1", phone=CLIENT)
        team.clock.advance(hours=2)
    assert len(cards(team)) == 1


async def test_a_lost_line_is_a_notice_that_says_what_to_do(team: Office) -> None:
    data = '{"telnum": "74950000009", "name": "Запасная", "domain": "sip.example"}'
    await says(team, "webhook", type="sipregs_error", id="7", data=data)
    assert cards(team) == [
        "📡 A line is down: +7 495 000-00-09 «Запасная»\n"
        "No calls come through it. Check its account and password in the PBX's cabinet.\n"
        "🕒 today 12:00"
    ]


async def test_an_alarm_that_is_repeated_while_the_line_is_down_is_no_news(team: Office) -> None:
    for _ in range(2):
        await says(team, "webhook", type="sipregs_error", id="7", data='{"telnum": "74950000009"}')
        team.clock.advance(hours=1)
    assert len(cards(team)) == 1


# Order and time


async def test_the_news_of_one_burst_are_one_message(team: Office) -> None:
    """Three calls and an attempt are known before the chat is told anything: it is told once."""
    start = team.clock.now()
    call = {"type": "in", "status": "Missed", "phone": CLIENT, **SALES, "duration": "5"}
    for n in range(3):
        await told(team, "history", callid=f"b{n}", start=stamp(start + timedelta(seconds=10 * n)), **call)
    await told(team, "history", callid="b9", type="out", status="Busy", phone=CLIENT, user="igor",
               start=stamp(start + timedelta(seconds=50)))  # fmt: skip
    team.clock.advance(minutes=1)
    await team.settle()
    [card] = team.bot_messages(team.team)
    assert (card.id, card.edits) == (1, 0)
    assert "called 3 times" in card.text
    assert "busy" in card.text


async def test_a_case_nobody_touches_for_seven_days_expires_and_loses_its_buttons(team: Office) -> None:
    await missed(team)
    team.clock.advance(days=7, minutes=1)
    async with team.desk.db.write() as tx:
        assert await ledger.expire_untouched(team.desk, tx) == 1
    await team.settle()
    [card] = cards(team)
    assert card.startswith("⚪ Expired · ")
    assert card.endswith("\nNobody touched it for seven days.")
    assert labels(team) == []
    await we_called(team)
    assert cards(team) == [card]
    await missed(team)
    assert [one.split(" · ")[0] for one in cards(team)] == ["⚪ Expired", "🔴 Missed call"]


async def test_all_that_nobody_touches_expire_however_many(team: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "EXPIRED_AT_ONCE", 2)
    for number in range(1, 6):
        await missed(team, phone=phone(number))
    team.clock.advance(days=7, minutes=1)
    async with team.desk.db.read() as tx:
        assert await cases.count_open(tx, ["main"]) == 5
    await ledger.expire(team.desk)
    async with team.desk.db.read() as tx:
        assert await cases.count_open(tx, ["main"]) == 0


async def test_a_call_read_back_from_history_says_that_it_was_recovered(team: Office) -> None:
    now = team.clock.now()
    lost = Call(
        "x1", Direction.IN, Outcome.MISSED, "+" + CLIENT, now - timedelta(minutes=4), now - timedelta(minutes=3)
    )
    async with team.desk.db.write() as tx:
        await ledger.record_call(team.desk, tx, "main", lost, via="recovered")
    await team.settle()
    assert cards(team)[0].endswith("\n♻️ Recovered: no event told us of it in time.")
