"""`/settings`: one message whose buttons change it in place, and the same choices typed."""

from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import InlineKeyboardMarkup, Message

from desk import binding, chat_settings
from desk.access import Rank
from handlers.chat import acting, settings_bindings, settings_page
from handlers.chat.buttons import SettingsPress
from handlers.chat.scene import Scene
from handlers.chat.settings_choices import CHOICES, OWN_CARDS, PERSONAL, Wrong, own_cards, told
from handlers.chat.settings_page import Page
from handlers.chat.texts import Html, Texts, joined
from storage import chats, people
from storage.database import Tx


def router() -> Router:
    made = Router(name="settings")
    made.message.register(settings, Command("settings"))
    made.callback_query.register(pressed, SettingsPress.filter())
    return made


async def settings(message: Message, command: CommandObject, scene: Scene) -> None:
    """Alone: the message with the buttons. `/settings timezone Europe/Samara` and the like choose at once."""
    key, _, value = (command.args or "").strip().partition(" ")
    key = key.casefold()
    if refusal := _refusal(scene, key):
        await scene.reply(refusal)
    elif not key:
        await scene.reply(*await _rendered(scene))
    elif key not in CHOICES and key != OWN_CARDS:
        await scene.reply(_usage(scene))
    else:
        try:
            await _choose(scene, key, value.strip())
        except Wrong as wrong:
            await scene.reply(wrong.words)
        else:
            await scene.reply(*await _rendered(await _as_chosen(scene)))


async def pressed(_: object, callback_data: SettingsPress, scene: Scene) -> None:
    """A menu is opened, or a choice made. Both come from the presser's own program."""
    key, value = callback_data.key, callback_data.value
    if refusal := _refusal(scene, key):
        await acting.refuse(scene, refusal)
        return
    try:
        if not value:
            await scene.toast()
            await scene.change(*await _rendered(scene, key))
            return
        if key in CHOICES or key == OWN_CARDS:
            await _choose(scene, key, value)
        else:
            await settings_bindings.choose(scene, key, value)
    except Wrong as wrong:
        await acting.refuse(scene, wrong.words)
        return
    scene = await _as_chosen(scene)
    await scene.toast(scene.say("Saved."))
    await scene.change(*await _rendered(scene, settings_page.menu_of(key) or (key if "." in key else "")))


def _refusal(scene: Scene, key: str) -> Html | None:
    """Why this person may not choose `key` here; in private everybody chooses for themselves."""
    say, rank = scene.say, scene.who.rank
    if not scene.is_private and rank < Rank.MANAGER:
        return say(
            "Only managers change the settings of a group. Ask an administrator, or send /settings in private."
        )
    if scene.is_private and key == OWN_CARDS and rank < Rank.EMPLOYEE:
        return acting.not_employee(say)
    is_own = not key or key in PERSONAL or key in (OWN_CARDS, "main")
    if scene.is_private and not is_own and rank < Rank.MANAGER:
        return acting.only_managers(say)
    return None


def _usage(scene: Scene) -> Html:
    return joined(
        scene.say("Send /settings by itself for buttons, or one of these:"),
        *[f"/settings {key} {one.example}" for key, one in CHOICES.items()],
    )


async def _as_chosen(scene: Scene) -> Scene:
    """The scene in the language and zone it has now."""
    async with scene.desk.db.read() as tx:
        chosen = await chat_settings.of_chat(scene.desk, tx, scene.chat.id)
        person = await people.get(tx, scene.who.user_id) if scene.is_private else None
    own = person.language if person else chosen.language
    return replace(scene, say=Texts(own or scene.desk.office.language, chosen.zone))


async def _rendered(scene: Scene, key: str = "") -> tuple[Html, InlineKeyboardMarkup | None]:
    desk = scene.desk
    async with desk.db.read() as tx:
        person = await people.get(tx, scene.who.user_id)
        is_own = scene.is_private and scene.who.rank >= Rank.EMPLOYEE and bool(scene.who.links)
        page = Page(
            say=scene.say,
            now=desk.clock.now(),
            chosen=await chat_settings.of_chat(desk, tx, scene.chat.id),
            bound=tuple(await chats.bindings_of_chat(tx, scene.chat.id)),
            is_private=scene.is_private,
            office_zone=desk.office.timezone.key,
            office_hours=desk.office.working_hours,
            own_cards=bool(person and person.settings.get("private_cards")) if is_own else None,
        )
    return (
        await settings_bindings.page(desk, page, key)
        if settings_bindings.opens(key)
        else settings_page.page(page, key)
    )


async def _choose(scene: Scene, key: str, value: str) -> None:
    """Write a choice down. Raises `Wrong`."""
    desk, user_id = scene.desk, scene.who.user_id
    if key == OWN_CARDS:
        is_on = own_cards(value, scene.say)
        if not scene.is_private:
            raise Wrong(scene.say("That is your own choice: send it to me in private."))
        async with desk.db.write() as tx:
            await _keep_own_cards(scene, tx, is_on)
        return
    choice = CHOICES[key]
    chosen = choice.read(value, scene.say)
    async with desk.db.write() as tx:
        if key == "language" and scene.is_private:
            await people.change(tx, user_id, language=chosen)
            await chat_settings.write_act(desk, tx, scene.chat.id, user_id, key, chosen)
        else:
            words = told(key, chosen)
            await chat_settings.change(desk, tx, scene.chat.id, user_id, key, words, **{choice.field: chosen})
        if key in PERSONAL:
            await binding.speaks_otherwise(desk, tx, scene.chat.id)
    desk.deliveries.ring()
    desk.menus.ring()


async def _keep_own_cards(scene: Scene, tx: Tx, is_on: bool) -> None:
    user_id = scene.who.user_id
    person = await people.get(tx, user_id)
    kept = {**(person.settings if person else {}), "private_cards": is_on}
    await people.change(tx, user_id, settings=kept)
    await chat_settings.write_act(scene.desk, tx, scene.chat.id, user_id, OWN_CARDS, told(OWN_CARDS, is_on))
