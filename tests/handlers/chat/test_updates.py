"""Telegram's updates: stored before acknowledged, handled once, each chat in order; and what commands nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import Update

from handlers.chat import updates
from handlers.chat.updates import Poller, UpdateWorker
from sandbox.telegram import Answer, wire
from storage import memory, tables
from storage.database import DatabaseUnavailable
from tests.office import ANNA, CLIENT, IGOR, Office, an_office
from tests.storage.outages import closed, without_patience

WAITS = "⚠️ I can't write anything down right now. I'll do this as soon as I can: no need to send it again."
Handler = Callable[[int, str], Awaitable[None]]


def worker_with(office: Office, handle: Handler) -> UpdateWorker:
    """A worker that hands each message's chat and text to `handle` instead of the routers."""
    assert office.app.chat is not None

    class Told(Dispatcher):
        async def feed_update(self, bot: Bot, update: Update, **more: object) -> object:
            assert update.message is not None
            await handle(update.message.chat.id, update.message.text or "")
            return None

    return UpdateWorker(office.desk, office.app.chat.bot, Told(disable_fsm=True), office.app.updates)


async def states(office: Office) -> dict[int, str]:
    async with office.desk.db.read() as tx:
        rows = await tx.execute(tables.updates.select().order_by(tables.updates.c.update_id))
        return {row.update_id: row.state for row in rows}


async def store(office: Office) -> None:
    """What waits at Telegram is fetched and stored, and not handled yet."""
    while await office._fetch_updates():
        pass


# Fetching


