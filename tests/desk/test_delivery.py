"""Chats show what they should, whatever Telegram does: limits, outages, chats that move or go."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from aiogram.client.session.aiohttp import AiohttpSession

from desk.case_view import CaseView
from handlers.chat import cards
from handlers.chat.texts import Html, Texts
from sandbox.telegram import Request
from storage import chats, contacts, notices, tables
from storage.contacts import Contact
from storage.notices import Delivery
from tests.desk.phones import SALES, got_through, missed, stamp, told, we_called
from tests.office import ANNA, CLIENT, IGOR, Office

SENDING = {"sendMessage", "editMessageText", "deleteMessage"}


def number(n: int) -> str:
    return f"7910000{n:04}"


def shown(n: int) -> str:
    return f"+7 910 000-{n // 100:02}-{n % 100:02}"


def visible(office: Office) -> str:
    return "\n".join(office.texts(office.team))


async def burst(office: Office, count: int, first: int = 1) -> None:
    """So many clients are missed at the same moment; nothing is shown yet."""
    start = stamp(office.clock.now() - timedelta(seconds=20))
    body = {"type": "in", "status": "Missed", **SALES, "start": start, "duration": "20"}
    for n in range(first, first + count):
        await told(office, "history", phone=number(n), callid=f"burst-{n}", **body)
    await office.app.worker.settle()


async def deliveries(office: Office) -> list[Delivery]:
    async with office.desk.db.read() as tx:
        rows = await tx.execute(tables.deliveries.select().order_by(tables.deliveries.c.id))
        return [notices._delivery(row) for row in rows]


def requests(office: Office, *methods: str) -> list[Request]:
    return office.tg.journal.requests(*(methods or SENDING))


# Limits


async def test_sixty_missed_calls_at_once_are_all_seen_within_two_minutes_and_no_limit_is_hit(team: Office) -> None:
    await burst(team, 60)
    began = team.clock.now()
    await team.settle()
    assert team.clock.now() - began < timedelta(minutes=2)
    assert team.tg.limits.refused == 0
    assert team.tg.limits.busiest_minute(team.team) <= 20
    missing = [shown(n) for n in range(1, 61) if shown(n) not in visible(team)]
    assert missing == []


async def test_a_few_cards_at_once_are_messages_of_their_own(team: Office) -> None:
    await burst(team, 4)
    await team.settle()
    assert [text.split(" · ")[0] for text in team.texts(team.team)] == ["🔴 Missed call"] * 4


async def test_a_roll_lists_its_clients_and_is_kept_true(team: Office) -> None:
    await burst(team, 10)
    await team.settle()
    [roll] = team.bot_messages(team.team)
    lines = roll.text.splitlines()
    assert lines[:3] == [
        "📞 10 clients could not reach us",
        "10 still wait for a call. Press a number to open the card.",
        "1. 🔴 +7 910 000-00-01 · today 11:59",
    ]
    assert [button.text for row in roll.buttons for button in row] == [str(n) for n in range(1, 11)]
    await we_called(team, phone=number(1))
    await missed(team, number(2))
    await we_called(team, "Busy", phone=number(3))
    [roll] = team.bot_messages(team.team)
    assert roll.text.splitlines()[1:5] == [
        "9 still wait for a call. Press a number to open the card.",
        "1. 🟢 +7 910 000-00-01 · today 11:59",
        "2. 🔴 +7 910 000-00-02 · today 12:01 ×2",
        "3. 🟠 +7 910 000-00-03 · today 11:59",
    ]
    assert [button.text for row in roll.buttons for button in row] == [str(n) for n in range(2, 11)]


async def test_a_number_under_a_roll_opens_the_clients_card_and_both_stay_true(team: Office) -> None:
    await team.link(IGOR, "igor")
    await burst(team, 10)
    await team.settle()
    [roll] = team.bot_messages(team.team)
    await team.presses(IGOR, roll, "7")
    roll, card = team.bot_messages(team.team)
    assert card.text.startswith(f"🔴 Missed call · {shown(7)}\n")
    await we_called(team, phone=number(7))
    roll, card = team.bot_messages(team.team)
    assert card.text.startswith(f"🟢 Called back · {shown(7)}\n")
    assert f"7. 🟢 {shown(7)}" in roll.text


async def test_a_settled_roll_says_so_and_loses_its_buttons(team: Office) -> None:
    await burst(team, 9)
    await team.settle()
    for n in range(1, 10):
        await got_through(team, number(n))
    [roll] = team.bot_messages(team.team)
    assert roll.text.splitlines()[1] == "All of them are settled."
    assert roll.buttons == ()


async def test_a_client_of_an_old_roll_who_calls_again_gets_a_message_that_rings(team: Office) -> None:
    await burst(team, 9)
    await team.settle()
    team.clock.advance(minutes=6)
    await missed(team, number(3))
    roll, card = team.bot_messages(team.team)
    assert card.text.startswith(f"🔴 Missed call · {shown(3)}\n")
    assert "×2" in roll.text


async def test_a_roll_of_long_names_still_holds_every_client(team: Office) -> None:
    async with team.desk.db.write() as tx:
        for n in range(1, 41):
            name = f"Общество с ограниченной ответственностью <{n}> & " * 6
            await contacts.save(team.desk.db, tx, Contact("+" + number(n), name, None, team.clock.now(), ANNA))
    await burst(team, 40)
    await team.settle()
    missing = [shown(n) for n in range(1, 41) if shown(n) not in visible(team)]
    assert missing == []


async def test_changes_that_pile_up_are_one_edit(team: Office) -> None:
    await missed(team)
    before = len(requests(team))
    for n in range(12):
        await told(team, "history", type="out", status="Busy", phone=CLIENT, callid=f"o{n}", user="igor",
                   start=stamp(team.clock.now()))  # fmt: skip
        team.clock.advance(seconds=1)
    await team.settle()
    assert [one.method for one in requests(team)[before:]] == ["editMessageText"]
    assert "7 earlier attempts" in visible(team)


async def test_answers_to_people_find_room_while_a_group_is_flooded(team: Office) -> None:
    await burst(team, 60)
    began = team.clock.now()
    team.world.say(ANNA, team.team, "/help")
    await team.settle()
    assert team.tg.limits.refused == 0
    [answer] = [one for one in team.bot_messages(team.team) if "/missed" in one.text]
    assert answer.date - began < timedelta(minutes=1)


async def test_a_flooded_chat_does_not_delay_another(team: Office) -> None:
    other = team.world.add_group("Сервис", [ANNA]).id
    await burst(team, 60)
    await team.bind(other)
    await told(team, "history", status="Missed", phone=number(99), callid="other")
    began = team.clock.now()
    await team.settle()
    [card] = team.bot_messages(other)
    assert card.date - began <= timedelta(seconds=2)


# 429


async def test_a_429_is_obeyed_in_full_in_that_chat_and_others_go_on(team: Office) -> None:
    other = team.world.add_group("Сервис", [ANNA]).id
    team.tg.weather.flood(37, methods={"sendMessage"}, times=1)
    await missed(team)
    began = team.clock.now()
    await team.bind(other)
    await missed(team, number(2))
    await team.settle()
    to_team = [one.at - began for one in requests(team, "sendMessage") if int(one.params["chat_id"]) == team.team]
    assert to_team[0] == timedelta(0)
    assert timedelta(seconds=37) <= to_team[1] <= timedelta(seconds=39)
    assert len(team.bot_messages(team.team)) == 2
    [card] = team.bot_messages(other)
    assert card.date - began <= timedelta(seconds=2)


# Messages that changed under us


async def test_an_edit_that_changes_nothing_is_a_success(team: Office) -> None:
    await missed(team)
    async with team.desk.db.write() as tx:
        await notices.touch(tx, 1, team.clock.now())
    await team.settle()
    assert requests(team)[-1].description.startswith("Bad Request: message is not modified")
    [one] = await deliveries(team)
    assert (one.due_at, one.attempts, one.error, one.shown_version) == (None, 0, None, 2)


async def test_a_card_somebody_deleted_is_sent_anew_when_there_is_news(team: Office) -> None:
    await missed(team)
    [card] = team.bot_messages(team.team)
    team.world.delete_message(ANNA, team.team, card.id)
    await we_called(team, "Busy")
    [anew] = team.bot_messages(team.team)
    assert anew.id != card.id
    assert anew.text.startswith("🟠 Not reached yet")
    await we_called(team)
    [anew] = team.bot_messages(team.team)
    assert anew.text.startswith("🟢 Called back")


async def test_a_moved_card_whose_old_message_is_gone_already_is_no_trouble(team: Office) -> None:
    await missed(team)
    [card] = team.bot_messages(team.team)
    team.world.delete_message(ANNA, team.team, card.id)
    team.clock.advance(minutes=6)
    await missed(team)
    [moved] = team.bot_messages(team.team)
    assert "called 2 times" in moved.text
    [one] = await deliveries(team)
    assert one.leftover_id is None


# Chats that move or go


@pytest.mark.parametrize("told_by", ["update", "error"])
async def test_a_group_that_becomes_a_supergroup_is_followed(office: Office, told_by: str) -> None:
    group = office.world.add_group("Старая группа", [ANNA, IGOR], kind="group").id
    await office.bind(group)
    await missed(office)
    new = office.world.migrate_group(group)
    if told_by == "error":
        office.world.updates.drop()
    await missed(office, number(2))
    await we_called(office)
    texts = office.texts(new)
    assert any(shown(2) in text for text in texts)
    assert any(text.startswith("🟢 Called back") for text in texts)
    async with office.desk.db.read() as tx:
        assert [one.chat_id for one in await chats.bindings_of_pbx(tx, "main")] == [new]


async def test_a_card_that_both_ids_of_a_moved_group_know_is_shown_once(office: Office) -> None:
    """The update about the move came first, and the client called again before the old card was touched."""
    group = office.world.add_group("Старая группа", [ANNA, IGOR], kind="group").id
    await office.bind(group)
    await missed(office)
    new = office.world.migrate_group(group)
    await office.bind(new)
    async with office.desk.db.write() as tx:
        await notices.deliver_to(office.desk.db, tx, 1, [(new, 0)], office.clock.now())
        await notices.touch(tx, 1, office.clock.now())
    await office.settle()
    await we_called(office)
    assert [text.split(" · ")[0] for text in office.texts(new)] == ["🟢 Called back"]


@pytest.mark.parametrize("how", ["closed", "deleted"])
async def test_a_topic_that_is_gone_gives_its_notices_to_the_chat_and_admins_hear_of_it(
    office: Office, how: str
) -> None:
    await office.says(ANNA, ANNA, "/start")
    before = len(office.texts(ANNA))
    forum = office.world.add_group("Форум", [ANNA, IGOR], forum=True).id
    topic = office.world.create_topic(ANNA, forum, "Звонки").id
    await office.bind(forum, thread_id=topic)
    await missed(office)
    if how == "closed":
        office.world.close_topic(ANNA, forum, topic)
    else:
        office.world.delete_topic(ANNA, forum, topic)
    await missed(office, number(2))
    await missed(office, number(3))
    general = [one.text for one in office.bot_messages(forum) if one.thread_id is None]
    assert [shown(n) in text for n, text in zip((2, 3), general[-2:], strict=True)] == [True, True]
    [warning] = office.texts(ANNA)[before:]
    assert warning == (
        f"⚠️ A topic of the chat {forum} is closed or deleted. Its notices now come to the chat itself. "
        "Send /connect in another topic to move them."
    )


@pytest.mark.parametrize("told_by", ["update", "error"])
async def test_a_bot_that_was_kicked_falls_silent_and_admins_hear_of_it_once(office: Office, told_by: str) -> None:
    await office.says(ANNA, ANNA, "/start")
    before = len(office.texts(ANNA))
    await office.bind(office.team)
    await missed(office)
    office.world.kick_bot(ANNA, office.team)
    if told_by == "error":
        office.world.updates.drop()
    for n in (2, 3, 4):
        await missed(office, number(n))
        await we_called(office, "Busy")
    assert len(office.texts(ANNA)[before:]) == 1
    assert office.texts(ANNA)[-1].startswith("⚠️ ")
    refused = [one for one in requests(office, "sendMessage", "editMessageText") if one.status == 403]
    assert len(refused) <= 2
    office.clock.advance(days=2)
    await we_called(office, "Busy")
    assert len(office.texts(ANNA)[before:]) == 1


async def test_an_admin_who_has_not_started_the_bot_is_no_loop(office: Office) -> None:
    """What can't be said to anybody ends; the group goes on."""
    await office.bind(office.team)
    forum = office.world.add_group("Форум", [ANNA], forum=True).id
    topic = office.world.create_topic(ANNA, forum, "Звонки").id
    await office.bind(forum, thread_id=topic)
    office.world.close_topic(ANNA, forum, topic)
    await missed(office)
    assert len(office.texts(office.team)) == 1
    assert [one.due_at for one in await deliveries(office)] == [None] * 3


