"""Telegram's flood limits, by a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.telegram import Chat, TelegramStandIn, User

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker, Clock


async def test_a_chat_takes_a_short_burst_and_then_one_message_a_second(
    ask: Asker, tg: TelegramStandIn, clock: Clock, anna: User
) -> None:
    tg.limits.enabled = True
    for _ in range(3):
        await ask("sendMessage", chat_id=anna.id, text="x")
    status, body = await ask.answer("sendMessage", chat_id=anna.id, text="x")
    assert (status, body) == (
        429,
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        },
    )
    clock.advance(seconds=1)
    await ask("sendMessage", chat_id=anna.id, text="x")
    assert (tg.limits.refused, tg.limits.sent(anna.id)) == (1, 4)


async def test_a_group_takes_twenty_a_minute_edits_among_them(
    ask: Asker, tg: TelegramStandIn, clock: Clock, team: Chat, anna: User
) -> None:
    tg.limits.enabled = True
    began = clock.now
    sent = await ask("sendMessage", chat_id=team.id, text="0")
    for number in range(1, 20):
        clock.advance(seconds=2)
        await ask("editMessageText", chat_id=team.id, message_id=sent["message_id"], text=str(number))
    clock.advance(seconds=2)
    _, body = await ask.answer("sendMessage", chat_id=team.id, text="x")
    assert body["parameters"] == {"retry_after": 20}
    clock.advance(seconds=19)
    _, body = await ask.answer("sendMessage", chat_id=team.id, text="x")
    assert body["parameters"] == {"retry_after": 1}
    await ask("sendMessage", chat_id=anna.id, text="other chats go on")
    clock.advance(seconds=1)
    await ask("sendMessage", chat_id=team.id, text="x")
    assert tg.limits.sent(team.id, since=began) == 21
    assert tg.limits.sent(team.id, since=clock.now) == 1
    assert tg.limits.busiest_minute(team.id) == 20
    assert [one.reason for one in tg.limits.refusals] == ["group minute", "penalty"]


async def test_a_private_chat_knows_no_minute(ask: Asker, tg: TelegramStandIn, clock: Clock, anna: User) -> None:
    tg.limits.enabled = True
    for _ in range(40):
        clock.advance(seconds=1)
        await ask("sendMessage", chat_id=anna.id, text="x")
    assert tg.limits.refused == 0


async def test_all_chats_together_take_thirty_a_second(ask: Asker, tg: TelegramStandIn, clock: Clock) -> None:
    tg.limits.enabled = True
    people = [tg.world.add_user(f"Client {number}") for number in range(31)]
    for user in people:
        tg.world.private(user.id).started = True
    for user in people[:30]:
        await ask("sendMessage", chat_id=user.id, text="x")
    status, _ = await ask.answer("sendMessage", chat_id=people[30].id, text="x")
    assert status == 429
    assert tg.limits.refusals[0].chat_id is None
    clock.advance(seconds=1)
    await ask("sendMessage", chat_id=people[30].id, text="x")


async def test_presses_deletes_and_questions_cost_nothing(ask: Asker, tg: TelegramStandIn, team: Chat) -> None:
    tg.limits.enabled = True
    sent = [await ask("sendMessage", chat_id=team.id, text="x") for _ in range(3)]
    for message in sent:
        await ask("deleteMessage", chat_id=team.id, message_id=message["message_id"])
        await ask("getChat", chat_id=team.id)
        await ask("sendChatAction", chat_id=team.id, action="typing")
    assert tg.limits.refused == 0


async def test_an_album_counts_as_its_files(ask: Asker, tg: TelegramStandIn, clock: Clock, team: Chat) -> None:
    tg.limits.enabled = True
    tg.limits.group_per_minute = 4
    await ask("sendMessage", chat_id=team.id, text="x")
    clock.advance(seconds=10)
    document = tg.world.store(b"x", kind="documents", name="x.txt", mime="text/plain")
    album = [{"type": "document", "media": document.id}] * 3
    await ask("sendMediaGroup", chat_id=team.id, media=album)
    clock.advance(seconds=10)
    status, _ = await ask.answer("sendMessage", chat_id=team.id, text="x")
    assert status == 429
    assert tg.limits.sent(team.id) == 4
