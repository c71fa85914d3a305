"""A phone number or a contact card sent in private: who it is, and the same buttons as on a card."""

import re
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from desk import vcards
from desk.access import Rank
from desk.case_view import case_view
from desk.client_names import known_as
from handlers.chat import acting, blacklist, calling, cards, history
from handlers.chat.buttons import NumberPress, button, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx import numbers
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from storage import cases

#: Numbers of one message that are answered.
MOST = 5


def router() -> Router:
    made = Router(name="number actions")
    made.callback_query.register(press, NumberPress.filter())
    made.message.register(offer, F.chat.type == "private", holds_numbers)
    return made


async def holds_numbers(message: Message, scene: Scene) -> bool | dict[str, Any]:
    """Whether there is any phone number in it; hands them on as `found`. Commands are none of it."""
    text = message.text or message.caption or ""
    found = [] if text.startswith("/") else numbers.find(text, scene.country)
    if message.contact and message.contact.user_id != scene.who.user_id:
        written = [message.contact.phone_number, *vcards.phones(message.contact.vcard or "")]
        found += [number for one in written if (number := numbers.parse(one, scene.country))]
    return {"found": list(dict.fromkeys(found))} if found else False


async def offer(message: Message, scene: Scene, found: list[str]) -> None:
    """One answer for each number."""
    say = scene.say
    if scene.who.rank < Rank.EMPLOYEE:
        await scene.reply(acting.not_employee(say))
        return
    pbxes = await scene.pbxes()
    for number in found[:MOST]:
        await scene.reply(await about(scene, number), keys(scene, number, pbxes))
    if len(found) > MOST:
        await scene.reply(
            say.count(
                "{n} more number is in your message. Send it by itself.",
                "{n} more numbers are in your message. Send them by themselves.",
                len(found) - MOST,
            )
        )


async def about(scene: Scene, number: str) -> Html:
    """What we know of a number: the name, the responsible employee, whether a call back is owed."""
    say, desk, now = scene.say, scene.desk, scene.desk.clock.now()
    pbxes = await scene.pbxes()
    async with desk.db.read() as tx:
        name, responsible = await known_as(desk, tx, number, [pbx.id for pbx in pbxes])
        owed = [await case_view(desk, tx, case.id) for case in await cases.open_for(tx, number)]
    shown = numbers.display(number)
    return joined(
        say("☎️ <b>{name}</b> · {number}", name=name, number=shown)
        if name
        else say("☎️ <b>{number}</b>", number=shown),
        say("👤 Responsible: {name}", name=responsible) if responsible else None,
        *(
            _parted(
                say(
                    "{icon} Waits for a call back: missed {when}",
                    icon=cards.ICONS[one.state],
                    when=say.when(one.case.last_missed_at, now),
                ),
                say("PBX {pbx}", pbx=one.pbx_name) if one.pbx_name else None,
            )
            for one in owed
            if one
        ),
    )


def _parted(*parts: Html | None) -> Html:
    return Html(" · ").join(part for part in parts if part)


def keys(scene: Scene, number: str, pbxes: list[PhoneSystem]) -> InlineKeyboardMarkup | None:
    """Calling and blocking at each PBX that can; where there are several, they are named."""
    say = scene.say
    several = len(pbxes) > 1

    def key(label: Html, act: str, pbx: PhoneSystem | None) -> InlineKeyboardButton:
        named = pbx.id if pbx and len(scene.desk.pbxes) > 1 else ""
        shown = say("{label} ({pbx})", label=label, pbx=pbx.id) if pbx and several else label
        return button(shown, NumberPress(act=act, number=number, pbx=named))

    call = [key(say("📞 Call"), "call", pbx) for pbx in pbxes if pbx.capabilities.call_back]
    block = [key(say("🚫 Block"), "block", pbx) for pbx in pbxes if pbx.capabilities.blacklist]
    past = [key(say("🗂 History"), "hist", None if several or not pbxes else pbxes[0])]
    return rows(call, past, block) if several else rows([*call, *past], block)


async def press(query: CallbackQuery, callback_data: NumberPress, scene: Scene) -> None:
    """A button about a number. What it holds is checked: it comes from the presser's own program."""
    say, number = scene.say, callback_data.number
    ids = list(scene.desk.pbxes)
    pbx_id = callback_data.pbx or (ids[0] if len(ids) == 1 else "")
    pbx = scene.desk.pbxes.get(pbx_id) if pbx_id and await acting.concerns(scene, pbx_id) else None
    act = callback_data.act
    if scene.who.rank < Rank.EMPLOYEE:
        await acting.refuse(scene, acting.not_employee(say))
    elif not _is_number(number) or (pbx is None and act not in ("hist", "back")):
        await acting.refuse(scene, acting.too_old(say))
    elif act == "hist":
        await history.show_number(scene, number, pbx.id if pbx else None)
    elif act == "back":
        await scene.put_buttons(keys(scene, number, await scene.pbxes()))
        await scene.toast()
    elif pbx:
        await _ACTS.get(act, _unknown)(scene, pbx, number)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\+?\d{4,15}\*?", text))


async def _call(scene: Scene, pbx: PhoneSystem, number: str) -> None:
    if not number.startswith("+"):
        await acting.refuse(scene, acting.too_old(scene.say))
        return
    if scene.who.login_at(pbx.id) is None:
        await acting.refuse(scene, acting.not_linked(scene.say))
        return
    asked = await calling.ring(scene, pbx, number)
    await scene.toast(calling.words(asked, scene.say, pbx, number), alert=asked.result not in calling.AS_WISHED)


async def _block(scene: Scene, pbx: PhoneSystem, number: str) -> None:
    """Ask first: a client blocked by a slip of the thumb is a client lost."""
    if not pbx.capabilities.blacklist:
        await acting.refuse(scene, lacks("blacklist", scene.say, pbx))
        return
    named = pbx.id if len(scene.desk.pbxes) > 1 else ""
    label = scene.say("🚫 Block {number}: sure?", number=numbers.display(number))
    sure = button(label, NumberPress(act="sure", number=number, pbx=named))
    back = button(scene.say("↩️ Back"), NumberPress(act="back", number=number, pbx=named))
    await scene.put_buttons(rows([sure], [back]))
    await scene.toast()


async def _sure(scene: Scene, pbx: PhoneSystem, number: str) -> None:
    try:
        text, undo = await blacklist.block(scene, pbx, number, scene.who.name)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))
        return
    await scene.toast()
    await scene.put_buttons(keys(scene, number, await scene.pbxes()))
    await scene.reply(text, undo)


async def _undo(scene: Scene, pbx: PhoneSystem, number: str) -> None:
    try:
        await acting.answer(scene, await blacklist.unblock(scene, pbx, number))
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))


async def _unknown(scene: Scene, pbx: PhoneSystem, number: str) -> None:
    await acting.refuse(scene, acting.too_old(scene.say))


_ACTS = {"call": _call, "block": _block, "sure": _sure, "undo": _undo}
