"""`/active`: the calls going on now, read anew at each press. Managers end any, others their own, where a PBX can."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from desk import current_calls
from desk.access import Rank
from desk.client_names import known_as
from desk.current_calls import Current, Told
from desk.office import pbx_name
from handlers.chat import acting, reading
from handlers.chat.buttons import ActivePress, button, mark, rows
from handlers.chat.cards import shortened
from handlers.chat.live_text import names
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError, Unavailable
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Direction, Stage
from storage import people

#: Calls on a page, and their buttons in a row.
PAGE = 15
COLUMNS = 5
ICONS = {Stage.RINGING: "📳", Stage.DIALLING: "📲", Stage.ANSWERED: "🗣"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A call with what its line says."""

    pbx: PhoneSystem
    current: Current
    client: Html
    who: tuple[str, ...]


@dataclass(slots=True)
class Gathered:
    """Of several PBXs: calls with clients, how many go on between employees, what keeps the list from being whole.

    `readable`: some PBX's calls can be known at all; `is_unsure`: one of those gave no answer.
    """

    calls: list[Shown] = field(default_factory=list)
    between: int = 0
    remarks: list[Html] = field(default_factory=list)
    readable: bool = False
    is_unsure: bool = False


def router() -> Router:
    made = Router(name="active")
    made.message.register(active, Command("active"))
    made.callback_query.register(press, ActivePress.filter())
    return made


async def active(message: Message, command: CommandObject, scene: Scene) -> None:
    """The calls of the PBXs that are meant here."""
    named = (command.args or "").strip().rstrip(":")
    chosen = named if named in scene.desk.pbxes else ""
    if pbx_ids := await _pbxes(scene, chosen):
        await scene.reply(*await _page(scene, pbx_ids, chosen, 0))


async def press(query: CallbackQuery, callback_data: ActivePress, scene: Scene) -> None:
    """A button under the list. `pbx` is the call's where it names one, else what was chosen for the list."""
    act = _ACTS.get(callback_data.act)
    if act is None:
        if pbx_ids := await _pbxes(scene, callback_data.pbx):
            await scene.toast()
            await scene.change(*await _page(scene, pbx_ids, callback_data.pbx, callback_data.n))
    elif callback_data.pbx and await acting.concerns(scene, callback_data.pbx):
        await act(scene, scene.desk.pbxes[callback_data.pbx], callback_data)
    else:
        await acting.refuse(scene, _gone(scene))


async def _pbxes(scene: Scene, chosen: str) -> list[str] | None:
    return await reading.pbxes(scene, chosen, lambda one: ActivePress(act="page", pbx=one))


