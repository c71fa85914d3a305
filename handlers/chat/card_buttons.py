"""The buttons of cards: calling back, "mine", handing over, closing by hand, history, blocking, a card of a roll."""

from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from desk import card_menus, case_acts, rolls
from desk.access import Rank
from desk.case_acts import Act
from desk.case_view import case_view
from desk.rolls import Shown
from handlers.chat import acting, blacklist, calling, cards, handing_over, history
from handlers.chat.buttons import CasePress, button, rows
from handlers.chat.cards import REASONS, reason_words
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html
from pbx import numbers
from pbx.errors import PbxError
from storage import cases, people
from storage.cases import CaseRow

#: What anybody may press where the card may be seen at all.
FOR_READING = frozenset({"hist", "show", "back"})
#: A database can't be asked for more.
LARGEST_ID = 2**63 - 1


def router() -> Router:
    made = Router(name="card buttons")
    made.callback_query.register(press, CasePress.filter())
    return made


async def press(query: CallbackQuery, callback_data: CasePress, scene: Scene) -> None:
    """What it holds is checked: it comes from the presser's own program, and may name any case."""
    act = _ACTS.get(callback_data.act)
    async with scene.desk.db.read() as tx:
        case = await cases.get(tx, callback_data.case_id) if 0 < callback_data.case_id <= LARGEST_ID else None
    if case is None or act is None or not await acting.concerns(scene, case.pbx_id):
        await acting.refuse(scene, scene.say("This card is gone. /missed shows who waits for a call."))
    elif scene.who.rank < Rank.EMPLOYEE and callback_data.act not in FOR_READING:
        await acting.refuse(scene, acting.not_employee(scene.say))
    else:
        await act(scene, case, callback_data.arg)


async def _call(scene: Scene, case: CaseRow, arg: str) -> None:
    pbx = scene.desk.pbxes[case.pbx_id]
    if not case.is_open or case.client is None:
        await _settled(scene, case)
    elif not pbx.capabilities.call_back:
        await acting.refuse(scene, lacks("way to start a call", scene.say, pbx))
    elif scene.who.login_at(pbx.id) is None:
        await acting.refuse(scene, acting.not_linked(scene.say))
    else:
        asked = await calling.ring(scene, pbx, case.client, case.id)
        words = calling.words(asked, scene.say, pbx, case.client)
        await scene.toast(words, alert=asked.result not in calling.AS_WISHED)


async def _mine(scene: Scene, case: CaseRow, arg: str) -> None:
    async with scene.desk.db.write() as tx:
        done, now_is = await case_acts.claim(scene.desk, tx, case.id, scene.who.user_id, scene.chat.id)
    await _answer(scene, done, now_is, scene.say("It is yours. Your name is on the card now."))


async def _free(scene: Scene, case: CaseRow, arg: str) -> None:
    force = scene.who.rank >= Rank.MANAGER
    async with scene.desk.db.write() as tx:
        done, now_is = await case_acts.release(scene.desk, tx, case.id, scene.who.user_id, force=force)
    await _answer(scene, done, now_is, scene.say("It is nobody's now: anybody may take it."))


async def _hand(scene: Scene, case: CaseRow, arg: str) -> None:
    """To whom? The colleagues take the place of the card's own buttons."""
    if not case.is_open:
        await _settled(scene, case)
    elif case.claimed_by is None:
        await _answer(scene, Act.NOBODYS, case)
    elif case.claimed_by != scene.who.user_id and scene.who.rank < Rank.MANAGER:
        await _answer(scene, Act.TAKEN, case)
    else:
        async with scene.desk.db.read() as tx:
            linked = await case_acts.colleagues(tx, case.pbx_id)
        others = [one for one in linked if one.user_id not in (scene.who.user_id, case.claimed_by)]
        if others:
            await _ask_in_place(scene, handing_over.menu(case, others, handing_over.page_in(arg), scene.say))
        else:
            words = scene.say("Nobody else is linked at PBX {pbx}. /team shows who is.", pbx=case.pbx_id)
            await acting.refuse(scene, words)


async def _give(scene: Scene, case: CaseRow, arg: str) -> None:
    chosen = handing_over.chosen_in(arg)
    if chosen is None:
        await acting.refuse(scene, acting.too_old(scene.say))
        return
    to, holder = chosen
    force = scene.who.rank >= Rank.MANAGER
    async with scene.desk.db.write() as tx:
        done, now_is, told = await case_acts.hand_over(
            scene.desk, tx, case.id, scene.who.user_id, scene.chat.id, to=to, holder=holder, force=force
        )
        receiver = await people.get(tx, to)
    name = receiver.name if receiver else "?"
    if done is Act.DONE and not told:
        words = scene.say("{name} has it now, but has no private chat open with me: tell them yourself.", name=name)
        await scene.toast(words, alert=True)
        await _restore(scene, case)
    else:
        await _answer(scene, done, now_is, scene.say("{name} has it now, and I have told them.", name=name))


async def _done(scene: Scene, case: CaseRow, arg: str) -> None:
    """How was it settled? The reasons take the place of the card's own buttons."""
    if not case.is_open:
        await _settled(scene, case)
        return
    keys = [
        button(reason_words(reason, scene.say), CasePress(act="why", case_id=case.id, arg=reason))
        for reason in REASONS
    ]
    back = button(scene.say("↩️ Back"), CasePress(act="back", case_id=case.id))
    await _ask_in_place(scene, rows(keys[:2], keys[2:], [back]))


