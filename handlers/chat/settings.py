"""`/settings`: one message whose buttons change it in place, and the same choices typed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import InlineKeyboardMarkup, Message

from desk import binding, chat_settings
from desk.access import Rank
from desk.chat_settings import HIDE_AT_MOST
from desk.ledger import KINDS
from handlers.chat import settings_page
from handlers.chat.buttons import SettingsPress
from handlers.chat.scene import Scene
from handlers.chat.settings_page import Page
from handlers.chat.texts import LANGUAGES, Html, Texts, joined
from storage import chats, people

#: What turns the summary off, in the languages people type it in.
OFF = ("off", "выкл", "вимк", "no", "нет", "ні")


def router() -> Router:
    made = Router(name="settings")
    made.message.register(settings, Command("settings"))
    made.callback_query.register(pressed, SettingsPress.filter())
    return made


async def settings(message: Message, command: CommandObject, scene: Scene) -> None:
    """Alone: the message with the buttons. `/settings timezone Europe/Samara` and the like choose at once."""
    if not _may(scene):
        await scene.reply(_refusal(scene))
        return
    key, _, value = (command.args or "").strip().partition(" ")
    if not key:
        await scene.reply(*await _rendered(scene))
    elif key.casefold() not in _TYPED:
        await scene.reply(_usage(scene))
    else:
        wrong = await _TYPED[key.casefold()](scene, value.strip())
        if wrong:
            await scene.reply(wrong)
        else:
            scene = await _as_chosen(scene)
            await scene.reply(*await _rendered(scene))


async def pressed(_: object, callback_data: SettingsPress, scene: Scene) -> None:
    """A menu is opened, or a choice made."""
    if not _may(scene):
        await scene.toast(_refusal(scene), alert=True)
        return
    key, value = callback_data.key, callback_data.value
    if value and key in _PRESSED:
        wrong = await _PRESSED[key](scene, value)
        if wrong:
            await scene.toast(wrong, alert=True)
            return
        scene = await _as_chosen(scene)
        await scene.toast(scene.say("Saved."))
        await scene.change(*await _rendered(scene, key if key == "kinds" else ""))
        return
    await scene.toast()
    await scene.change(*await _rendered(scene, key))


def _may(scene: Scene) -> bool:
    return scene.is_private or scene.who.rank >= Rank.MANAGER


def _refusal(scene: Scene) -> Html:
    return scene.say(
        "Only managers change the settings of a group. Ask an administrator, or send /settings in private."
    )


def _usage(scene: Scene) -> Html:
    return joined(
        scene.say("Send /settings by itself for buttons, or one of these:"),
        "/settings language ru",
        "/settings timezone Europe/Samara",
        "/settings summary 18:30",
        "/settings short 5",
    )


async def _as_chosen(scene: Scene) -> Scene:
    """The scene in the language and zone it has now."""
    async with scene.desk.db.read() as tx:
        chosen = await chat_settings.of_chat(scene.desk, tx, scene.chat.id)
        person = await people.get(tx, scene.who.user_id) if scene.is_private else None
    own = person.language if person else chosen.language
    return replace(scene, say=Texts(own or scene.desk.office.language, chosen.zone))


async def _rendered(scene: Scene, key: str = "") -> tuple[Html, InlineKeyboardMarkup | None]:
    async with scene.desk.db.read() as tx:
        page = Page(
            say=scene.say,
            now=scene.desk.clock.now(),
            chosen=await chat_settings.of_chat(scene.desk, tx, scene.chat.id),
            bound=tuple(await chats.bindings_of_chat(tx, scene.chat.id)),
            is_private=scene.is_private,
            office_zone=scene.desk.office.timezone.key,
        )
    return settings_page.page(page, key)


# Each choice; what is wrong with it, if anything is


async def _language(scene: Scene, value: str) -> Html | None:
    code = value.casefold()
    if code not in LANGUAGES:
        allowed = ", ".join(f"{one} ({name})" for one, name in LANGUAGES.items())
        return scene.say("I speak: {languages}. Send, for example, /settings language ru", languages=allowed)
    async with scene.desk.db.write() as tx:
        if scene.is_private:
            await people.change(tx, scene.who.user_id, language=code)
        else:
            await chat_settings.choose(tx, scene.chat.id, language=code)
        await binding.speaks_otherwise(scene.desk, tx, scene.chat.id)
    return None


async def _zone(scene: Scene, value: str) -> Html | None:
    zone = chat_settings.zone_named(value)
    if zone is None:
        near = chat_settings.zones_like(value)
        if near:
            return scene.say(
                "There is no time zone “{name}”. Did you mean {zones}?", name=value, zones=", ".join(near)
            )
        return scene.say(
            "There is no time zone “{name}”. Send, for example, /settings timezone Europe/Samara", name=value
        )
    async with scene.desk.db.write() as tx:
        await chat_settings.choose(tx, scene.chat.id, timezone=zone)
        await binding.speaks_otherwise(scene.desk, tx, scene.chat.id)
    return None


async def _summary(scene: Scene, value: str) -> Html | None:
    off = value.casefold() in OFF
    at = None if off else chat_settings.time_of_day(value)
    if at is None and not off:
        return scene.say(
            "“{value}” is no time of day. Send, for example, /settings summary 18:30, or /settings summary off",
            value=value,
        )
    async with scene.desk.db.write() as tx:
        await chat_settings.choose(tx, scene.chat.id, summary_at=at)
    return None


async def _short(scene: Scene, value: str) -> Html | None:
    seconds = chat_settings.hidden_length(value)
    if seconds is None:
        return scene.say(
            "Send a number of seconds from 0 to {most}, for example /settings short 5. 0 shows every missed call.",
            most=HIDE_AT_MOST,
        )
    async with scene.desk.db.write() as tx:
        await chat_settings.choose(tx, scene.chat.id, hide_shorter_than=seconds)
    return None


async def _kinds(scene: Scene, value: str) -> Html | None:
    binding_id, _, kind = value.partition(".")
    async with scene.desk.db.write() as tx:
        bound = await chats.bindings_of_chat(tx, scene.chat.id)
        mine = next((one for one in bound if str(one.id) == binding_id), None)
        if mine is None or kind not in KINDS:
            return scene.say("That is not connected here any more. Send /settings again.")
        await binding.switch(tx, mine, kind)
    return None


async def _pressed_summary(scene: Scene, value: str) -> Html | None:
    """A button holds ``1830``: a colon would part its data."""
    return await _summary(scene, value if value == "off" else f"{value[:2]}:{value[2:]}")


_Choice = Callable[[Scene, str], Awaitable[Html | None]]
_TYPED: dict[str, _Choice] = {
    "language": _language,
    "timezone": _zone,
    "summary": _summary,
    "short": _short,
}
_PRESSED: dict[str, _Choice] = {
    "language": _language,
    "timezone": _zone,
    "summary": _pressed_summary,
    "short": _short,
    "kinds": _kinds,
}
