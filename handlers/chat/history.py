"""`/history`: the calls of a period, or with one number; pages that turn in place. Reads only our database."""

from datetime import timedelta

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import access, client_notes, periods
from desk.hearing import playable
from desk.office import pbx_name
from desk.periods import Period
from handlers.chat import note_words, reading
from handlers.chat.buttons import HistoryPress, PlayPress, button, rows
from handlers.chat.cards import outcome_words
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx import numbers
from pbx.vocabulary import Call, Direction, Outcome
from storage import calls, contacts, people
from storage.calls import StoredCall
from storage.contacts import Contact

#: Calls on a page.
PAGE = 10
#: Calls that are counted and can be turned to: a month of a large office has hundreds of thousands.
COUNTED = 10_000

#: Notes about a client, above the latest calls.
NOTES = 5

#: Recordings in a row of buttons.
PLAYS = 5

#: By direction, and whether it was answered.
ICONS = {
    (Direction.IN, True): "↙️",
    (Direction.IN, False): "🔴",
    (Direction.OUT, True): "↗️",
    (Direction.OUT, False): "📵",
}


def router() -> Router:
    made = Router(name="history")
    made.message.register(history, Command("history"))
    made.callback_query.register(turn, HistoryPress.filter())
    return made


async def history(message: Message, command: CommandObject, scene: Scene) -> None:
    """Today's calls, a period's, or those with a number."""
    pbx_id, asked = reading.pbx_named(scene, command.args or "")
    what = _what(asked, scene)
    if what is None:
        await scene.reply(
            scene.say(
                "I know /history today, yesterday, this_week, last_week, this_month, last_month "
                "or a phone number: /history +79101234567"
            )
        )
        return
    pbx_ids = await reading.pbxes(scene, pbx_id, lambda one: HistoryPress(what=what, page=0, pbx=one))
    if pbx_ids is not None:
        await scene.reply(*await _page(scene, HistoryPress(what=what, page=0, pbx=pbx_id), pbx_ids))


async def turn(query: CallbackQuery, callback_data: HistoryPress, scene: Scene) -> None:
    """Another page, in place of the one that is there."""
    what = callback_data.what
    pbx_ids = await reading.pbxes(scene, callback_data.pbx, lambda one: HistoryPress(what=what, page=0, pbx=one))
    if pbx_ids is not None:
        await scene.change(*await _page(scene, callback_data, pbx_ids))
        await scene.toast()


async def show_number(scene: Scene, number: str, pbx_id: str | None) -> None:
    """The calls with `number`, as a new message; `pbx_id` where the asking card is of that PBX. Answers the press."""
    async with scene.desk.db.read() as tx:
        readable = await access.readable(scene.desk, tx, scene.chat.id, scene.thread_id, scene.who)
    pbx_ids = list(dict.fromkeys([*([pbx_id] if pbx_id else []), *readable]))
    asked = HistoryPress(what=number, page=0, pbx="" if pbx_id in readable else pbx_id or "")
    await scene.reply(*await _page(scene, asked, pbx_ids))
    await scene.toast()


def _what(asked: str, scene: Scene) -> str | None:
    """The period's word, or the number in E.164; None if it is neither."""
    period = periods.parse(asked or Period.TODAY)
    return period or numbers.parse(asked, scene.country)


