"""`/call`: the sender's phone rings, then the client's. And the words for how asking for a call went."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from desk import calling
from desk.calling import Asked, Result
from handlers.chat import acting, reading
from handlers.chat.buttons import PbxPress
from handlers.chat.pbx_words import trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts
from pbx import numbers
from pbx.errors import AuthFailed, Rejected, Unsupported
from pbx.phone_system import PhoneSystem

#: The phone rings. Everything else is said in a box that has to be closed.
AS_WISHED = frozenset({Result.RINGING, Result.ALREADY_YOURS})


def router() -> Router:
    made = Router(name="calling")
    made.message.register(call, Command("call"))
    made.callback_query.register(call_there, PbxPress.filter(F.key == "call"))
    return made


async def call(message: Message, command: CommandObject, scene: Scene) -> None:
    """`/call +79101234567`, `/call main: 8 910 …`."""
    named, typed = reading.pbx_named(scene, command.args or "")
    await _call(scene, named, typed)


async def call_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    about = acting.asked_about(scene)
    if about is None:
        await scene.toast(acting.too_old(scene.say), alert=True)
        return
    await _call(scene, callback_data.pbx, about[0])


async def _call(scene: Scene, named: str, typed: str) -> None:
    say = scene.say
    number = numbers.leading(typed, scene.desk.country_of(named) if named else scene.country)[0]
    if not typed:
        await scene.reply(say("Whom shall I call? Send the number too: /call +79101234567"))
    elif number is None:
        await scene.reply(
            say("“{typed}” is no phone number. Send it like this: /call +79101234567", typed=typed[:60])
        )
    elif pbx := await acting.place(scene, "call", named, linked=True):
        await acting.answer(scene, words(await ring(scene, pbx, number), scene.say, pbx, number))


async def ring(scene: Scene, pbx: PhoneSystem, number: str, case_id: int | None = None) -> Asked:
    """Ring the phone of the sender, who is linked there, then the client."""
    login = scene.who.login_at(pbx.id)
    assert login is not None
    once = str(scene.update_id)
    return await calling.call(scene.desk, pbx.id, scene.who.user_id, login, number, once=once, case_id=case_id)


def words(asked: Asked, say: Texts, pbx: PhoneSystem, number: str) -> Html:
    """How it went, short enough for a toast."""
    since = say.clock(asked.since) if asked.since else ""
    told = {
        Result.RINGING: lambda: say(
            "📞 Your phone is ringing: pick it up and I connect {client}.", client=say.number(number)
        ),
        Result.ALREADY_YOURS: lambda: say("📞 I am ringing your phone for this client already: pick it up."),
        Result.SOMEBODY_ELSE: lambda: say(
            "📲 {name} has been calling this client since {time}. Ask again within a minute to call all the same.",
            name=asked.who,
            time=since,
        ),
        Result.UNKNOWN: lambda: say(
            "❓ PBX {pbx} did not answer: your phone may ring or not. Wait half a minute before you try again.",
            pbx=pbx.id,
        ),
        Result.UNAVAILABLE: lambda: say("PBX {pbx} can't start calls just now. Try again in a minute.", pbx=pbx.id),
        Result.REFUSED: lambda: trouble(Rejected("", reason=asked.reason), say, pbx),
        Result.KEY_REFUSED: lambda: trouble(AuthFailed("", missing_right=asked.reason or None), say, pbx),
        Result.UNSUPPORTED: lambda: trouble(Unsupported(" has no way to start a call"), say, pbx),
    }
    return told[asked.result]()
