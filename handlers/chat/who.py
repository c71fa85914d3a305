"""`/who`: each employee: on a call, connected, not to be disturbed until when, on a pause. Read anew each time."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import directory, whereabouts
from desk.access import Rank
from desk.client_names import known_as
from desk.office import pbx_name
from desk.whereabouts import Roster, Whereabouts
from handlers.chat import acting, dnd_of_others, reading
from handlers.chat.buttons import PbxPress, WhoPress, button, mark, rows
from handlers.chat.cards import shortened
from handlers.chat.dnd_wish import until_words
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Employee, Stage

#: Employees on a page, and the buttons in a row that name them.
PAGE = 20
COLUMNS = 2
#: Departments that are named for one employee; the rest are counted.
NAMED = 2


def router() -> Router:
    made = Router(name="who")
    made.message.register(who, Command("who"))
    made.callback_query.register(who_there, PbxPress.filter(F.key == "who"))
    made.callback_query.register(press, WhoPress.filter())
    return made


async def who(message: Message, command: CommandObject, scene: Scene) -> None:
    """The first page."""
    named = (command.args or "").strip().rstrip(":")
    if pbx := await acting.place(scene, "who", named if named in scene.desk.pbxes else ""):
        await _show(scene, pbx, 0)


async def who_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    if pbx := await acting.place(scene, "who", callback_data.pbx):
        await _show(scene, pbx, 0)


async def press(query: CallbackQuery, callback_data: WhoPress, scene: Scene) -> None:
    """A page, or something about one employee. Who may is asked at each press."""
    pbx = await acting.place(scene, "who", callback_data.pbx)
    if pbx is None:
        return
    if callback_data.act == "page":
        await _show(scene, pbx, callback_data.n)
    elif scene.who.rank < Rank.MANAGER:
        await acting.refuse(scene, acting.only_managers(scene.say))
    elif callback_data.act == "pick":
        await _pick(scene, pbx, callback_data.n)
    elif employee := await _employee(scene, pbx, callback_data.who):
        await dnd_of_others.pressed(scene, pbx, employee, callback_data.act, callback_data.n)
    else:
        await acting.refuse(scene, acting.out_of_date(scene.say, "/who"))


async def _employee(scene: Scene, pbx: PhoneSystem, who: str) -> Employee | None:
    return next((one for one in await _known(scene, pbx) if mark(one.login) == who), None)


async def _known(scene: Scene, pbx: PhoneSystem) -> list[Employee]:
    """As last read, in the order of the pages."""
    try:
        everybody = await directory.known(scene.desk, pbx.id)
    except PbxError:
        return []
    return sorted(everybody, key=lambda one: one.name.casefold())


async def _pick(scene: Scene, pbx: PhoneSystem, page: int) -> None:
    """Whose calls are to be switched?"""
    say = scene.say
    if not pbx.capabilities.do_not_disturb:
        await acting.refuse(scene, lacks("do-not-disturb", say, pbx))
        return
    everybody = await _known(scene, pbx)
    number, count = reading.page_of(page, PAGE, len(everybody))
    keys = [
        button(one.name, WhoPress(act="one", pbx=pbx.id, who=mark(one.login), n=number))
        for one in everybody[number * PAGE : (number + 1) * PAGE]
    ]
    turning = reading.turning(number, count, lambda to: WhoPress(act="pick", pbx=pbx.id, n=to))
    back = [button(say("« Who is where"), WhoPress(act="page", pbx=pbx.id, n=number))]
    lines = (keys[i : i + COLUMNS] for i in range(0, len(keys), COLUMNS))
    await acting.answer(scene, say("🔕 Whose calls do you want to switch?"), rows(*lines, turning, back))


async def _show(scene: Scene, pbx: PhoneSystem, page: int) -> None:
    say = scene.say
    if not pbx.capabilities.employees:
        await acting.answer(scene, lacks("list of employees", say, pbx))
        return
    try:
        roster = await whereabouts.roster(scene.desk, pbx.id, PAGE, page)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, say, pbx))
        return
    await acting.answer(scene, *await _page(scene, pbx, roster, page))


async def _page(
    scene: Scene, pbx: PhoneSystem, roster: Roster, page: int
) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = scene.say
    number, count = reading.page_of(page, PAGE, roster.total)
    text = joined(
        _title(scene, pbx),
        *[await _line(scene, pbx, one) for one in roster.people],
        *_missing(scene, pbx, roster),
        say("🟢 the phone is connected, ⚪️ it is not") if pbx.capabilities.presence else None,
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    turning = reading.turning(number, count, lambda to: WhoPress(act="page", pbx=pbx.id, n=to))
    again = [button(say("🔄 Refresh"), WhoPress(act="page", pbx=pbx.id, n=number))]
    may = scene.who.rank >= Rank.MANAGER and pbx.capabilities.do_not_disturb
    switch = [button(say("🔕 Do not disturb…"), WhoPress(act="pick", pbx=pbx.id, n=number))] if may else []
    return text, rows(turning, [*again, *switch])


def _title(scene: Scene, pbx: PhoneSystem) -> Html:
    name = pbx_name(scene.desk, pbx.id)
    return scene.say("🧭 <b>Who is where</b>, PBX {pbx}", pbx=name) if name else scene.say("🧭 <b>Who is where</b>")


def _missing(scene: Scene, pbx: PhoneSystem, roster: Roster) -> list[Html]:
    """What could not be read."""
    say = scene.say
    return [
        words
        for words, is_missing in (
            (joined(trouble(roster.stale, say, pbx)) if roster.stale else Html(), roster.stale is not None),
            (say("⚠️ Who is on a call could not be read."), roster.calls_unread),
            (
                say.count(
                    "⚠️ Whether calls reach {n} of them could not be read.",
                    "⚠️ Whether calls reach {n} of them could not be read.",
                    roster.dnd_unread,
                ),
                roster.dnd_unread > 0,
            ),
            (say("⚠️ The departments could not be read."), roster.departments_unread),
        )
        if is_missing
    ]


async def _line(scene: Scene, pbx: PhoneSystem, one: Whereabouts) -> Html:
    """``🗣 Anna Smirnova · 701 · talks with Fedor since 12:05 · 🔕 until 13:00 · in Telegram: Anna``"""
    say = scene.say
    parts = [
        Html("{icon} {name}").format(icon=_icon(one), name=one.employee.name),
        one.employee.extension,
        await _on_a_call(scene, pbx, one),
        _switch(scene, one),
        say("⏸ on a pause since {time}", time=say.clock(one.paused_since)) if one.paused_since else None,
        _departments(scene, one),
        say("in Telegram: {name}", name=one.linked_to) if one.linked_to else None,
    ]
    return Html(" · ").join(Html.escape(part) for part in parts if part)


def _icon(one: Whereabouts) -> str:
    """What matters most about somebody: a call, then what keeps calls away, then the phone."""
    if one.call is not None:
        return "📳" if one.rings else "🗣"
    if one.dnd is not None and not one.dnd.receives:
        return "🔕"
    if one.paused_since is not None:
        return "⏸"
    online = whereabouts.is_online(one)
    return "▫️" if online is None else "🟢" if online else "⚪️"


async def _on_a_call(scene: Scene, pbx: PhoneSystem, one: Whereabouts) -> Html | None:
    """Managers are told with whom, as in lists; colleagues that it is so."""
    if one.call is None:
        return None
    say, live = scene.say, one.call.live
    talks = live.stage == Stage.ANSWERED
    time = say.clock((live.answered_at if talks else None) or live.began_at)
    if one.call.is_internal:
        return say("on a call with a colleague since {time}", time=time)
    if scene.who.rank < Rank.MANAGER:
        return say("the phone rings") if one.rings else say("on a call since {time}", time=time)
    client = await _client(scene, pbx, live.client)
    if one.rings:
        return say("the phone rings: {client}", client=client)
    if talks:
        return say("talks with {client} since {time}", client=client, time=time)
    return say("on a call with {client} since {time}", client=client, time=time)


async def _client(scene: Scene, pbx: PhoneSystem, number: str | None) -> Html:
    async with scene.desk.db.read() as tx:
        name, _ = await known_as(scene.desk, tx, number, [pbx.id])
    shown, short = scene.say.number(number), shortened(name)
    return scene.say("{name}, {number}", name=short, number=shown) if short else Html.escape(shown)


def _switch(scene: Scene, one: Whereabouts) -> Html | None:
    if one.dnd is None or one.dnd.receives:
        return None
    if one.dnd.until is None:
        return scene.say("do not disturb")
    return scene.say("do not disturb {until}", until=until_words(one.dnd.until, scene))


def _departments(scene: Scene, one: Whereabouts) -> Html | None:
    """Those whose calls do not reach them."""
    off, say = one.departments_off, scene.say
    if not off:
        return None
    names, more = Html(", ").join(off[:NAMED]), len(off) - NAMED
    if more > 0:
        return say.count("no calls of {names} and {n} more", "no calls of {names} and {n} more", more, names=names)
    return say("no calls of {names}", names=names)