@asynccontextmanager
async def polling(office: Office) -> AsyncIterator[Poller]:
    assert office.app.chat is not None
    poller = Poller(office.desk, office.app.chat.bot, office.app.updates)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    """The real poller works beside us: let it."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # there is nothing to be told by
            await asyncio.sleep(0.001)


async def test_updates_are_acknowledged_only_when_they_are_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_many, failures = office.app.updates.take_many, 2

    async def fails_twice(arrived: list[tuple[int, bytes]]) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise DatabaseUnavailable("locked")
        await take_many(arrived)

    monkeypatch.setattr(office.app.updates, "take_many", fails_twice)
    office.world.say(ANNA, ANNA, "one")
    office.world.say(ANNA, ANNA, "two")
    waiting = office.world.updates.waiting
    first = waiting[0]["update_id"]
    async with polling(office):
        await until(lambda: not waiting)
        asked = [one.params.get("offset") for one in office.tg.journal.requests("getUpdates")]
        assert [str(offset) for offset in asked[:4]] == ["None", "None", "None", str(first + 2)]
    assert await states(office) == {first: "new", first + 1: "new"}


@pytest.fixture
async def hurried(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """A connected office whose database says at once that it is locked."""
    without_patience(monkeypatch)
    async with an_office(database_url) as built:
        yield await built.connected()


async def test_while_nothing_can_be_stored_people_hear_that_it_waits_and_then_it_is_done(
    hurried: Office, database_url: str
) -> None:
    """Said once in each chat, to whoever wants something: a command, or a press."""
    office = hurried
    assert office.app.chat is not None
    before = {chat: len(office.texts(chat)) for chat in (ANNA, office.team)}
    card = office.bot_messages(ANNA)[-1]
    async with closed(database_url):
        office.world.say(ANNA, ANNA, "/help")
        office.world.say(IGOR, office.team, "/who")
        office.world.say(IGOR, office.team, "nothing for a bot")
        press = office.world.press(ANNA, ANNA, card.id, "an old button")
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await office._fetch_updates()
            await office.app.chat.apologies.settle()
        assert {chat: office.texts(chat)[before[chat] :] for chat in before} == {ANNA: [WAITS], office.team: [WAITS]}
        assert press.answered == Answer(WAITS, show_alert=True)
    await office.settle()
    assert {chat: len(office.texts(chat)) - count for chat, count in before.items()} == {ANNA: 2, office.team: 2}


async def test_what_telegram_sends_again_after_a_restart_is_handled_once(office: Office) -> None:
    handled: list[str] = []

    async def note(chat_id: int, text: str) -> None:
        handled.append(text)

    office.world.say(ANNA, ANNA, "once")
    for _ in range(2):  # the offset of the first was never confirmed
        office._offset = None
        await office._fetch_updates()
        await worker_with(office, note).settle()
    assert handled == ["once"]


async def test_an_update_stored_and_not_handled_when_the_program_ended_is_handled_by_the_next(office: Office) -> None:
    office.world.say(ANNA, ANNA, "/help")
    await store(office)
    assert office.bot_messages(ANNA) == []
    await office.restarted()
    await office.settle()
    assert len(office.bot_messages(ANNA)) == 1


async def test_polling_goes_on_after_an_outage(office: Office) -> None:
    office.tg.weather.refuse(methods={"getUpdates"}, times=2)
    office.tg.weather.status(502, methods={"getUpdates"}, times=1)
    office.tg.weather.truncated(methods={"getUpdates"}, times=1)
    office.tg.weather.flood(3, methods={"getUpdates"}, times=1)
    office.world.say(ANNA, ANNA, "hello")
    async with polling(office) as poller:
        await until(lambda: not office.world.updates.waiting)
        await until(lambda: not poller.is_out)
    assert list((await states(office)).values()) == ["new"]


# Handling


async def test_within_a_chat_updates_are_handled_in_order(office: Office) -> None:
    handled: list[str] = []

    async def note(chat_id: int, text: str) -> None:
        await asyncio.sleep(0)
        handled.append(text)

    for n in range(20):
        office.world.say(ANNA, ANNA, str(n))
    await store(office)
    await worker_with(office, note).settle()
    assert handled == [str(n) for n in range(20)]


async def test_a_slow_chat_does_not_delay_another_however_much_it_writes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "AT_ONCE", 5)
    free, others = asyncio.Event(), asyncio.Event()

    async def slow_for_anna(chat_id: int, text: str) -> None:
        if chat_id == ANNA:
            await free.wait()
        else:
            others.set()

    worker = worker_with(office, slow_for_anna)
    async with office.desk.db.write() as tx:
        bodies = [(n, _update(office, n, ANNA, "flood")) for n in range(1, 15)]
        await memory.store_updates(office.desk.db, tx, [*bodies, (15, _update(office, 15, IGOR, "hello"))],
                                   office.clock.now())  # fmt: skip
    for _ in range(3):
        await worker._start_waiting()
    await asyncio.wait_for(others.wait(), 5)
    free.set()
    await worker.settle()
    assert set((await states(office)).values()) == {"done"}


def _update(office: Office, update_id: int, user_id: int, text: str) -> bytes:
    user = wire.user_json(office.world.users[user_id])
    chat = wire.chat_json(office.world.private(user_id), office.world)
    message = {"message_id": update_id, "date": 1_770_000_000, "chat": chat, "from": user, "text": text}
    return Update.model_validate({"update_id": update_id, "message": message}).model_dump_json(
        exclude_unset=True, by_alias=True
    ).encode()  # fmt: skip


async def test_an_update_that_ends_while_the_next_are_read_is_not_handled_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: list[str] = []
    go_on = asyncio.Event()

    async def note(chat_id: int, text: str) -> None:
        await go_on.wait()
        handled.append(text)

    office.world.say(ANNA, ANNA, "once")
    await store(office)
    worker = worker_with(office, note)
    await worker._start_waiting()
    [task] = worker._tasks
    waiting_updates = memory.waiting_updates

    async def read_then_it_ends(tx: object, limit: int) -> object:
        found = await waiting_updates(tx, limit)  # type: ignore[arg-type]
        go_on.set()
        await task
        return found

    if office.desk.db.is_sqlite:  # one connection reads while the other writes
        monkeypatch.setattr(memory, "waiting_updates", read_then_it_ends)
    await worker._start_waiting()
    monkeypatch.undo()
    go_on.set()
    await worker.settle()
    assert handled == ["once"]


async def test_an_update_that_fails_is_put_aside_and_the_next_is_handled(office: Office) -> None:
    handled: list[str] = []

    async def fails_on_bad(chat_id: int, text: str) -> None:
        if text == "bad":
            raise ZeroDivisionError("secret 79100000001")
        handled.append(text)

    for text in ("bad", "good"):
        office.world.say(ANNA, ANNA, text)
    await store(office)
    await worker_with(office, fails_on_bad).settle()
    assert handled == ["good"]
    assert list((await states(office)).values()) == ["failed", "done"]


async def test_an_update_that_ends_the_program_each_time_is_put_aside_at_last(office: Office) -> None:
    tries = 0

    async def kills(chat_id: int, text: str) -> None:
        nonlocal tries
        tries += 1
        raise asyncio.CancelledError

    office.world.say(ANNA, ANNA, "poison")
    await store(office)
    for _ in range(5):
        worker = worker_with(office, kills)  # the program starts again
        await worker._start_waiting()
        await asyncio.gather(*worker._tasks, return_exceptions=True)
    assert tries == 3
    assert list((await states(office)).values()) == ["failed"]


async def test_an_outage_is_not_the_updates_fault_and_is_waited_for_longer_each_time(office: Office) -> None:
    failures, began = 6, office.clock.now()
    handled: list[str] = []

    async def outage(chat_id: int, text: str) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise TelegramNetworkError(method=None, message="gone")  # type: ignore[arg-type]
        handled.append(text)

    for text in ("first", "second"):
        office.world.say(ANNA, ANNA, text)
    await store(office)
    await worker_with(office, outage).settle()
    assert handled == ["first", "second"]
    assert (office.clock.now() - began).total_seconds() == 1 + 2 + 4 + 8 + 15 + 15


async def test_a_body_that_is_no_update_is_put_aside(office: Office) -> None:
    async def never(chat_id: int, text: str) -> None:
        raise AssertionError

    await office.app.updates.take_many([(7, b"{"), (8, b'{"update_id": 8, "message": "?"}')])
    await worker_with(office, never).settle()
    assert await states(office) == {7: "failed", 8: "failed"}


async def test_a_handled_update_keeps_no_body(office: Office) -> None:
    await office.says(ANNA, ANNA, "/help")
    async with office.desk.db.read() as tx:
        [row] = await tx.execute(tables.updates.select())
    assert (row.state, row.body) == ("done", None)


# What commands nothing


@pytest.fixture
async def listening(office: Office) -> Office:
    """Nobody's words reach the bot but what Telegram passes on; the bot sees everything in the group."""
    await office.connected()
    return office