# Outages


def refuse(office: Office) -> None:
    office.tg.weather.refuse()


def error_page(office: Office) -> None:
    office.tg.weather.status(502)


def half_an_answer(office: Office) -> None:
    office.tg.weather.truncated()


def hang(office: Office) -> None:
    assert office.app.chat is not None
    session = office.app.chat.bot.session
    assert isinstance(session, AiohttpSession)
    session.timeout = 0.05
    office.tg.weather.hang()


async def _attempts(office: Office, times: int) -> None:
    """Telegram is out; so many times the delivery loop comes round."""
    assert office.app.chat is not None
    for _ in range(times):
        await office.app.worker.settle()
        office.clock.advance(seconds=await office.app.chat.deliverer.settle())


@pytest.mark.parametrize("outage", [refuse, error_page, half_an_answer, hang])
async def test_after_an_outage_everything_is_there_and_at_most_one_message_twice(
    team: Office, outage: Callable[[Office], None]
) -> None:
    await missed(team)
    outage(team)
    await burst(team, 3, first=11)
    await _attempts(team, 8)
    await told(team, "history", type="out", status="Busy", phone=CLIENT, callid="o1", user="igor")
    await _attempts(team, 8)
    ready = await team.http.get(f"{team.url}/readyz")
    assert {"part": "telegram", "problem": "Telegram is out of reach; messages wait"} in await ready.json() or (
        ready.status == 503
    )
    team.tg.weather.clear()
    assert team.app.chat is not None
    team.app.chat.bot.session.timeout = 60.0
    await team.settle()
    texts = team.texts(team.team)
    for n in (11, 12, 13):
        assert sum(shown(n) in text for text in texts) in (1, 2 if n == 11 else 1)
    assert any(text.startswith("🟠 Not reached yet") for text in texts)
    assert len(texts) <= 5
    assert all(one.due_at is None and one.sending_since is None for one in await deliveries(team))


