"""`/status`: whether all is well; for administrators, what is not and why."""

from datetime import datetime

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import InlineKeyboardMarkup, Message

from desk import status as desk_status
from desk.access import Rank
from desk.status import PbxStatus, Status
from handlers.chat import acts
from handlers.chat.buttons import StatusPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.settings_page import kind_name
from handlers.chat.texts import Html, Texts, joined


def router() -> Router:
    made = Router(name="status")
    made.message.register(status, Command("status"))
    made.callback_query.register(again, StatusPress.filter(F.act == "again"))
    made.callback_query.register(retry, StatusPress.filter(F.act == "retry"))
    return made


async def status(_: Message, scene: Scene) -> None:
    """Short for employees, whole for administrators."""
    if scene.who.rank < Rank.EMPLOYEE:
        await scene.reply(scene.say("Only employees see this. Send /link and an administrator will let you in."))
        return
    await scene.reply(*await _page(scene))


async def again(_: object, scene: Scene) -> None:
    """The same message as things are now."""
    if await _refused(scene):
        return
    await scene.toast()
    await scene.change(*await _page(scene))


async def retry(_: object, scene: Scene) -> None:
    """Work the failed events once more."""
    if await _refused(scene):
        return
    async with scene.desk.db.write() as tx:
        count = await desk_status.try_again(scene.desk, tx, scene.who.user_id)
    scene.desk.events.ring()
    await scene.toast(scene.say.count("{n} event is tried again.", "{n} events are tried again.", count))
    await scene.change(*await _page(scene))


async def _refused(scene: Scene) -> bool:
    if scene.who.rank < Rank.ADMIN:
        await scene.toast(scene.say("Only an administrator does that."), alert=True)
    return scene.who.rank < Rank.ADMIN


async def _page(scene: Scene) -> tuple[Html, InlineKeyboardMarkup | None]:
    async with scene.desk.db.read() as tx:
        found = await desk_status.status(scene.desk, tx, scene.chat.id)
    say, now = scene.say, scene.desk.clock.now()
    text = joined(
        say("🟢 <b>All is well</b>") if found.is_well else say("🟠 <b>Something needs attention</b>"),
        _inbox_line(found, say, now),
        _deliveries_line(found, say, now),
        *[_pbx_line(one, say, now) for one in found.pbxes],
    )
    if scene.who.rank < Rank.ADMIN:
        return text, None
    me = await scene.bot.me()
    text = joined(
        text,
        *[_trouble_line(one, say, now) for one in found.pbxes],
        say("Telegram: @{username} answers", username=me.username),
        say("Ringdesk {version}, database {database}", version=found.version, database=found.database),
        _bindings_line(found, say, in_group=not scene.is_private),
        *_act_lines(found, say, now),
    )
    keys = [button(say("🔄 Refresh"), StatusPress(act="again")), acts.key(say)]
    mend = [button(say("↩️ Try the failed events again"), StatusPress(act="retry"))] if found.inbox.failed else []
    return text, rows(mend, keys)


def _inbox_line(found: Status, say: Texts, now: datetime) -> Html:
    one = found.inbox
    parts = [
        say.count("{n} event waits", "{n} events wait", one.waiting),
        say("the oldest for {span}", span=say.duration(now - one.oldest)) if one.oldest else None,
        say.count("{n} failed", "{n} failed", one.failed) if one.failed else None,
    ]
    return say("📥 From the PBX: {parts}", parts=Html(", ").join(part for part in parts if part))


def _deliveries_line(found: Status, say: Texts, now: datetime) -> Html:
    one = found.deliveries
    parts = [
        say.count("{n} message waits", "{n} messages wait", one.due),
        say("the oldest for {span}", span=say.duration(now - one.oldest)) if one.oldest else None,
        say.count("{n} refused by Telegram", "{n} refused by Telegram", one.stuck) if one.stuck else None,
    ]
    return say("📤 To chats: {parts}", parts=Html(", ").join(part for part in parts if part))


def _pbx_line(one: PbxStatus, say: Texts, now: datetime) -> Html:
    heard = say("last event {when}", when=say.when(one.last_event, now)) if one.last_event else say("no event yet")
    return say(
        "☎️ {pbx} ({vendor}): {heard}; employees {employees}, linked {linked}",
        pbx=one.pbx_id,
        vendor=one.vendor,
        heard=heard,
        employees=one.employees,
        linked=one.linked,
    )


def _trouble_line(one: PbxStatus, say: Texts, now: datetime) -> Html | None:
    if one.trouble is None:
        return None
    return say(
        "⚠️ {pbx}, last trouble {when}: {kind}, {said}",
        pbx=one.pbx_id,
        when=say.when(one.trouble.at, now),
        kind=one.trouble.kind,
        said=one.trouble.said,
    )


def _bindings_line(found: Status, say: Texts, *, in_group: bool) -> Html | None:
    if not found.bindings and not in_group:
        return None
    if not found.bindings:
        return say("This chat is not connected to a PBX.")
    told = [
        say("{pbx} ({kinds})", pbx=one.pbx_id, kinds=Html(", ").join(kind_name(kind, say) for kind in one.notices))
        for one in found.bindings
    ]
    return say("Connected here: {list}", list=Html("; ").join(told))


def _act_lines(found: Status, say: Texts, now: datetime) -> list[Html]:
    lines = [acts.line(one, say, now) for one in found.acts]
    return [say("<b>Last acts</b>"), *lines] if lines else []
