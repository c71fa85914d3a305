"""How updates reach the bot: long polls and webhooks, one at a time, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from sandbox.telegram import Chat, TelegramStandIn, User, World

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker, Clock


async def test_updates_come_until_they_are_confirmed(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    for text in ("one", "two", "three"):
        tg.world.say(anna.id, anna.id, text)
    first = await ask("getUpdates", limit=2)
    assert [one["message"]["text"] for one in first] == ["one", "two"]
    assert await ask("getUpdates", limit=2) == first
    rest = await ask("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [one["message"]["text"] for one in rest] == ["three"]
    assert [one["message"]["text"] for one in await ask("getUpdates", offset=-1)] == ["three"]


async def test_a_long_poll_is_answered_when_something_happens(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    poll = asyncio.create_task(ask("getUpdates", timeout=50))
    await tg.world.until(lambda: tg.journal.requests("getUpdates"))
    tg.world.say(anna.id, anna.id, "/start")
    (update,) = await poll
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_of_two_polls_the_older_one_is_ended(ask: Asker, tg: TelegramStandIn) -> None:
    older = asyncio.create_task(ask.answer("getUpdates", timeout=50))
    await tg.world.until(lambda: tg.journal.requests("getUpdates"))
    assert await ask("getUpdates") == []
    status, body = await older
    assert status == 409
    assert body["description"].startswith("Conflict: terminated by other getUpdates request")


async def test_only_the_wanted_kinds_of_updates_are_kept(ask: Asker, tg: TelegramStandIn, team: Chat) -> None:
    await ask("getUpdates", allowed_updates=["callback_query", "chat_member"])
    tg.world.say(1001, team.id, "/who")
    tg.world.leave(1002, team.id)
    sent = await ask("sendMessage", chat_id=team.id, text="x", reply_markup=one_button())
    tg.world.press(1001, team.id, sent["message_id"])
    kinds = [set(one) - {"update_id"} for one in await ask.updates()]
    assert kinds == [{"chat_member"}, {"callback_query"}]
    await ask("getUpdates", allowed_updates=[])
    tg.world.say(1001, team.id, "/who")
    tg.world.join(1002, team.id)
    assert [set(one) - {"update_id"} for one in await ask.updates()] == [{"message"}, {"message"}]


def one_button() -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Mine", "callback_data": "claim:7"}]]}


async def test_with_privacy_a_plain_member_bot_sees_only_what_is_meant_for_it(
    ask: Asker, tg: TelegramStandIn, anna: User, boris: User
) -> None:
    club = tg.world.add_group("Club", [anna.id, boris.id], bot="member")
    own = await ask("sendMessage", chat_id=club.id, text="x")
    tg.world.say(anna.id, club.id, "lunch?")
    tg.world.say(anna.id, club.id, "/who@another_bot")
    tg.world.say(anna.id, club.id, "/who")
    tg.world.say(anna.id, club.id, "/who@ringdesk_demo_bot")
    tg.world.say(anna.id, club.id, "@ringdesk_demo_bot hi")
    tg.world.say(anna.id, club.id, "answer", reply_to=own["message_id"])
    seen = [one["message"]["text"] for one in await ask.updates()]
    assert seen == ["/who", "/who@ringdesk_demo_bot", "@ringdesk_demo_bot hi", "answer"]


@dataclass
class Hook:
    """A bot's webhook that answers as told and keeps what it got."""

    answers: list[int] = field(default_factory=list)
    got: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.json_response(self.reply, status=self.answers.pop(0) if self.answers else 200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.got]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found = Hook()
    app = web.Application()
    app.router.add_post("/hook", found.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await runner.cleanup()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
async def tg(clock: Clock, pauses: list[float]) -> AsyncIterator[TelegramStandIn]:
    """Pauses between deliveries take no time and are written down."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    async with TelegramStandIn(World(clock=clock), retry_delays=(1, 5), sleep=sleep) as running:
        running.limits.enabled = False
        yield running


async def test_a_webhook_gets_updates_in_order_with_its_secret_until_it_takes_them(
    ask: Asker, tg: TelegramStandIn, hook: Hook, pauses: list[float], anna: User
) -> None:
    hook.answers = [500, 503, 404]
    tg.world.say(anna.id, anna.id, "waited already")
    await ask("setWebhook", url=hook.url, secret_token="s3cret-Token_1")
    tg.world.say(anna.id, anna.id, "second")
    await tg.world.until(lambda: len(hook.got) == 5 and not tg.world.updates.waiting)
    assert hook.texts == ["waited already"] * 4 + ["second"]
    assert {secret for secret, _ in hook.got} == {"s3cret-Token_1"}
    assert pauses == [1, 5, 5]
    info = await ask("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"
    assert (info["url"], info["pending_update_count"]) == (hook.url, 0)


async def test_a_webhook_and_a_poll_exclude_each_other(
    ask: Asker, tg: TelegramStandIn, hook: Hook, anna: User
) -> None:
    poll = asyncio.create_task(ask.answer("getUpdates", timeout=50))
    await tg.world.until(lambda: tg.journal.requests("getUpdates"))
    await ask("setWebhook", url=hook.url)
    assert (await poll)[1]["description"] == "Conflict: terminated by setWebhook request"
    assert (await ask.refused("getUpdates")).startswith("Conflict: can't use getUpdates method while webhook is")
    await ask("deleteWebhook")
    tg.world.say(anna.id, anna.id, "polled")
    assert [one["message"]["text"] for one in await ask("getUpdates")] == ["polled"]
    assert hook.got == []


async def test_waiting_updates_can_be_dropped(ask: Asker, tg: TelegramStandIn, hook: Hook, anna: User) -> None:
    tg.world.say(anna.id, anna.id, "old")
    await ask("setWebhook", url=hook.url, drop_pending_updates=True)
    tg.world.say(anna.id, anna.id, "new")
    await tg.world.until(lambda: not tg.world.updates.waiting)
    assert hook.texts == ["new"]


async def test_a_webhook_may_answer_with_a_method_call(
    ask: Asker, tg: TelegramStandIn, hook: Hook, anna: User
) -> None:
    hook.reply = {"method": "sendMessage", "chat_id": anna.id, "text": "by the way"}
    await ask("setWebhook", url=hook.url)
    tg.world.say(anna.id, anna.id, "hi")
    (message,) = await tg.world.until(lambda: tg.world.from_bot(anna.id))
    assert message.text == "by the way"


async def test_a_webhook_nobody_listens_at_keeps_its_updates(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    await ask("setWebhook", url="http://127.0.0.1:9/nobody")
    tg.world.say(anna.id, anna.id, "hi")
    await tg.world.until(lambda: tg.world.webhook.last_error)
    info = await ask("getWebhookInfo")
    assert (info["pending_update_count"], info["last_error_message"]) == (1, "Connection failed")


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "ftp://example.com"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "http://x.example", "secret_token": "ключ"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_bad_webhook_is_refused(ask: Asker, params: dict[str, str], description: str) -> None:
    assert await ask.refused("setWebhook", **params) == f"Bad Request: {description}"