async def test_during_an_outage_telegram_is_asked_less_and_less(team: Office) -> None:
    team.tg.weather.refuse()
    await burst(team, 1)
    began = team.clock.now()
    await _attempts(team, 20)
    spent = (team.clock.now() - began).total_seconds()
    assert spent >= 15 * 14
    asked = len(team.tg.journal.requests("sendMessage", "getMe", since=began))
    for n in range(20):
        await burst(team, 1, first=50 + n)
        await team.app.chat.deliverer.settle()  # type: ignore[union-attr]
    assert len(team.tg.journal.requests("sendMessage", "getMe", since=began)) <= asked + 1


async def test_a_message_whose_answer_was_lost_comes_once_more_and_says_so(team: Office) -> None:
    team.tg.weather.lose_reply()
    await missed(team)
    first, second = team.texts(team.team)
    assert first.startswith("🔴 Missed call")
    assert second == (first + "\n⚠️ After an interruption this may stand here twice; this one is kept up to date.")
    await we_called(team)
    assert [text.split(" · ")[0] for text in team.texts(team.team)] == ["🔴 Missed call", "🟢 Called back"]


async def test_a_card_that_moved_down_with_its_answer_lost_says_so_too(team: Office) -> None:
    await missed(team)
    team.clock.advance(minutes=6)
    team.tg.weather.lose_reply()
    await missed(team)
    assert "may stand here twice" in team.texts(team.team)[-1]
    assert len(team.texts(team.team)) == 2


