"""`/connect`: tie a chat, or a topic of it, to a PBX, and untie it again."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import InlineKeyboardMarkup, Message

from desk import binding
from desk.access import Rank
from handlers.chat.buttons import ConnectAgainPress, ConnectPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined

#: What unties, in the languages people type it in.
OFF = ("off", "выкл", "вимк")


def router() -> Router:
    made = Router(name="connect")
    made.message.register(connect, Command("connect"))
    made.callback_query.register(pressed, ConnectPress.filter())
    made.callback_query.register(taken_back, ConnectAgainPress.filter())
    return made


async def connect(message: Message, command: CommandObject, scene: Scene) -> None:
    """`/connect main` binds, `/connect off` unbinds; alone, the only PBX is meant, or it asks which."""
    first, _, second = (command.args or "").strip().partition(" ")
    pbx_id = second.strip() if first.casefold() in OFF else first
    if scene.who.rank < Rank.ADMIN:
        await scene.reply(_refusal(scene))
    elif pbx_id and pbx_id not in scene.desk.pbxes:
        known = ", ".join(sorted(scene.desk.pbxes))
        await scene.reply(
            scene.say("There is no PBX “{pbx}” in the configuration. Known: {known}", pbx=pbx_id, known=known)
        )
    elif first.casefold() in OFF:
        await scene.reply(*await _unbound(scene, pbx_id or None))
    elif pbx_id or len(scene.desk.pbxes) == 1:
        await scene.reply(await _bound(scene, pbx_id or next(iter(scene.desk.pbxes))))
    else:
        keys = [[button(one, ConnectPress(pbx=one))] for one in sorted(scene.desk.pbxes)]
        await scene.reply(scene.say("Which PBX should tell its news here?"), rows(*keys))


async def pressed(_: object, callback_data: ConnectPress, scene: Scene) -> None:
    """The PBX was chosen by a button."""
    if await _may_connect(scene, callback_data.pbx):
        await scene.toast()
        await scene.change(await _bound(scene, callback_data.pbx))


async def taken_back(_: object, callback_data: ConnectAgainPress, scene: Scene) -> None:
    """The chat was disconnected by mistake: what it took before comes again. If nobody remembers, it is connected."""
    desk, pbx_id = scene.desk, callback_data.pbx
    if not await _may_connect(scene, pbx_id):
        return
    await scene.toast()
    async with desk.db.write() as tx:
        done = await binding.take_back(desk, tx, *scene.place, pbx_id, scene.who.user_id)
    desk.deliveries.ring()
    again = scene.say("✅ PBX <b>{pbx}</b> is connected here again, as it was.", pbx=pbx_id)
    await scene.change(again if done else await _bound(scene, pbx_id))


async def _may_connect(scene: Scene, pbx_id: str) -> bool:
    """False if that was answered already."""
    if scene.who.rank < Rank.ADMIN:
        await scene.toast(_refusal(scene), alert=True)
    elif pbx_id not in scene.desk.pbxes:
        await scene.toast(scene.say("That PBX is no longer in the configuration. Send /connect again."), alert=True)
    return scene.who.rank is Rank.ADMIN and pbx_id in scene.desk.pbxes


def _refusal(scene: Scene) -> Html:
    return scene.say("Only an administrator of Ringdesk connects chats. They are named in its configuration.")


async def _bound(scene: Scene, pbx_id: str) -> Html:
    async with scene.desk.db.write() as tx:
        fresh = await binding.connect(scene.desk, tx, *scene.place, pbx_id, scene.who.user_id)
    if not fresh:
        return scene.say(
            "PBX {pbx} is connected here already. /settings changes what comes, /connect off ends it.", pbx=pbx_id
        )
    return joined(
        scene.say("✅ PBX <b>{pbx}</b> is connected here.", pbx=pbx_id),
        scene.say("Here will come: missed calls, ratings, lines that are down, and a summary each day."),
        scene.say("/settings changes what comes and when, /team shows who is linked."),
    )


async def _unbound(scene: Scene, pbx_id: str | None) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = scene.say
    async with scene.desk.db.write() as tx:
        ended = await binding.disconnect(scene.desk, tx, *scene.place, scene.who.user_id, pbx_id)
        elsewhere = await binding.elsewhere(tx, *scene.place)
    if ended:
        undo = [[button(say("↩️ Connect {pbx} again", pbx=one), ConnectAgainPress(pbx=one))] for one in ended]
        pbxes = ", ".join(ended)
        said = say(
            "Disconnected from PBX {pbxes}: no new notices come here. /connect turns them on again.", pbxes=pbxes
        )
        return said, rows(*undo)
    if elsewhere:
        return say("Nothing is connected in this topic. Send /connect off in the topic where the cards come."), None
    return say("Nothing is connected here. /connect connects this chat."), None
