"""The pages of `/settings` about what a chat takes of a PBX: kinds of notices, departments, our numbers."""

from aiogram.types import InlineKeyboardButton

from desk import binding, chat_settings
from desk.ledger import KINDS, NOTICES
from desk.office import Desk
from handlers.chat.buttons import SettingsPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.settings_choices import Wrong
from handlers.chat.settings_page import Page, Rendered, back, binding_line, kind_name
from handlers.chat.texts import Html, Texts, joined
from storage import chats
from storage.chats import Binding
from storage.database import Tx

#: What a button may switch a binding to at once.
PRESETS = {"team": NOTICES, "bosses": binding.FOR_MANAGERS}


def opens(key: str) -> bool:
    """Whether that page is one of these."""
    return key.partition(".")[0] in ("kinds",)


async def page(desk: Desk, tx: Tx, page: Page, key: str) -> Rendered:
    """``kinds``: the bindings, or the only one; ``kinds.5``: the binding 5."""
    _, _, binding_id = key.partition(".")
    one = next((one for one in page.bound if str(one.id) == binding_id), None)
    if one is None and len(page.bound) == 1:
        one = page.bound[0]
    if one is None:
        return _bindings(page)
    return _kinds(page, one)


def _bindings(page: Page) -> Rendered:
    say = page.say
    keys = [
        [button(say("🔔 {pbx}{topic}", pbx=one.pbx_id, topic=_topic(one, page, say)), _press("kinds", one))]
        for one in page.bound
    ]
    text = joined(say("🔔 What should come here, from which PBX?"), *[binding_line(page, one) for one in page.bound])
    return text, rows(*keys, back(say))


def _topic(one: Binding, page: Page, say: Texts) -> Html:
    topics = {other.thread_id for other in page.bound}
    return say(" · topic {n}", n=one.thread_id) if one.thread_id and len(topics) > 1 else Html("")


def _kinds(page: Page, one: Binding) -> Rendered:
    say = page.say
    keys = [[_switch(one, kind, say)] for kind in KINDS]
    presets = [
        _preset(say("👥 The team's chat"), one, "team"),
        _preset(say("👔 A managers' chat"), one, "bosses"),
    ]
    several = len(page.bound) > 1
    text = joined(
        say("🔔 What should come here from PBX {pbx}?", pbx=one.pbx_id)
        if several
        else say("🔔 What should come here?"),
        say("A managers' chat gets low ratings, escalations, summaries and lines that are down."),
    )
    return text, rows(*keys, presets, back(say, "kinds" if several else "main"))


def _preset(text: Html, one: Binding, preset: str) -> InlineKeyboardButton:
    is_so = set(one.notices) == set(PRESETS[preset])
    return button(f"✓ {text.unescape()}" if is_so else text, _press("kinds", one, preset))


def _press(key: str, one: Binding, value: str = "") -> SettingsPress:
    return SettingsPress(key=f"{key}.{one.id}", value=value)


def _switch(one: Binding, kind: str, say: Texts) -> InlineKeyboardButton:
    """It says what the press makes of it: pressed twice by two people, it is switched once."""
    mark, value = ("✅", f"{kind}.off") if kind in one.notices else ("▫️", f"{kind}.on")
    return button(f"{mark} {kind_name(kind, say).unescape()}", _press("kinds", one, value))


async def choose(scene: Scene, key: str, value: str) -> None:
    """A press on one of these pages. Raises `Wrong`; the binding must be one of this very chat."""
    name, _, binding_id = key.partition(".")
    async with scene.desk.db.write() as tx:
        bound = await chats.bindings_of_chat(tx, scene.chat.id)
        one = next((one for one in bound if str(one.id) == binding_id), None)
        if one is None or not opens(name) or not await _chosen(scene, tx, one, name, value):
            raise Wrong(scene.say("That is not connected here any more. Send /settings again."))


async def _chosen(scene: Scene, tx: Tx, one: Binding, name: str, value: str) -> bool:
    """False if there is no such choice."""
    kind, _, switched = value.partition(".")
    if value in PRESETS:
        wanted = set(PRESETS[value])
    elif kind in KINDS and switched in ("on", "off"):
        wanted = {*one.notices, kind} if switched == "on" else {*one.notices} - {kind}
    else:
        return False
    await binding.take(tx, one, wanted)
    told = ", ".join(kind for kind in KINDS if kind in wanted) or "off"
    await chat_settings.write_act(scene.desk, tx, scene.chat.id, scene.who.user_id, f"notices {one.pbx_id}", told)
    return True