def _connects_again(office: Office) -> str:
    return f"/contact {CLIENT} Eve | anna"


async def _nothing_happens(office: Office) -> None:
    before = {chat: len(office.bot_messages(chat)) for chat in (office.team, ANNA, IGOR)}
    await office.settle()
    assert {chat: len(office.bot_messages(chat)) for chat in before} == before
    async with office.desk.db.read() as tx:
        assert (await tx.execute(tables.contacts.select())).first() is None
    assert set((await states(office)).values()) == {"done"}


def _pushed(office: Office, kind: str, **changes: object) -> None:
    """The command as a message in the team's chat, changed in some way only Telegram can."""
    message = office.world.say(ANNA, office.team, "placeholder")
    said = wire.message_json(message, office.world)
    office.world.updates.drop()
    command = _connects_again(office)
    entity = {"type": "bot_command", "offset": 0, "length": len("/contact")}
    body = {**said, "text": command, "entities": [entity], **changes}
    office.world.updates.push(kind, {name: value for name, value in body.items() if value is not None})


async def test_the_command_itself_works(listening: Office) -> None:
    _pushed(listening, "message")
    await listening.settle()
    async with listening.desk.db.read() as tx:
        assert (await tx.execute(tables.contacts.select())).first() is not None


async def test_an_edited_message_commands_nothing(listening: Office) -> None:
    _pushed(listening, "edited_message", edit_date=1_770_000_000)
    await _nothing_happens(listening)


async def test_a_channel_post_commands_nothing(listening: Office) -> None:
    _pushed(listening, "channel_post", **{"from": None})
    await _nothing_happens(listening)


async def test_an_anonymous_administrator_commands_nothing(listening: Office) -> None:
    group = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    team = wire.chat_json(listening.world.chat(listening.team), listening.world)
    _pushed(listening, "message", **{"from": group}, sender_chat=team)
    await _nothing_happens(listening)


async def test_a_message_in_the_name_of_a_channel_commands_nothing(listening: Office) -> None:
    """Telegram puts a real user, "Channel Bot", into `from`; the anonymous kind may even name a person."""
    channel = {"id": -1001234567890, "type": "channel", "title": "Announcements"}
    _pushed(listening, "message", sender_chat=channel)
    await _nothing_happens(listening)


async def test_another_bot_commands_nothing(listening: Office) -> None:
    _pushed(listening, "message", **{"from": {"id": 4242, "is_bot": True, "first_name": "Other"}})
    await _nothing_happens(listening)


async def test_a_forwarded_command_commands_nothing(listening: Office) -> None:
    message = listening.world.say(ANNA, ANNA, _connects_again(listening))
    listening.world.updates.drop()
    for chat in (listening.team, ANNA):
        listening.world.forward(ANNA, ANNA, message.id, chat)
    await _nothing_happens(listening)


async def test_a_command_for_another_bot_commands_nothing(listening: Office) -> None:
    _pushed(listening, "message", text=_connects_again(listening).replace("/contact", "/contact@other_bot"),
            entities=[{"type": "bot_command", "offset": 0, "length": len("/contact@other_bot")}])  # fmt: skip
    await _nothing_happens(listening)
