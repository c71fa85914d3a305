"""`/summary`: what a period amounts to, for everybody or one employee. Reads only our database, but for "More"."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, InputMediaPhoto, Message

from desk import access, periods, routing, summaries, views
from desk.access import Rank
from desk.periods import Days, Period
from desk.summary_csv import MOST, Part
from desk.views import SummaryView
from handlers.chat import acting, board_key, reading, summary_picture, summary_text
from handlers.chat.buttons import SummaryPress, button, mark, rows
from handlers.chat.fitting import CAPTION, fit
from handlers.chat.scene import Scene
from handlers.chat.summary_csv import CallFile
from handlers.chat.summary_text import Asked
from handlers.chat.texts import Html, Texts, joined
from storage import notices, people

log = structlog.get_logger()

#: How people name themselves.
ME = ("me", "я")


def router() -> Router:
    made = Router(name="summary")
    made.message.register(summary, Command("summary"))
    made.callback_query.register(pressed, SummaryPress.filter())
    return made


@dataclass(frozen=True, slots=True)
class Subject:
    """What a summary is about, and when it was: `now` is when a notice became due."""

    pbx_ids: tuple[str, ...]
    days: Days
    now: datetime
    zone: ZoneInfo
    about: Html
    asked: Asked


async def summary(message: Message, command: CommandObject, scene: Scene) -> None:
    """``/summary [main:] [me | LOGIN] [period]``, of today if no period is named."""
    pbx_id, text = reading.pbx_named(scene, command.args or "")
    word, _, rest = text.partition(" ")
    if days := periods.read(text or Period.TODAY, _today(scene)):
        await _of_all(scene, pbx_id, days)
    elif days := periods.read(rest.strip() or Period.TODAY, _today(scene)):
        await _of_one(scene, pbx_id, word, days)
    else:
        await scene.reply(_usage(scene.say))


def _usage(say: Texts) -> Html:
    return joined(
        say(
            "I know /summary today, yesterday, this_week, last_week, this_month, last_month and dates, up to a year:"
        ),
        "/summary 1.11-15.11",
        say("Of one employee: /summary me last_week"),
    )


def _today(scene: Scene) -> date:
    return scene.desk.clock.now().astimezone(scene.say.zone).date()


# Of everybody


async def _of_all(scene: Scene, pbx_id: str, days: Days) -> None:
    def ask(one: str) -> SummaryPress:
        return Asked(days.written, one).press("w")

    pbx_ids = await reading.pbxes(scene, pbx_id, ask)
    if pbx_ids is None:
        return
    subject = _subject(scene, pbx_id, pbx_ids, days)
    view = await _seen(scene, subject)
    text, keys = await _brief(scene, subject, view)
    picture = await summary_picture.of(view, subject.about, scene.say)
    if picture:
        try:
            await scene.reply_photo(picture, text, keys)
            return
        except TelegramBadRequest as refused:  # a chat that forbids pictures, say
            log.warning("a summary goes without its picture", reason=refused.message)
    await scene.reply(text, keys)


def _subject(scene: Scene, pbx_id: str, pbx_ids: list[str], days: Days) -> Subject:
    now = scene.desk.clock.now()
    return Subject(
        pbx_ids=tuple(pbx_ids),
        days=days,
        now=now,
        zone=scene.say.zone,
        about=summary_text.of_days(days, scene.say, now),
        asked=Asked(days.written, pbx_id),
    )


async def _seen(scene: Scene, subject: Subject, *, waits_by_employee: bool = False) -> SummaryView:
    about = (subject.pbx_ids, subject.days, subject.now, subject.zone)
    async with scene.desk.db.read() as tx:
        return await views.summary_view(
            scene.desk, tx, *about, where=scene.place, waits_by_employee=waits_by_employee
        )


async def _brief(scene: Scene, subject: Subject, view: SummaryView) -> tuple[Html, InlineKeyboardMarkup | None]:
    text, keys = summary_text.brief(view, subject.about, subject.asked, scene.say, scene.desk.clock.now())
    return text, await board_key.here(keys, scene)


# Of one employee


async def _of_one(scene: Scene, pbx_id: str, word: str, days: Days) -> None:
    whom = await (_myself(scene, pbx_id) if word.casefold() in ME else _employee(scene, pbx_id, word))
    if whom is None:
        return
    subject = _subject(scene, whom[0], [whom[0]], days)
    view = await _seen(scene, subject, waits_by_employee=True)
    async with scene.desk.db.read() as tx:
        names = await people.employee_names(tx, whom[0])
    text = summary_text.of_person(view, subject.about, whom, names.get(whom[1], whom[1]), scene.say)
    keys = None
    if scene.who.rank >= Rank.MANAGER and not view.summary.is_empty:
        press = SummaryPress(act="c", period=days.written, pbx=whom[0], who=mark(whom[1]))
        keys = rows([button(scene.say("📄 CSV"), press)])
    await scene.reply(text, keys)


async def _myself(scene: Scene, pbx_id: str) -> tuple[str, str] | None:
    """PBX and login; None if that was answered already. Of several links that of this chat's PBX."""
    mine = {link.pbx_id: link.login for link in scene.who.links if pbx_id in ("", link.pbx_id)}
    if scene.who.rank < Rank.EMPLOYEE or not mine:
        await scene.reply(acting.not_linked(scene.say))
        return None
    async with scene.desk.db.read() as tx:
        here = await access.readable(scene.desk, tx, scene.chat.id, scene.thread_id, scene.who)
    at = next((one for one in here if one in mine), next(iter(mine)))
    return at, mine[at]