async def _why(scene: Scene, case: CaseRow, arg: str) -> None:
    reason = arg if arg in REASONS else "other"
    async with scene.desk.db.write() as tx:
        done, now_is = await case_acts.handle(scene.desk, tx, case.id, scene.who.user_id, reason)
    await _answer(scene, done, now_is, scene.say("Closed: {reason}.", reason=reason_words(reason, scene.say)))


async def _open(scene: Scene, case: CaseRow, arg: str) -> None:
    async with scene.desk.db.write() as tx:
        done, now_is = await case_acts.reopen(scene.desk, tx, case.id, scene.who.user_id)
    if done is Act.ALREADY:
        await scene.toast(scene.say("It is open already."))
    else:
        await _answer(scene, done, now_is, scene.say("It is open again."))


async def _history(scene: Scene, case: CaseRow, arg: str) -> None:
    if case.client is None:
        await acting.refuse(scene, scene.say("This client hides the number: there is no history to show."))
    else:
        await history.show_number(scene, case.client, case.pbx_id)


async def _block(scene: Scene, case: CaseRow, arg: str) -> None:
    """Ask first: a client blocked by a slip of the thumb is a client lost."""
    pbx = scene.desk.pbxes[case.pbx_id]
    if case.client is None or not pbx.capabilities.blacklist:
        await acting.refuse(scene, lacks("blacklist", scene.say, pbx))
        return
    label = scene.say("🚫 Block {number}: sure?", number=numbers.display(case.client))
    sure = button(label, CasePress(act="sure", case_id=case.id))
    back = button(scene.say("↩️ Back"), CasePress(act="back", case_id=case.id))
    await _ask_in_place(scene, rows([sure], [back]))


async def _sure(scene: Scene, case: CaseRow, arg: str) -> None:
    pbx = scene.desk.pbxes[case.pbx_id]
    if case.client is None:
        await acting.refuse(scene, lacks("blacklist", scene.say, pbx))
        return
    try:
        text, undo = await blacklist.block(scene, pbx, case.client, scene.who.name)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))
    else:
        await scene.toast()
        await scene.reply(text, undo, quote=True)
    await _restore(scene, case)


async def _show(scene: Scene, case: CaseRow, arg: str) -> None:
    async with scene.desk.db.write() as tx:
        shown = await rolls.show_card(scene.desk, tx, case.id, *scene.place)
    if shown is Shown.GONE:
        await acting.refuse(scene, scene.say("This card is gone. /missed shows who waits for a call."))
    else:
        await scene.toast(scene.say("The card is below."))


async def _back(scene: Scene, case: CaseRow, arg: str) -> None:
    await scene.toast()
    await _restore(scene, case)


async def _answer(scene: Scene, done: Act, case: CaseRow | None, words: Html | str = "") -> None:
    """A toast if it went as wished, a box that has to be closed if not."""
    say = scene.say
    match done:
        case Act.DONE if case:
            await scene.toast(words)
            await _restore(scene, case)
        case Act.ALREADY if case and case.claimed_by == scene.who.user_id:
            await scene.toast(say("It is yours already."))
        case Act.ALREADY if case:
            await acting.refuse(scene, await _taken(scene, case))
            await _restore(scene, case)
        case Act.NOBODYS if case:
            await scene.toast(say("Nobody has it: anybody may take it."))
            await _restore(scene, case)
        case Act.NO_COLLEAGUE if case:
            words = say("They are not linked at PBX {pbx} any more. Choose somebody else.", pbx=case.pbx_id)
            await acting.refuse(scene, words)
            await _restore(scene, case)
        case Act.TAKEN if case:
            await acting.refuse(scene, await _taken(scene, case))
            await _restore(scene, case)
        case Act.NEWER:
            await acting.refuse(scene, say("The client has called again since: see the newer card, or /missed."))
        case _:
            await _settled(scene, case)


async def _taken(scene: Scene, case: CaseRow) -> Html:
    async with scene.desk.db.read() as tx:
        holder = await people.get(tx, case.claimed_by or 0)
    return scene.say(
        "{name} has taken it at {time}. Talk to them; they or a manager can give it back.",
        name=holder.name if holder else "?",
        time=scene.say.clock(case.claimed_at or scene.desk.clock.now()),
    )


async def _settled(scene: Scene, case: CaseRow | None) -> None:
    """Too late: the card moved on before the press came."""
    await acting.refuse(scene, scene.say("This case is closed already: the card shows how."))
    if case:
        await _restore(scene, case)


async def _ask_in_place(scene: Scene, keyboard: InlineKeyboardMarkup | None) -> None:
    if scene.message is None:
        await scene.toast(acting.too_old(scene.say), alert=True)
        return
    async with scene.desk.db.write() as tx:
        await card_menus.opened(scene.desk, tx, scene.chat.id, scene.message.message_id)
    await scene.toast()
    await scene.put_buttons(keyboard)


async def _restore(scene: Scene, case: CaseRow) -> None:
    """The message becomes the card again, as the case is now."""
    if scene.message is None:
        return
    async with scene.desk.db.write() as tx:
        if await card_menus.closed(scene.desk, tx, scene.chat.id, scene.message.message_id):
            return
        view = await case_view(scene.desk, tx, case.id)
    if view:
        await scene.change(*cards.card(view, scene.say, scene.desk.clock.now()))


_ACTS: dict[str, Callable[[Scene, CaseRow, str], Awaitable[None]]] = {
    "call": _call,
    "mine": _mine,
    "free": _free,
    "hand": _hand,
    "give": _give,
    "done": _done,
    "why": _why,
    "open": _open,
    "hist": _history,
    "block": _block,
    "sure": _sure,
    "back": _back,
    "show": _show,
}
