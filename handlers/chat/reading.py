"""What `/history`, `/missed` and `/summary` have in common: whose calls may be read here, periods, pages."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from desk import access, periods
from desk.access import Rank
from desk.periods import Period
from handlers.chat import acting
from handlers.chat.buttons import button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts


async def pbxes(scene: Scene, chosen: str, ask: Callable[[str], CallbackData]) -> list[str] | None:
    """The PBXs that are meant; only `chosen`, if one was. None if that was answered already, by a refusal or, where
    an administrator may mean any, by buttons that hold `ask(pbx_id)`.
    """
    async with scene.desk.db.read() as tx:
        meant = await access.readable(scene.desk, tx, scene.chat.id, scene.thread_id, scene.who)
    if scene.who.rank is Rank.ADMIN and (chosen or not meant):
        meant = list(scene.desk.pbxes)
        if len(meant) > 1 and not chosen:
            await scene.reply(scene.say("Which PBX?"), rows(*([button(one, ask(one))] for one in meant)))
            return None
    if chosen:
        meant = [chosen] if chosen in meant else []
    if not meant:
        await _refuse(scene)
    return meant or None


async def _refuse(scene: Scene) -> None:
    if scene.who.is_shut_out:
        words = acting.shut_out(scene.say)
    elif scene.is_private:
        words = scene.say("Calls are shown to employees. Send /link, and an administrator will let you in.")
    else:
        words = scene.say("This chat is not connected to a PBX. An administrator can send /connect here.")
    await (scene.toast(words, alert=True) if scene.query else scene.reply(words))


def pbx_named(scene: Scene, text: str) -> tuple[str, str]:
    """``main: today`` says its PBX outright: the id ("" if none is named), and what is left."""
    named, colon, rest = text.partition(":")
    return (named.strip(), rest.strip()) if colon and named.strip() in scene.desk.pbxes else ("", text.strip())


def page_of(page: int, size: int, total: int) -> tuple[int, int]:
    """Counted from 0, the page or the last one there still is; and how many there are."""
    count = max(-(-total // size), 1)
    return min(max(page, 0), count - 1), count


def turning(page: int, count: int, press: Callable[[int], CallbackData]) -> list[InlineKeyboardButton]:
    """« and », where there is something to turn to."""
    back = [("«", page - 1)] if page > 0 else []
    on = [("»", page + 1)] if page < count - 1 else []
    try:
        return [button(label, press(number)) for label, number in back + on]
    except ValueError:  # what identifies the list is longer than a button can hold
        return []


def period_name(period: Period, say: Texts, now: datetime) -> Html:
    """``Today, 18 March``; ``Last week, 9 March – 15 March``."""
    name = {
        Period.TODAY: say("Today"),
        Period.YESTERDAY: say("Yesterday"),
        Period.THIS_WEEK: say("This week"),
        Period.LAST_WEEK: say("Last week"),
        Period.THIS_MONTH: say("This month"),
        Period.LAST_MONTH: say("Last month"),
    }[period]
    first, after = (periods.midnight(day, say.zone) for day in periods.days(period, now.astimezone(say.zone).date()))
    last = after - timedelta(minutes=1)
    if period in (Period.TODAY, Period.YESTERDAY):
        return say("{period}, {day}", period=name, day=say.day(first))
    return say("{period}, {first} – {last}", period=name, first=say.day(first), last=say.day(last))