async def _page(
    scene: Scene, pbx_ids: list[str], chosen: str, number: int, note: Html | None = None
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """All calls of these PBXs, `note` above them."""
    say, all_of = scene.say, await _gathered(scene, pbx_ids)
    if not all_of.readable:
        return joined(note, *all_of.remarks), None
    number, count = reading.page_of(number, PAGE, len(all_of.calls))
    here = list(enumerate(all_of.calls, start=1))[number * PAGE : (number + 1) * PAGE]
    between = all_of.between
    text = joined(
        note,
        _headline(scene, all_of),
        *(_line(scene, n, one) for n, one in here),
        say.count("… and {n} between employees", "… and {n} between employees", between) if between else None,
        *dict.fromkeys(all_of.remarks),
        say("Page {page} of {count}", page=number + 1, count=count) if count > 1 else None,
    )
    ends = [_end_key(one, n, number) for n, one in here if _may_end(scene, one.pbx, one.current)]
    turning = reading.turning(number, count, lambda to: ActivePress(act="page", pbx=chosen, n=to))
    again = [button(say("🔄 Refresh"), ActivePress(act="page", pbx=chosen, n=number))]
    return text, rows(*(ends[i : i + COLUMNS] for i in range(0, len(ends), COLUMNS)), turning, again)


def _headline(scene: Scene, all_of: Gathered) -> Html | None:
    """How many there are. None are known where a PBX could not be asked: that is not said to be none."""
    if all_of.calls:
        count = len(all_of.calls)
        return scene.say.count("📞 <b>{n} call is going on</b>", "📞 <b>{n} calls are going on</b>", count)
    return None if all_of.is_unsure else scene.say("📞 No call with a client is going on.")


async def _gathered(scene: Scene, pbx_ids: list[str]) -> Gathered:
    """Asked PBX by PBX; what can't be listed is remarked."""
    gathered = Gathered()
    for pbx in (scene.desk.pbxes[pbx_id] for pbx_id in pbx_ids):
        if not current_calls.can_be_listed(pbx):
            gathered.remarks.append(lacks("list of active calls", scene.say, pbx))
            continue
        gathered.readable = True
        try:
            listed = await current_calls.listed(scene.desk, pbx.id)
        except PbxError as error:
            gathered.remarks.append(trouble(error, scene.say, pbx))
            gathered.is_unsure = True
            continue
        gathered.between += sum(1 for one in listed.calls if one.is_internal)
        gathered.calls += [await _shown(scene, pbx, one) for one in listed.calls if not one.is_internal]
        if listed.told is not Told.BY_PBX:
            gathered.remarks.append(_told(listed.told, scene))
    return gathered


def _end_key(one: Shown, n: int, page: int) -> InlineKeyboardButton:
    return button(f"✖️ {n}", ActivePress(act="ask", pbx=one.pbx.id, what=mark(one.current.live.call_id), n=page))


def _told(told: Told, scene: Scene) -> Html:
    """Why the list may not be the whole truth."""
    if told is Told.BY_EVENTS:
        return scene.say("As far as the PBX's events told: it can't be asked.")
    return scene.say("The PBX lists calls without times: they count from when I first saw them.")


async def _shown(scene: Scene, pbx: PhoneSystem, one: Current) -> Shown:
    say, live = scene.say, one.live
    async with scene.desk.db.read() as tx:
        name, _ = await known_as(scene.desk, tx, live.client, [pbx.id])
        employees = await people.employee_names(tx, pbx.id)
    number = say.number(live.client)
    short = shortened(name)
    client = say("{name}, {number}", name=short, number=number) if short else Html.escape(number)
    return Shown(pbx, one, client, tuple(employees.get(login, login) for login in one.logins))


def _line(scene: Scene, n: int, one: Shown) -> Html:
    """``1. 🗣 Fedor, +7 910 123-45-67 · talks with Anna · Sales · since 12:05``"""
    say, live = scene.say, one.current.live
    icon = ICONS.get(Stage(live.stage), "📞")
    since = live.answered_at if live.stage == Stage.ANSWERED and live.answered_at else live.began_at
    parts = [
        say("{n}. {icon} {client}", n=n, icon=icon, client=one.client),
        _doing(scene, one),
        live.department,
        say("since {time}", time=say.clock(since)),
        say("PBX {pbx}", pbx=name) if (name := pbx_name(scene.desk, one.pbx.id)) else None,
    ]
    return Html(" · ").join(Html.escape(part) for part in parts if part)


def _doing(scene: Scene, one: Shown) -> Html | None:
    say, live, who = scene.say, one.current.live, names(one.who, scene.say)
    words: dict[str, Callable[[], Html]] = {
        Stage.ANSWERED: lambda: say("talks with {name}", name=who) if one.who else say("talks"),
        Stage.RINGING: lambda: say("rings: {names}", names=who) if one.who else say("rings"),
        Stage.DIALLING: lambda: say("{name} is calling", name=who) if one.who else say("is being called"),
    }
    if live.stage in words:
        return words[live.stage]()
    if not one.who:
        return None
    return say("called by {name}", name=who) if live.direction == Direction.OUT else say("with {name}", name=who)


def _may_end(scene: Scene, pbx: PhoneSystem, one: Current) -> bool:
    """Managers any call; an employee their own."""
    own = scene.who.login_at(pbx.id)
    return one.hang_up is not None and (scene.who.rank >= Rank.MANAGER or (own is not None and own in one.logins))


async def _found(scene: Scene, pbx: PhoneSystem, what: str) -> Shown | None:
    """The call that a button names, if it still goes on and the presser may end it; else that is said."""
    if scene.who.rank < Rank.EMPLOYEE:
        await acting.refuse(scene, acting.not_employee(scene.say))
        return None
    if not pbx.capabilities.hang_up:
        await acting.refuse(scene, lacks("way to end a call", scene.say, pbx))
        return None
    try:
        listed = await current_calls.listed(scene.desk, pbx.id)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))
        return None
    one = next((one for one in listed.calls if mark(one.live.call_id) == what and not one.is_internal), None)
    if one is None:
        await acting.refuse(scene, _gone(scene))
    elif not _may_end(scene, pbx, one):
        await acting.refuse(scene, scene.say("You may end your own calls. Ask a manager to end this one."))
    else:
        return await _shown(scene, pbx, one)
    return None


def _gone(scene: Scene) -> Html:
    return scene.say("This call is over already. Press Refresh.")


async def _ask(scene: Scene, pbx: PhoneSystem, pressed: ActivePress) -> None:
    """Sure? The client hears the call break off."""
    say = scene.say
    if one := await _found(scene, pbx, pressed.what):
        sure = button(say("✖️ End the call"), ActivePress(act="end", pbx=pbx.id, what=pressed.what, n=pressed.n))
        back = button(say("↩️ Back"), ActivePress(act="page", pbx=_back_to(scene, pbx), n=pressed.n))
        words = joined(_line(scene, 1, one), say("End this call? It breaks off for the client too."))
        await acting.answer(scene, words, rows([sure], [back]))


async def _end(scene: Scene, pbx: PhoneSystem, pressed: ActivePress) -> None:
    say, desk = scene.say, scene.desk
    async with desk.turns.of(f"hang up {pbx.id} {pressed.what}"):
        one = await _found(scene, pbx, pressed.what)
        if one is None:
            return
        try:
            asked = await current_calls.hang_up(desk, pbx.id, one.current, scene.who.user_id, f"{scene.update_id}")
        except Unavailable as error:
            words = joined(
                trouble(error, say, pbx), say("Whether the call is over, I don't know. Refresh before you try again.")
            )
            await acting.refuse(scene, words)
            return
        except PbxError as error:
            await acting.refuse(scene, trouble(error, say, pbx))
            return
    note = say("✖️ I told the PBX to end the call of {client}.", client=one.client) if asked else None
    if pbx_ids := await _pbxes(scene, _back_to(scene, pbx)):
        await acting.answer(scene, *await _page(scene, pbx_ids, _back_to(scene, pbx), pressed.n, note))


def _back_to(scene: Scene, pbx: PhoneSystem) -> str:
    """The list that the call was in: of this PBX, where there are several."""
    return pbx.id if len(scene.desk.pbxes) > 1 else ""


_ACTS: dict[str, Callable[[Scene, PhoneSystem, ActivePress], Awaitable[None]]] = {"ask": _ask, "end": _end}
