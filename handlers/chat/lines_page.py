"""Under `/numbers`: SIM cards and whose they are, and the lines of other operators, up or down."""

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from desk import lines
from desk import our_numbers as rules
from desk.access import Rank
from desk.lines import LineNow
from handlers.chat import acting, reading
from handlers.chat.buttons import LinesPress, NumbersPress, button, mark, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import LineState, SimCard

#: SIM cards, or lines, on a page.
PAGE = 20
ICONS = {LineState.UP: "🟢", LineState.DOWN: "🔴", LineState.OFF: "⚪️", LineState.UNKNOWN: "▫️"}
TAKES_CALLS = {True: "🟢", False: "⚪️", None: "▫️"}

Page = tuple[Html, InlineKeyboardMarkup | None]


def router() -> Router:
    made = Router(name="lines")
    made.callback_query.register(press, LinesPress.filter())
    return made


async def press(query: CallbackQuery, callback_data: LinesPress, scene: Scene) -> None:
    """Everything is read from the PBX anew."""
    pbx = await acting.place(scene, "numbers", callback_data.pbx)
    if pbx is None:
        return
    is_about_lines = callback_data.act == "lines"
    can = pbx.capabilities.operator_lines if is_about_lines else pbx.capabilities.sim_cards
    try:
        if not can:
            what = "list of operator lines" if is_about_lines else "list of SIM cards"
            await acting.refuse(scene, lacks(what, scene.say, pbx))
        elif is_about_lines:
            found = await lines.listed(scene.desk, pbx.id)
            await acting.answer(scene, *_lines(scene, pbx, found, callback_data.n))
        elif callback_data.act in ("ask", "off"):
            await _switch_off(scene, pbx, callback_data)
        else:
            await _sim_cards(scene, pbx, callback_data.n)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))


# SIM cards


async def _switch_off(scene: Scene, pbx: PhoneSystem, press: LinesPress) -> None:
    """Asks first: it can't be taken back from here."""
    say = scene.say
    if scene.who.rank < Rank.MANAGER:
        await acting.refuse(scene, acting.only_managers(say))
        return
    cards = await rules.sim_cards(scene.desk, pbx.id)
    card = next((one for one in cards if mark(one.number) == press.what), None)
    if card is None:
        await acting.refuse(scene, acting.out_of_date(say, "/numbers"))
    elif press.act == "ask":
        text = joined(
            say("⚪️ <b>Switch the SIM card {number} off?</b>", number=numbers.display(card.number)),
            say("It belongs to: {holder}", holder=_holder(card, say)),
            say("It takes no calls until somebody gives it to an employee or to the office in the PBX's cabinet."),
        )
        sure = button(say("⚪️ Yes, switch off"), LinesPress(act="off", pbx=pbx.id, what=press.what))
        back = button(say("↩️ Back"), LinesPress(act="sims", pbx=pbx.id))
        await acting.answer(scene, text, rows([sure], [back]))
    else:
        await rules.switch_sim_card_off(scene.desk, pbx.id, card, scene.who.user_id)
        done = say("✅ The SIM card {number} is off: it takes no calls.", number=numbers.display(card.number))
        try:
            await _sim_cards(scene, pbx, 0, done)
        except PbxError as error:
            await acting.answer(scene, joined(done, trouble(error, say, pbx)))


async def _sim_cards(scene: Scene, pbx: PhoneSystem, page: int, note: Html | None = None) -> None:
    say = scene.say
    cards = await rules.sim_cards(scene.desk, pbx.id)
    page, count = reading.page_of(page, PAGE, len(cards))
    shown = cards[page * PAGE : (page + 1) * PAGE]
    text = joined(
        note,
        say("📶 <b>SIM cards</b>") if cards else say("PBX {pbx} has no SIM cards.", pbx=pbx.id),
        *(_card(one, say) for one in shown),
        say("🟢 takes calls, ⚪️ is off") if cards else None,
        say("Page {page} of {pages}", page=page + 1, pages=count) if count > 1 else None,
    )
    switches = [
        [
            button(
                say("⚪️ Off: {name}", name=numbers.display(one.number)),
                LinesPress(act="ask", pbx=pbx.id, what=mark(one.number)),
            )
        ]
        for one in shown
        if one.enabled is not False and scene.who.rank >= Rank.MANAGER
    ]
    turning = reading.turning(page, count, lambda to: LinesPress(act="sims", pbx=pbx.id, n=to))
    back = button(say("« Our numbers"), NumbersPress(act="all", pbx=pbx.id))
    await acting.answer(scene, text, rows(*switches, turning, [back]))


def _card(one: SimCard, say: Texts) -> Html:
    return Html("{} {} · {}").format(TAKES_CALLS[one.enabled], numbers.display(one.number), _holder(one, say))


def _holder(card: SimCard, say: Texts) -> Html | str:
    return card.holder or (say("the whole office") if card.is_shared else say("nobody"))


# Lines


def _lines(scene: Scene, pbx: PhoneSystem, found: Sequence[LineNow], page: int) -> Page:
    say = scene.say
    page, count = reading.page_of(page, PAGE, len(found))
    text = joined(
        say("📡 <b>Lines of other operators</b>")
        if found
        else say("PBX {pbx} has no lines of other operators.", pbx=pbx.id),
        *(_line(scene, one) for one in found[page * PAGE : (page + 1) * PAGE]),
        say("🟢 up, 🔴 down, ⚪️ switched off, ▫️ unknown") if found else None,
        say("Page {page} of {pages}", page=page + 1, pages=count) if count > 1 else None,
    )
    turning = reading.turning(page, count, lambda to: LinesPress(act="lines", pbx=pbx.id, n=to))
    again = button(say("🔄 Refresh"), LinesPress(act="lines", pbx=pbx.id, n=page))
    back = button(say("« Our numbers"), NumbersPress(act="all", pbx=pbx.id))
    return text, rows(turning, [again, back])


def _line(scene: Scene, now_is: LineNow) -> Html:
    say, one = scene.say, now_is.line
    number = numbers.display(one.number)
    named = say("{number} «{name}»", number=number, name=one.name) if one.name else Html.escape(number)
    about = Html("{} {}").format(ICONS[one.state], named)
    about = Html("{} · {}").format(about, one.operator) if one.operator else about
    if now_is.down_since is None:
        return about
    since = say.when(now_is.down_since, scene.desk.clock.now())
    return say("{line} · down since {when}", line=about, when=since)
