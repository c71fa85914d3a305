"""`/start` and `/help`: where somebody stands, the next step, and what they can do."""

from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.types import KeyboardButton, Message, ReplyKeyboardMarkup

from desk import access, walkthrough
from desk.access import Rank
from handlers.chat import acting, board_key, menu
from handlers.chat import walkthrough as walkthrough_page
from handlers.chat.roles import rank_name
from handlers.chat.scene import Markup, Scene
from handlers.chat.texts import Html, joined
from storage import chats


def router() -> Router:
    made = Router(name="start")
    made.message.register(start, CommandStart())
    made.message.register(show_help, Command("help"))
    return made


async def start(_: Message, scene: Scene) -> None:
    """A greeting by state: every answer names the next step."""
    if not scene.is_private:
        await scene.reply(await _in_group(scene))
        return
    scene.desk.menus.ring()  # only now can their chat have a menu of its own
    if scene.who.rank is Rank.ADMIN and not (await walkthrough.look(scene.desk, ask=False)).is_done:
        await scene.reply(*await _first_steps(scene))
    elif scene.who.is_shut_out:
        await scene.reply(acting.shut_out(scene.say))
    elif scene.who.links:
        await scene.reply(await _linked(scene), await board_key.here(None, scene))
    else:
        await scene.reply(*_unlinked(scene))


async def _first_steps(scene: Scene) -> tuple[Html, Markup]:
    """The PBXs are asked while no chat is connected: then their answer is the first thing to know."""
    async with scene.desk.db.read() as tx:
        anything_connected = bool(await chats.with_bindings(tx))
    text, keys = await walkthrough_page.page(scene, ask=not anything_connected)
    return joined(scene.say("👋 {name}, you are my administrator.", name=scene.who.name), text), keys


async def _in_group(scene: Scene) -> Html:
    async with scene.desk.db.read() as tx:
        bound = await chats.bindings_of_chat(tx, scene.chat.id)
    if not bound:
        return scene.say("👋 I show missed calls. Next step: an administrator sends /connect here.")
    pbxes = ", ".join(dict.fromkeys(one.pbx_id for one in bound))
    return scene.say(
        "👋 I show missed calls from PBX {pbxes} here. /missed shows who waits, /help the rest.", pbxes=pbxes
    )


async def _linked(scene: Scene) -> Html:
    names = []
    async with scene.desk.db.read() as tx:
        for link in scene.who.links:
            employee = await access.employee_at(tx, link.pbx_id, link.login)
            names.append(f"{employee.name} ({link.login})" if employee else link.login)
    return joined(
        scene.say("👋 {name}, at the PBX you are {employees}.", name=scene.who.name, employees=", ".join(names)),
        scene.say("Send me a phone number, and I call it. /missed shows who waits for a call, /help all I can do."),
    )


def _unlinked(scene: Scene) -> tuple[Html, Markup | None]:
    say = scene.say
    greeting = say("👋 {name}, I don't know yet who you are at the PBX.", name=scene.who.name)
    if not scene.desk.office.admins:
        nobody = say(
            "I have no administrator yet. If that is you, write your Telegram id {id} into telegram.admins of my "
            "configuration and start me again.",
            id=scene.who.user_id,
        )
        return joined(greeting, nobody), None
    if not any(pbx.capabilities.employee_numbers for pbx in scene.desk.pbxes.values()):
        return joined(greeting, say("Send /link to choose; an administrator confirms it.")), None
    text = joined(
        greeting,
        say("Press the button below to share your phone number: if it is in the PBX, you are linked at once."),
        say("Or send /link to choose; an administrator confirms it."),
    )
    key = KeyboardButton(text=str(say("📱 Share my phone number").unescape()), request_contact=True)
    return text, ReplyKeyboardMarkup(keyboard=[[key]], resize_keyboard=True, one_time_keyboard=True)


async def show_help(_: Message, scene: Scene) -> None:
    """The commands that this person may use here, a line each."""
    async with scene.desk.db.read() as tx:
        bound = await chats.bindings_of_chat(tx, scene.chat.id)
    words = menu.described(scene.say)
    lines = [
        scene.say("/{command} — {what}", command=one.name, what=words[one.name])
        for one in menu.offered(scene.desk)
        if one.needs(in_group=not scene.is_private) <= scene.who.rank or (one.reads and bound)
    ]
    hint = scene.say("A phone number sent here in private gets buttons: call, history, block.")
    join = scene.say("More opens once you are linked: /link.")
    await scene.reply(
        joined(
            scene.say("<b>What you can do here</b>"),
            *lines,
            _in_addition(scene),
            scene.say("You are here as: {role}", role=rank_name(scene.who.rank, scene.say)),
            hint if scene.is_private and scene.who.links else None,
            join if scene.who.rank is Rank.GUEST else None,
        )
    )


def _in_addition(scene: Scene) -> Html | None:
    """What those above them may use here beside, in a line."""
    say = scene.say
    above: dict[Rank, list[str]] = {}
    for one in menu.offered(scene.desk):
        above.setdefault(one.needs(in_group=not scene.is_private), []).append(f"/{one.name}")
    told = [
        words
        for rank, words in (
            (Rank.MANAGER, say("Managers also: {commands}", commands=", ".join(above.get(Rank.MANAGER, [])))),
            (Rank.ADMIN, say("Administrators also: {commands}", commands=", ".join(above.get(Rank.ADMIN, [])))),
        )
        if rank > scene.who.rank and rank in above
    ]
    return Html(" · ").join(told) or None
