"""Somebody else's do-not-disturb, for managers: `/dnd LOGIN 45m`, the switch under `/who`. Who is meant is told."""

from datetime import datetime

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk import access, directory, presence
from desk.access import Rank
from desk.directory import Unread
from desk.office import pbx_name
from desk.presence import Asker, Presence
from desk.until import TooLong, Unclear
from handlers.chat import acting
from handlers.chat.buttons import WhoPress, button, mark, rows
from handlers.chat.dnd_wish import LENGTHS, Wish, chosen, until_known, until_words, wish_of
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Employee

#: What the buttons of somebody's switch may wish for.
WISHES = frozenset({"on", "off", *LENGTHS})


async def typed(scene: Scene, named: str, text: str, sent_at: datetime) -> bool:
    """`/dnd LOGIN …`. False if the words name nobody: then they were meant otherwise."""
    word, _, rest = text.partition(" ")
    try:
        wish = wish_of(rest.strip(), sent_at, scene)
    except (Unclear, TooLong):
        return False
    found = await _named(scene, named, word)
    if not found:
        return False
    if len(found) > 1:
        example = f"{found[0][0].id}:{word}"
        words = scene.say(
            "Several PBXs know “{login}”. Say which one, like /dnd {example}", login=word, example=example
        )
        await scene.reply(words)
    elif wish.until and wish.until <= scene.desk.clock.now():
        await scene.reply(
            scene.say("That time had passed before I read your message. Nothing is changed. Send /dnd again.")
        )
    else:
        await switch(scene, *found[0], wish)
    return True


async def _named(scene: Scene, named: str, word: str) -> list[tuple[PhoneSystem, Employee]]:
    """Whom the word names where the sender has any business. Only a manager's question is worth asking a PBX."""
    desk = scene.desk
    meant = [named] if named else [pbx.id for pbx in await scene.pbxes()]
    ids = [pbx_id for pbx_id in meant if desk.pbxes[pbx_id].capabilities.employees]
    ids = [pbx_id for pbx_id in ids if await acting.concerns(scene, pbx_id)]
    if scene.who.rank >= Rank.MANAGER:
        try:
            found = await directory.find(desk, ids, word)
        except Unread:
            found = []
    else:
        async with desk.db.read() as tx:
            known = [(pbx_id, await access.employee_at(tx, pbx_id, word)) for pbx_id in ids]
        found = [(pbx_id, employee) for pbx_id, employee in known if employee]
    return [(desk.pbxes[pbx_id], employee) for pbx_id, employee in found]


async def switch(scene: Scene, pbx: PhoneSystem, employee: Employee, wish: Wish, page: int = 0) -> None:
    """Do what is wished, and show how it stands now. One's own is anybody's to switch."""
    say, own = scene.say, scene.who.login_at(pbx.id)
    if scene.who.rank < Rank.MANAGER and own != employee.login:
        await acting.refuse(scene, acting.only_managers(say))
    elif not pbx.capabilities.do_not_disturb:
        await acting.refuse(scene, lacks("do-not-disturb", say, pbx))
    else:
        try:
            now_is = await _do(scene, pbx, employee, wish)
        except PbxError as error:
            await acting.answer(scene, _failed(scene, pbx, employee, wish, error))
            return
        told = wish.act != "look" and own != employee.login and await _tell(scene, pbx, employee, now_is)
        note = say("{name} hears of it from me in private.", name=employee.name) if told else None
        words = joined(_state(now_is, scene, employee), note, _at_pbx(scene, pbx))
        await acting.answer(scene, words, _buttons(now_is, scene, pbx, employee, page))


async def pressed(scene: Scene, pbx: PhoneSystem, employee: Employee, act: str, page: int) -> None:
    """A button of somebody's switch, or the one under `/who` that opens it."""
    wish = chosen(act, scene) if act in WISHES else Wish("look")
    await switch(scene, pbx, employee, wish, page)


async def _do(scene: Scene, pbx: PhoneSystem, employee: Employee, wish: Wish) -> Presence:
    desk, by = scene.desk, scene.who.user_id
    match wish.act:
        case "off_calls":
            return await presence.calls_off(desk, pbx.id, employee.login, wish.until, Asker(by, *scene.place))
        case "on_calls":
            return await presence.calls_on(desk, pbx.id, employee.login, by)
        case _:
            return await presence.presence(desk, pbx.id, employee.login)


async def _tell(scene: Scene, pbx: PhoneSystem, employee: Employee, now_is: Presence) -> bool:
    desk, who = scene.desk, scene.who
    return await presence.tell_of_switch(desk, pbx.id, employee.login, now_is, who.name, f"{scene.update_id}")


def _state(now_is: Presence, scene: Scene, employee: Employee) -> Html:
    say, name = scene.say, employee.name
    if now_is.receives:
        return say("🔔 Calls reach {name}.", name=name)
    if now_is.until:
        return say("🔕 Calls to {name} are off {until}.", name=name, until=until_words(now_is.until, scene))
    return say("🔕 Calls to {name} are off, until somebody lets them through.", name=name)


def _failed(scene: Scene, pbx: PhoneSystem, employee: Employee, wish: Wish, error: PbxError) -> Html:
    comes_back = until_known(wish, error)
    return joined(
        trouble(error, scene.say, pbx),
        scene.say(
            "Should the calls of {name} be off all the same, I let them through again {until}.",
            name=employee.name,
            until=until_words(comes_back, scene),
        )
        if comes_back
        else None,
    )


def _at_pbx(scene: Scene, pbx: PhoneSystem) -> Html | None:
    name = pbx_name(scene.desk, pbx.id)
    return scene.say("PBX {pbx}", pbx=name) if name else None


def _buttons(
    now_is: Presence, scene: Scene, pbx: PhoneSystem, employee: Employee, page: int
) -> InlineKeyboardMarkup | None:
    say = scene.say

    def key(label: Html, act: str) -> list[InlineKeyboardButton]:
        return [button(label, WhoPress(act=act, pbx=pbx.id, who=mark(employee.login), n=page))]

    spans = [*key(say("30 min"), "30m"), *key(say("1 h"), "1h"), *key(say("Until midnight"), "day")]
    on = key(say("🔕 Off, no end"), "on") if now_is.receives or now_is.until else []
    off = [] if now_is.receives else key(say("🔔 Let calls through"), "off")
    return rows(off, spans, on, key(say("« Who is where"), "page"))