async def _page(scene: Scene, asked: HistoryPress, pbx_ids: list[str]) -> tuple[Html, InlineKeyboardMarkup | None]:
    period = periods.parse(asked.what)
    now = scene.desk.clock.now()
    async with scene.desk.db.read() as tx:
        if period:
            span = periods.span(period, now, scene.say.zone)
            total = await calls.count_between(tx, pbx_ids, span.start, span.end, most=COUNTED + 1)
            page, count = reading.page_of(asked.page, PAGE, min(total, COUNTED))
            found = await calls.between(tx, pbx_ids, span.start, span.end, limit=PAGE, offset=page * PAGE)
        else:
            total = await calls.count_with_client(tx, asked.what, pbx_ids, most=COUNTED + 1)
            page, count = reading.page_of(asked.page, PAGE, min(total, COUNTED))
            found = await calls.with_client(tx, asked.what, pbx_ids, limit=PAGE, offset=page * PAGE)
        clients = {asked.what} if period is None else {one.call.client for one in found if one.call.client}
        known = await contacts.get_many(tx, sorted(clients))
        noted = await client_notes.about(tx, asked.what, NOTES) if period is None and page == 0 else ()
        employees = {pbx_id: await people.employee_names(tx, pbx_id) for pbx_id in {one.pbx_id for one in found}}
    recorded = [] if period else [one for one in found if playable(scene.desk, one)]
    numbered = {one.id: number for number, one in enumerate(recorded, start=1)}
    lines = [_line(scene, one, period, known, employees[one.pbx_id], numbered.get(one.id)) for one in found]
    notes = [note_words.line(one, scene.say, now, note_words.IN_HISTORY) for one in noted]
    text = joined(_title(scene, asked.what, period, total, known), *notes, *lines, _where(scene, page, count))
    keys = reading.turning(page, count, lambda number: HistoryPress(what=asked.what, page=number, pbx=asked.pbx))
    plays = [button(f"▶️ {number}", PlayPress(act="play", call_id=row_id)) for row_id, number in numbered.items()]
    return text, rows(plays[:PLAYS], plays[PLAYS:], keys)


def _title(scene: Scene, what: str, period: Period | None, total: int, known: dict[str, Contact]) -> Html:
    say = scene.say
    about = reading.period_name(period, say, scene.desk.clock.now()) if period else _client(scene, what, known)
    if not total:
        return say("🗂 <b>{about}</b>: no calls", about=about)
    counted = say("more than {n} calls", n=COUNTED) if total > COUNTED else say.count("{n} call", "{n} calls", total)
    return say("🗂 <b>{about}</b>: {calls}", about=about, calls=counted)


def _where(scene: Scene, page: int, count: int) -> Html | None:
    return scene.say("Page {page} of {count}", page=page + 1, count=count) if count > 1 else None


def _client(scene: Scene, number: str | None, known: dict[str, Contact]) -> Html:
    contact = known.get(number or "")
    shown = scene.say.number(number)
    return scene.say("{name}, {number}", name=contact.name, number=shown) if contact else Html.escape(shown)


def _line(
    scene: Scene,
    stored: StoredCall,
    period: Period | None,
    known: dict[str, Contact],
    names: dict[str, str],
    number: int | None = None,
) -> Html:
    """``↙️ 14:05 · Fedor, +7 910 123-45-67 · Anna · waited 8 s · talked 3 min · ▶️ 1``, if button 1 plays it."""
    say, call = scene.say, stored.call
    in_a_day = period in (Period.TODAY, Period.YESTERDAY)
    time = say.clock(call.started_at) if in_a_day else say.when(call.started_at, scene.desk.clock.now())
    parts = [
        say("{icon} {time}", icon=_icon(call), time=time),
        _client(scene, call.client, known) if period else None,
        names.get(call.employee, call.employee) if call.employee else call.department,
        None if call.is_answered else _ending(call, scene),
        say("waited {span}", span=say.duration(call.wait)) if call.wait and call.direction is Direction.IN else None,
        say("talked {span}", span=say.duration(talk)) if (talk := _talk(call)) else None,
        say("PBX {pbx}", pbx=name) if (name := pbx_name(scene.desk, stored.pbx_id)) else None,
        f"▶️ {number}" if number else None,
    ]
    return Html(" · ").join(Html.escape(part) for part in parts if part)


def _icon(call: Call) -> str:
    if call.outcome is Outcome.UNKNOWN:
        return "❔"
    return ICONS.get((call.direction, call.is_answered), "❔")


def _ending(call: Call, scene: Scene) -> Html:
    if call.direction is Direction.IN and call.outcome is Outcome.HUNG_UP:
        return scene.say("hung up")
    if call.is_missed:
        return scene.say("missed")
    return outcome_words(call.outcome, call.status, scene.say)


def _talk(call: Call) -> timedelta | None:
    if call.talk is None and call.is_answered and call.answered_at:
        return call.ended_at - call.answered_at
    return call.talk
