"""The pages of `/settings` about what a chat takes of a PBX: kinds of notices, departments, our numbers."""

from aiogram.types import InlineKeyboardButton

from desk import binding, chat_settings, routing
from desk.ledger import KINDS, NOTICES
from desk.office import Desk
from handlers.chat import reading
from handlers.chat.buttons import SettingsPress, button, mark, rows
from handlers.chat.scene import Scene
from handlers.chat.settings_choices import Wrong
from handlers.chat.settings_page import Page, Rendered, back, binding_line, kind_name
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from storage import chats
from storage.chats import Binding
from storage.database import Tx

#: A page's filter, by its first letters in buttons.
FILTERS = {"dep": "departments", "num": "numbers"}
#: In a button: no filter.
ALL = "all"
#: Departments or numbers on a page.
PAGE = 12
#: What a button may switch a binding to at once.
PRESETS = {"team": NOTICES, "bosses": binding.FOR_MANAGERS}


def opens(key: str) -> bool:
    """Whether that page is one of these."""
    return key.partition(".")[0] in ("kinds", *FILTERS)


async def page(desk: Desk, page: Page, key: str) -> Rendered:
    """``kinds``: the bindings, or the only one; ``kinds.5``: that one; ``dep.5.1``: page 1 of its departments."""
    name, _, rest = key.partition(".")
    binding_id, _, number = rest.partition(".")
    one = next((one for one in page.bound if str(one.id) == binding_id), None)
    if one is None and len(page.bound) == 1:
        one = page.bound[0]
    if one is None:
        return _bindings(page)
    if name in FILTERS:
        return _filter(page, one, name, await _offered(desk, one, name), int(number) if number.isdecimal() else 0)
    return _kinds(page, one)


async def _offered(desk: Desk, one: Binding, name: str) -> list[str]:
    """What can be chosen, and what was chosen though nothing tells of it any more."""
    if one.pbx_id not in desk.pbxes:
        return []
    choices = await routing.choices(desk, one.pbx_id)
    known = choices.departments if name == "dep" else choices.numbers
    return list(dict.fromkeys([*known, *one.filters.get(FILTERS[name], [])]))


def _filter(page: Page, one: Binding, name: str, offered: list[str], number: int) -> Rendered:
    say, chosen = page.say, one.filters.get(FILTERS[name], [])
    number, count = reading.page_of(number, PAGE, len(offered))
    keys = [
        [_tick(f"{name}.{one.id}.{number}", value, is_on=value in chosen)]
        for value in offered[number * PAGE : (number + 1) * PAGE]
    ]
    every = say("✓ All of them") if not chosen else say("All of them")
    turning = reading.turning(number, count, lambda to: SettingsPress(key=f"{name}.{one.id}.{to}"))
    text = joined(
        say("🏢 Missed calls and ratings of which departments should come here?")
        if name == "dep"
        else say("☎️ Missed calls and ratings of which of our numbers should come here?"),
        say("What no chat takes goes to those without a choice, so that no client is lost."),
        None if offered else say("No call has named any yet."),
    )
    keys.append([button(every, _press(name, one, ALL))])
    return text, rows(*keys, turning, back(say, f"kinds.{one.id}"))


def _tick(key: str, value: str, *, is_on: bool) -> InlineKeyboardButton:
    sign, becomes = ("✅", "off") if is_on else ("▫️", "on")
    return button(f"{sign} {numbers.display(value)}", SettingsPress(key=key, value=f"{mark(value)}.{becomes}"))


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
    filters = [
        button(say("🏢 Departments: {n}", n=_chosen_count(one, "departments", say)), _press("dep", one)),
        button(say("☎️ Our numbers: {n}", n=_chosen_count(one, "numbers", say)), _press("num", one)),
    ]
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
    return text, rows(*keys, filters, presets, back(say, "kinds" if several else "main"))


def _chosen_count(one: Binding, key: str, say: Texts) -> Html | int:
    return len(one.filters.get(key, [])) or say("all")


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
    name, _, rest = key.partition(".")
    one = await _binding(scene, rest.partition(".")[0])
    done = False
    if one and name == "kinds":
        done = await _choose_kinds(scene, one, value)
    elif one and name in FILTERS:
        done = await _choose_filter(scene, one, name, value)
    if not done:
        raise Wrong(scene.say("That is not connected here any more. Send /settings again."))


async def _binding(scene: Scene, binding_id: str) -> Binding | None:
    async with scene.desk.db.read() as tx:
        bound = await chats.bindings_of_chat(tx, scene.chat.id)
    return next((one for one in bound if str(one.id) == binding_id), None)


async def _choose_kinds(scene: Scene, one: Binding, value: str) -> bool:
    """False if there is no such choice."""
    kind, _, switched = value.partition(".")
    if value not in PRESETS and (kind not in KINDS or switched not in ("on", "off")):
        return False
    async with scene.desk.db.write() as tx:
        now_is = await _kept(scene, tx, one)
        if value in PRESETS:
            wanted = set(PRESETS[value])
        else:
            wanted = {*now_is.notices, kind} if switched == "on" else {*now_is.notices} - {kind}
        await binding.take(tx, now_is, wanted)
        told = ", ".join(kind for kind in KINDS if kind in wanted) or "off"
        await _act(scene, tx, one, "notices", told)
    return True


async def _choose_filter(scene: Scene, one: Binding, name: str, value: str) -> bool:
    """False if nothing that can be chosen is meant."""
    wanted, _, switched = value.partition(".")
    offered = await _offered(scene.desk, one, name)
    meant = next((each for each in offered if mark(each) == wanted), None)
    if value != ALL and (meant is None or switched not in ("on", "off")):
        return False
    async with scene.desk.db.write() as tx:
        now_is = await _kept(scene, tx, one)
        chosen = set(now_is.filters.get(FILTERS[name], [])) if meant else set()
        chosen = chosen | {meant} if meant and switched == "on" else chosen - {meant}
        await binding.choose_filter(tx, now_is, FILTERS[name], chosen)
        await _act(scene, tx, one, FILTERS[name], ", ".join(sorted(chosen)) or ALL)
    return True


async def _kept(scene: Scene, tx: Tx, one: Binding) -> Binding:
    """As it is now, kept from whoever presses at the same moment."""
    await scene.desk.db.one_at_a_time(tx, f"binding {one.id}")
    bound = await chats.bindings_of_chat(tx, scene.chat.id)
    return next((now_is for now_is in bound if now_is.id == one.id), one)


async def _act(scene: Scene, tx: Tx, one: Binding, key: str, told: str) -> None:
    await chat_settings.write_act(scene.desk, tx, scene.chat.id, scene.who.user_id, f"{key} {one.pbx_id}", told)
