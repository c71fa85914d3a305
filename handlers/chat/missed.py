"""`/missed`: who waits for a call, the longest waiting first; a number opens the client's card."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk.case_view import CaseView
from desk.views import open_case_views
from handlers.chat import board_key, reading
from handlers.chat.buttons import CasePress, MissedPress, button, rows
from handlers.chat.cards import ICONS, title
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from storage import cases

#: Clients on a page, and their buttons in a row.
PAGE = 10
COLUMNS = 5


def router() -> Router:
    made = Router(name="missed")
    made.message.register(missed, Command("missed"))
    made.callback_query.register(turn, MissedPress.filter())
    return made


async def missed(message: Message, command: CommandObject, scene: Scene) -> None:
    """The first page."""
    named = (command.args or "").strip().rstrip(":")
    pbx_id = named if named in scene.desk.pbxes else ""
    pbx_ids = await reading.pbxes(scene, pbx_id, lambda one: MissedPress(act="page", pbx=one))
    if pbx_ids is not None:
        await scene.reply(*await _page(scene, MissedPress(act="page", pbx=pbx_id), pbx_ids))


async def turn(query: CallbackQuery, callback_data: MissedPress, scene: Scene) -> None:
    """Another page in place of this one; or, under a summary, the list as a message of its own."""
    pbx_ids = await reading.pbxes(scene, callback_data.pbx, lambda one: MissedPress(act="page", pbx=one))
    if pbx_ids is None:
        return
    if callback_data.act == "show":
        await scene.reply(*await _page(scene, callback_data, pbx_ids))
    else:
        await scene.change(*await _page(scene, callback_data, pbx_ids))
    await scene.toast()


async def _page(scene: Scene, asked: MissedPress, pbx_ids: list[str]) -> tuple[Html, InlineKeyboardMarkup | None]:
    async with scene.desk.db.read() as tx:
        total = await cases.count_open(tx, pbx_ids)
        page, count = reading.page_of(asked.page, PAGE, total)
        views = await open_case_views(scene.desk, tx, pbx_ids, PAGE, page * PAGE)
    if not views:
        return scene.say("🟢 Nobody waits for a call."), None
    numbered = list(enumerate(views, start=page * PAGE + 1))
    text = joined(
        scene.say.count("📞 <b>{n} client waits for a call</b>", "📞 <b>{n} clients wait for a call</b>", total),
        *(_line(scene, number, view) for number, view in numbered),
        scene.say("Press a number to open the card."),
        scene.say("Page {page} of {count}", page=page + 1, count=count) if count > 1 else None,
    )
    keys = [button(str(number), CasePress(act="show", case_id=view.case.id)) for number, view in numbered]
    turning = reading.turning(page, count, lambda other: MissedPress(act="page", page=other, pbx=asked.pbx))
    keyboard = rows(*(keys[i : i + COLUMNS] for i in range(0, len(keys), COLUMNS)), turning)
    return text, await board_key.here(keyboard, scene)


def _line(scene: Scene, number: int, view: CaseView) -> Html:
    """``3. 🟠 Fedor, +7 910 123-45-67 · waits 25 min · called 2 times · 🙋 Anna``"""
    say = scene.say
    waits, times = say.duration(scene.desk.clock.now() - view.case.opened_at), view.case.missed_count
    parts = [
        say("{n}. {icon} {client}", n=number, icon=ICONS[view.state], client=title(view, say)),
        say("waits {span}", span=waits),
        say.count("called {n} time", "called {n} times", times) if times > 1 else None,
        say("🙋 {name}", name=view.claimed_by) if view.claimed_by else None,
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    ]
    return Html(" · ").join(part for part in parts if part)