async def _employee(scene: Scene, pbx_id: str, word: str) -> tuple[str, str] | None:
    """PBX and login of the employee whom `word` names; None if that was answered already."""
    if scene.who.rank < Rank.EMPLOYEE:
        await scene.reply(acting.not_employee(scene.say))
        return None
    found = []
    async with scene.desk.db.read() as tx:
        for one in [pbx_id] if pbx_id else scene.desk.pbxes:
            if await access.concerns(scene.desk, tx, scene.chat.id, scene.who, one):
                employee = await access.employee_at(tx, one, word)
                found += [(one, employee.login)] if employee else []
    if not found:
        await scene.reply(_usage(scene.say))
    elif scene.who.rank < Rank.MANAGER and scene.who.login_at(found[0][0]) != found[0][1]:
        await scene.reply(acting.only_managers(scene.say))
    elif len(found) > 1:
        choices = ", ".join(f"/summary {pbx}:{login}" for pbx, login in found)
        await scene.reply(scene.say("Several are called so. Say which: {choices}", choices=choices))
    else:
        return found[0]
    return None


# Buttons


async def pressed(query: CallbackQuery, callback_data: SummaryPress, scene: Scene) -> None:
    """What it holds is checked: it comes from the presser's own program, and may name anything."""
    subject = await _meant(scene, callback_data)
    if subject is None:
        return
    match callback_data.act:
        case "c":
            await _csv(scene, subject, callback_data.who)
        case "m":
            await _more(scene, subject, callback_data.n)
        case "w":
            await _instead_of_the_question(scene, subject)
        case _:
            await scene.toast()
            await scene.change(*await _brief(scene, subject, await _seen(scene, subject)))


async def _meant(scene: Scene, data: SummaryPress) -> Subject | None:
    """None if that was answered already."""
    if not data.period:
        return await _of_the_notice(scene)
    days = periods.as_written(data.period, _today(scene))
    if days is None:
        await acting.refuse(scene, acting.too_old(scene.say))
        return None
    pbx_ids = await reading.pbxes(scene, data.pbx, lambda one: Asked(data.period, one).press("w"))
    return None if pbx_ids is None else _subject(scene, data.pbx, pbx_ids, days)


