"""`/numbers`: our numbers, where their calls go, their switches; SIM cards, lines and recording are a tap away."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from desk import our_numbers as rules
from desk.access import Rank
from desk.office import pbx_name
from handlers.chat import acting, reading
from handlers.chat.buttons import LinesPress, NumbersPress, PbxPress, RecordingPress, button, mark, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import OurNumber

#: Numbers on a page.
PAGE = 20
#: By whether calls are taken.
ICONS = {True: "🟢", False: "⚪️", None: "▫️"}

Page = tuple[Html, InlineKeyboardMarkup | None]


def router() -> Router:
    made = Router(name="numbers")
    made.message.register(our_numbers, Command("numbers"))
    made.callback_query.register(numbers_there, PbxPress.filter(F.key == "numbers"))
    made.callback_query.register(press, NumbersPress.filter())
    return made


async def our_numbers(message: Message, command: CommandObject, scene: Scene) -> None:
    """All our numbers, a line each."""
    named, _ = reading.pbx_named(scene, command.args or "")
    if pbx := await acting.place(scene, "numbers", named):
        await _list(scene, pbx, 0)


async def numbers_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    if pbx := await acting.place(scene, "numbers", callback_data.pbx):
        await _list(scene, pbx, 0)


async def press(query: CallbackQuery, callback_data: NumbersPress, scene: Scene) -> None:
    """A page, "sure?", or the switch itself. The number is read anew."""
    pbx = await acting.place(scene, "numbers", callback_data.pbx)
    if pbx is None:
        return
    if callback_data.act not in ("ask", "on", "off"):
        await _list(scene, pbx, callback_data.n)
    elif scene.who.rank < Rank.MANAGER:
        await acting.refuse(scene, acting.only_managers(scene.say))
    elif not pbx.capabilities.switch_numbers:
        await acting.refuse(scene, lacks("switch for a number", scene.say, pbx))
    else:
        try:
            await _switch(scene, pbx, callback_data)
        except PbxError as error:
            await acting.refuse(scene, trouble(error, scene.say, pbx))


async def _list(scene: Scene, pbx: PhoneSystem, page: int, note: Html | None = None) -> None:
    """`note`: what was just done."""
    if not pbx.capabilities.our_numbers:
        await acting.answer(scene, lacks("list of numbers", scene.say, pbx))
        return
    try:
        found = await rules.listed(scene.desk, pbx.id)
    except PbxError as error:
        words = trouble(error, scene.say, pbx)
        await (acting.answer(scene, joined(note, words)) if note else acting.refuse(scene, words))
    else:
        await acting.answer(scene, *_page(scene, pbx, found, page, note))


async def _switch(scene: Scene, pbx: PhoneSystem, press: NumbersPress) -> None:
    say = scene.say
    found = await rules.listed(scene.desk, pbx.id)
    number = next((one for one in found if mark(one.number) == press.what), None)
    if number is None:
        await acting.refuse(scene, acting.out_of_date(say, "/numbers"))
    elif press.act == "ask":
        await acting.answer(scene, *_sure(scene, pbx, number, found))
    elif press.act == "on":
        await rules.switch(scene.desk, pbx.id, number, scene.who.user_id, enabled=True)
        await _list(scene, pbx, 0, say("✅ {number} is on: its calls are taken.", number=_name(number, say)))
    else:
        await rules.switch(scene.desk, pbx.id, number, scene.who.user_id, enabled=False)
        await _list(scene, pbx, 0, say("✅ {number} is off: its calls are not taken.", number=_name(number, say)))


def _page(scene: Scene, pbx: PhoneSystem, found: Sequence[OurNumber], number: int, note: Html | None) -> Page:
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(found))
    shown = found[number * PAGE : (number + 1) * PAGE]
    name = pbx_name(scene.desk, pbx.id)
    text = joined(
        note,
        say("☎️ <b>Our numbers</b> and where their calls go")
        if found
        else say("PBX {pbx} has no numbers of ours yet.", pbx=pbx.id),
        *(_line(one, say) for one in shown),
        say("PBX {pbx}", pbx=name) if name else None,
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    turning = reading.turning(number, count, lambda to: NumbersPress(act="all", pbx=pbx.id, n=to))
    return text, rows(*_switches(scene, pbx, shown), turning, _elsewhere(scene, pbx))


def _line(one: OurNumber, say: Texts) -> Html:
    number = Html("{} {}").format(ICONS[one.enabled], _name(one, say))
    number = Html("{} → {}").format(number, one.route) if one.route else number
    return say("{number} · switched off", number=number) if one.enabled is False else number


def _name(one: OurNumber, say: Texts) -> Html | str:
    shown = numbers.display(one.number)
    return say("{number} «{name}»", number=shown, name=one.name) if one.name else shown


def _switches(scene: Scene, pbx: PhoneSystem, shown: Sequence[OurNumber]) -> list[list[InlineKeyboardButton]]:
    """For managers."""
    if scene.who.rank < Rank.MANAGER or not pbx.capabilities.switch_numbers:
        return []
    say = scene.say
    return [
        [
            button(
                say("🟢 On: {name}", name=_name(one, say))
                if one.enabled is False
                else say("⚪️ Off: {name}", name=_name(one, say)),
                NumbersPress(act="ask", pbx=pbx.id, what=mark(one.number)),
            )
        ]
        for one in shown
    ]


def _elsewhere(scene: Scene, pbx: PhoneSystem) -> list[InlineKeyboardButton]:
    say, can = scene.say, pbx.capabilities
    offered = [
        (can.sim_cards, say("📶 SIM cards"), LinesPress(act="sims", pbx=pbx.id)),
        (can.operator_lines, say("📡 Lines"), LinesPress(act="lines", pbx=pbx.id)),
        (
            can.recording_exceptions and scene.who.rank is Rank.ADMIN,
            say("⏺ Recording"),
            RecordingPress(act="all", pbx=pbx.id),
        ),
    ]
    return [button(label, to) for is_there, label, to in offered if is_there]


def _sure(scene: Scene, pbx: PhoneSystem, number: OurNumber, found: Sequence[OurNumber]) -> Page:
    """Says what will change for clients."""
    say, name, to = scene.say, _name(number, scene.say), mark(number.number)
    back = button(say("↩️ Back"), NumbersPress(act="all", pbx=pbx.id))
    if number.enabled is False:
        text = joined(
            say("🟢 <b>Switch {number} on?</b>", number=name),
            say("Its calls are taken again and go to: {route}", route=number.route)
            if number.route
            else say("Its calls are taken again."),
        )
        return text, rows([button(say("🟢 Yes, switch on"), NumbersPress(act="on", pbx=pbx.id, what=to))], [back])
    text = joined(
        say("⚪️ <b>Switch {number} off?</b>", number=name),
        say("Its calls go to: {route}", route=number.route) if number.route else None,
        say("Clients who call it get through to nobody until somebody switches it on again."),
        say("⚠️ No other number takes calls.") if rules.is_last(number, found) else None,
    )
    return text, rows([button(say("⚪️ Yes, switch off"), NumbersPress(act="off", pbx=pbx.id, what=to))], [back])
