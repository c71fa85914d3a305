"""`/dnd`: calls don't reach the sender until a time. **on** means: calls do not reach me."""

from datetime import datetime

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from desk import presence
from desk.office import pbx_name
from desk.presence import Asker, Presence
from desk.until import TooLong, Unclear
from handlers.chat import acting, dnd_of_others, reading
from handlers.chat.buttons import DndPress, PbxPress, button, rows
from handlers.chat.dnd_wish import Wish, chosen, until_known, until_words, wish_of
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem


def router() -> Router:
    made = Router(name="dnd")
    made.message.register(dnd, Command("dnd"))
    made.callback_query.register(dnd_there, PbxPress.filter(F.key == "dnd"))
    made.callback_query.register(press, DndPress.filter())
    return made


async def dnd(message: Message, command: CommandObject, scene: Scene) -> None:
    """`/dnd`, `/dnd on`, `/dnd off`, `/dnd 45m`, `/dnd until 18:00`; for managers also `/dnd LOGIN 45m`."""
    named, typed = reading.pbx_named(scene, command.args or "")
    await _dnd(scene, named, typed, message.date)


async def dnd_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    about = acting.asked_about(scene)
    if about is None:
        await scene.toast(acting.too_old(scene.say), alert=True)
        return
    await _dnd(scene, callback_data.pbx, *about)


async def _dnd(scene: Scene, named: str, typed: str, sent_at: datetime) -> None:
    say = scene.say
    try:
        wish = wish_of(typed, sent_at, scene)
    except TooLong:
        await scene.reply(say("I count up to 31 days. For longer: /dnd on, and /dnd off when you are back."))
        return
    except Unclear:
        if await dnd_of_others.typed(scene, named, typed, sent_at):
            return
        await scene.reply(
            say(
                "Until when shall calls not reach you? /dnd 45m, /dnd 2h, /dnd until 18:00, "
                "/dnd on (no end) or /dnd off (calls reach you)"
            )
        )
        return
    if wish.until and wish.until <= scene.desk.clock.now():
        await scene.reply(
            say("That time had passed before I read your message. Nothing is changed. Send /dnd again.")
        )
    elif pbx := await acting.place(scene, "dnd", named, linked=True):
        await acting.answer(scene, *await _do(scene, pbx, wish))


async def press(query: CallbackQuery, callback_data: DndPress, scene: Scene) -> None:
    """A button under `/dnd`. Somebody else's is not for pressing: whose calls are meant would be unclear."""
    say = scene.say
    pbx = scene.desk.pbxes.get(callback_data.pbx)
    if callback_data.owner != scene.who.user_id:
        await scene.toast(say("These buttons are for the one who asked. Send /dnd for yours."), alert=True)
    elif pbx is None or scene.who.login_at(pbx.id) is None:
        await scene.toast(acting.not_linked(say), alert=True)
    else:
        await acting.answer(scene, *await _do(scene, pbx, chosen(callback_data.act, scene)))


async def _do(scene: Scene, pbx: PhoneSystem, wish: Wish) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Do it, and say in words how it stands now."""
    say, desk, who = scene.say, scene.desk, scene.who
    login = who.login_at(pbx.id)
    assert login is not None
    if not pbx.capabilities.do_not_disturb:
        return lacks("do-not-disturb", say, pbx), None
    try:
        match wish.act:
            case "off_calls":
                asker = Asker(who.user_id, *scene.place)
                now_is = await presence.calls_off(desk, pbx.id, login, wish.until, asker)
            case "on_calls":
                now_is = await presence.calls_on(desk, pbx.id, login, who.user_id)
            case _:
                now_is = await presence.presence(desk, pbx.id, login)
    except PbxError as error:
        return _failed(scene, pbx, wish, error), None
    return joined(_state(now_is, scene), _at_pbx(scene, pbx)), _buttons(now_is, scene, pbx)


def _failed(scene: Scene, pbx: PhoneSystem, wish: Wish, error: PbxError) -> Html:
    comes_back = until_known(wish, error)
    return joined(
        trouble(error, scene.say, pbx),
        scene.say(
            "Should your calls be off all the same, I let them through again {until}.",
            until=until_words(comes_back, scene),
        )
        if comes_back
        else None,
    )


def _state(now_is: Presence, scene: Scene) -> Html:
    say = scene.say
    if now_is.receives:
        return say("🔔 Calls reach you.")
    if now_is.until:
        return say("🔕 Calls to you are off {until}.", until=until_words(now_is.until, scene))
    return say("🔕 Calls to you are off. They stay off until you send /dnd off.")


def _at_pbx(scene: Scene, pbx: PhoneSystem) -> Html | None:
    name = pbx_name(scene.desk, pbx.id)
    return scene.say("PBX {pbx}", pbx=name) if name else None


def _buttons(now_is: Presence, scene: Scene, pbx: PhoneSystem) -> InlineKeyboardMarkup | None:
    say = scene.say

    def key(label: Html, act: str) -> list[InlineKeyboardButton]:
        return [button(label, DndPress(act=act, owner=scene.who.user_id, pbx=pbx.id))]

    spans = [*key(say("30 min"), "30m"), *key(say("1 h"), "1h"), *key(say("Until midnight"), "day")]
    on = key(say("🔕 Off until I say"), "on") if now_is.receives or now_is.until else []
    off = [] if now_is.receives else key(say("🔔 Let calls through"), "off")
    return rows(off, spans, on)