async def _of_the_notice(scene: Scene) -> Subject | None:
    """The notice that the message with the button shows, as far as its PBXs are still any business of this chat."""
    async with scene.desk.db.read() as tx:
        found = await notices.at_message(tx, scene.chat.id, scene.message.message_id) if scene.message else None
        notice = found[1] if found and found[1].kind == "summary" else None
        view = await views.view_of(scene.desk, tx, notice) if notice else None
    if not isinstance(view, SummaryView) or not all([await acting.concerns(scene, one) for one in view.pbx_ids]):
        await acting.refuse(scene, acting.too_old(scene.say))
        return None
    about = summary_text.of_notice(view, scene.say)
    return Subject(view.pbx_ids, view.days, view.span.end, view.zone, about, Asked())


async def _more(scene: Scene, subject: Subject, page: int) -> None:
    await scene.toast()
    view = await _seen(scene, subject)
    having = [one for one in subject.pbx_ids if scene.desk.pbxes[one].capabilities.statistics]
    at_pbx = {one: await summaries.at_the_pbx(scene.desk, one, view.span) for one in having}
    await scene.change(*summary_text.more(view, subject.about, subject.asked, scene.say, page, at_pbx))


async def _instead_of_the_question(scene: Scene, subject: Subject) -> None:
    """Which PBX was asked for: the summary takes the place of the question, and its picture too."""
    await scene.toast()
    view = await _seen(scene, subject)
    text, keys = await _brief(scene, subject, view)
    picture = await summary_picture.of(view, subject.about, scene.say)
    if picture and scene.message:
        media = InputMediaPhoto(media=picture, caption=fit(text, CAPTION))
        try:
            await scene.bot.edit_message_media(
                media, chat_id=scene.chat.id, message_id=scene.message.message_id, reply_markup=keys
            )
            return
        except TelegramBadRequest as refused:
            log.warning("a summary goes without its picture", reason=refused.message)
    await scene.change(text, keys)


async def _csv(scene: Scene, subject: Subject, who: str) -> None:
    """The period's calls as a document, or several."""
    say = scene.say
    if scene.who.rank < Rank.MANAGER:
        await acting.refuse(scene, acting.only_managers(say))
        return
    span, _ = periods.compared(subject.days, subject.now, subject.zone)
    part = Part(scene.desk, subject.pbx_ids, span, await _login(scene, subject, who))
    count = await part.count()
    if not count or count > MOST:
        words = say("There are more than {most} calls. Ask for a shorter period.", most=MOST) if count else None
        await acting.refuse(scene, words or say("There are no calls in it."))
        return
    await scene.toast(say("The file is coming."))
    async with scene.desk.db.write() as tx:
        for_some = bool(await routing.for_some(tx, scene.place, subject.pbx_ids))
        about = f"{subject.days.first} {subject.days.last}: {count}"
        for pbx_id in subject.pbx_ids:
            await people.write_act(
                tx, scene.who.user_id, "export", scene.desk.clock.now(), pbx_id=pbx_id, about=about
            )
    await _send_parts(scene, subject, part, count, summary_text.of_everything(say) if for_some else None)


async def _login(scene: Scene, subject: Subject, who: str) -> str | None:
    """The employee whom a button's mark stands for; one who has left is nobody, of whom there are no calls."""
    if not who:
        return None
    async with scene.desk.db.read() as tx:
        names = await people.employee_names(tx, subject.pbx_ids[0])
    return next((login for login in names if mark(login) == who), who)


async def _send_parts(scene: Scene, subject: Subject, part: Part, count: int, whose: Html | None) -> None:
    parts, say = part.parts(count), scene.say
    for number in range(1, parts + 1):
        name = f"calls-{subject.days.first}-{subject.days.last}" + (f"-{number}" if parts > 1 else "")
        which = Html(" · {}/{}").format(number, parts) if parts > 1 else Html()
        calls = say.count("{n} call", "{n} calls", count) + which
        await scene.bot.send_document(
            scene.chat.id,
            CallFile(part, f"{name}.csv", say),
            caption=joined(say("{about}: {calls}", about=subject.about, calls=calls), whose),
            message_thread_id=scene.thread_id or None,
        )
        part = part.next()