async def test_answers_that_are_always_lost_do_not_fill_the_chat(team: Office) -> None:
    team.tg.weather.truncated(methods={"sendMessage"})
    await missed(team)
    for _ in range(60):
        team.clock.advance(minutes=1)
        await team.settle()
    assert len(team.texts(team.team)) <= 5
    team.tg.weather.clear()
    await we_called(team)
    assert team.texts(team.team)[-1].startswith("🟢 Called back")


async def test_a_refused_message_is_tried_later_and_then_left_and_does_not_hold_up_others(
    team: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "_client", lambda view, say: Html("<oops>"))
    await missed(team)
    monkeypatch.undo()
    await missed(team, number(2))
    assert len(team.texts(team.team)) == 1
    [refused, _] = await deliveries(team)
    assert (refused.attempts, refused.message_id) == (1, None)
    assert "can't parse entities" in (refused.error or "")
    team.clock.advance(minutes=1)
    await team.settle()
    assert len(team.texts(team.team)) == 2


async def test_a_notice_that_cannot_be_rendered_does_not_silence_the_others(
    team: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = cards.card

    def broken(view: CaseView, say: Texts, now: datetime, *, uncertain: bool = False) -> object:
        if view.case.client == "+" + CLIENT:
            raise ZeroDivisionError
        return rendered(view, say, now, uncertain=uncertain)

    monkeypatch.setattr(cards, "card", broken)
    await missed(team)
    await missed(team, number(2))
    [card] = team.texts(team.team)
    assert shown(2) in card
    monkeypatch.undo()
    team.clock.advance(minutes=1)
    await team.settle()
    assert len(team.texts(team.team)) == 2


# Restarts


async def test_a_send_that_was_in_flight_when_the_program_ended_is_made_again_and_says_so(team: Office) -> None:
    await burst(team, 1)
    async with team.desk.db.write() as tx:
        [one] = await notices.due_unsent(tx, team.team, 0, "case", team.clock.now(), 9)
        await notices.change(tx, one.id, sending_since=team.clock.now())
    await team.restarted()
    assert team.app.chat is not None
    await team.app.chat.deliverer.pick_up()
    await team.settle()
    [card] = team.texts(team.team)
    assert card.endswith("⚠️ After an interruption this may stand here twice; this one is kept up to date.")


async def test_an_old_card_left_by_a_kill_is_deleted_at_the_next_start(team: Office) -> None:
    await missed(team)
    await missed(team, number(2))
    first, _ = team.bot_messages(team.team)
    async with team.desk.db.write() as tx:
        await notices.change(tx, 2, leftover_id=first.id)
    await team.restarted()
    assert team.app.chat is not None
    await team.app.chat.deliverer.pick_up()
    assert first.deleted
    assert [one.leftover_id for one in await deliveries(team)] == [None, None]


async def test_what_waited_when_the_program_ended_is_shown_after_the_restart(team: Office) -> None:
    team.tg.weather.refuse()
    await burst(team, 30)
    await _attempts(team, 3)
    await team.restarted(minutes=10)
    team.tg.weather.clear()
    await team.settle()
    assert [shown(n) for n in range(1, 31) if shown(n) not in visible(team)] == []
    assert team.tg.limits.refused == 0
