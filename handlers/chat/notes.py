"""A reply to a card can be kept as a note about the client; where the PBX keeps client cards, there too."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import client_notes
from desk.access import Rank
from desk.client_notes import LONGEST, Result
from handlers.chat import acting
from handlers.chat.buttons import NotePress, TakeNoteBackPress, button, rows
from handlers.chat.pbx_words import trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx.errors import PbxError, Unavailable
from pbx.phone_system import PhoneSystem
from storage import cases, notes
from storage.cases import CaseRow
from storage.notes import Note


def router() -> Router:
    made = Router(name="notes")
    made.message.register(offer, F.reply_to_message, F.text, ~F.text.startswith("/"), under_a_card)
    made.callback_query.register(press, NotePress.filter())
    made.callback_query.register(take_back, TakeNoteBackPress.filter())
    return made


async def under_a_card(message: Message, scene: Scene) -> bool | dict[str, Any]:
    """Whether an employee answers to a card whose client may be written about; hands on the case."""
    if scene.who.rank < Rank.EMPLOYEE or message.reply_to_message is None:
        return False
    async with scene.desk.db.read() as tx:
        case = await client_notes.case_of(scene.desk, tx, scene.chat.id, message.reply_to_message.message_id)
    return {"case": case} if case else False


async def offer(message: Message, scene: Scene, case: CaseRow) -> None:
    """Nothing is written unasked: colleagues talk under cards."""
    say, text = scene.say, message.text or ""
    if len(text) > LONGEST:
        await scene.reply(_too_long(text, say), quote=True)
        return
    key = button(say("📝 Save as note"), NotePress(case_id=case.id))
    await scene.reply(say("Shall this be a note about the client?"), rows([key]), quote=True)


def _too_long(text: str, say: Texts) -> Html:
    return say(
        "This is too long for a note: {n} characters of {most}. Send it shorter, as a reply to the card.",
        n=len(text),
        most=LONGEST,
    )


async def press(query: CallbackQuery, callback_data: NotePress, scene: Scene) -> None:
    """The note is what the question was a reply to."""
    written = scene.message.reply_to_message if scene.message else None
    async with scene.desk.db.read() as tx:
        case = await cases.get(tx, callback_data.case_id)
    if case is None or case.client is None or not await acting.concerns(scene, case.pbx_id):
        await acting.refuse(scene, _card_is_gone(scene.say))
    elif scene.who.rank < Rank.EMPLOYEE:
        await acting.refuse(scene, acting.not_employee(scene.say))
    elif not isinstance(written, Message) or not written.text:
        await acting.refuse(scene, acting.too_old(scene.say))
    elif len(written.text) > LONGEST:
        await acting.refuse(scene, _too_long(written.text, scene.say))
    else:
        await _save(scene, scene.desk.pbxes[case.pbx_id], case, written, written.text)


def _card_is_gone(say: Texts) -> Html:
    return say("This card is gone. /missed shows who waits for a call.")


async def _save(scene: Scene, pbx: PhoneSystem, case: CaseRow, written: Message, text: str) -> None:
    me, writer = scene.who.user_id, written.from_user
    note = await client_notes.keep(
        scene.desk,
        case,
        text,
        (scene.chat.id, written.message_id),
        written_by=writer.id if writer else me,
        saved_by=me,
    )
    if note is None:
        await acting.refuse(scene, _card_is_gone(scene.say))
        return
    kept = scene.say("📝 A note now, saved by {name}: the client's cards show it.", name=scene.who.name)
    at_pbx, again = await _copy(scene, pbx, note, writer.full_name if writer else scene.who.name)
    await acting.answer(scene, joined(kept, at_pbx), _keys(scene.say, note, case, pbx, again=again))


async def _copy(scene: Scene, pbx: PhoneSystem, note: Note, author: str) -> tuple[Html | None, bool]:
    """What the PBX made of it, in words, and whether trying again may help."""
    if not pbx.capabilities.client_cards:
        return None, False
    try:
        done = await client_notes.copy_to_pbx(scene.desk, note, author, scene.who.user_id)
    except PbxError as error:
        if not await client_notes.was_sent(scene.desk, note):
            return trouble(error, scene.say, pbx), True
        return _failed(error, scene.say, pbx), False
    return _words(done, scene.say, pbx), done is Result.NO_CARD


def _failed(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    """The PBX was asked to write it, and no second try may follow blindly."""
    if not isinstance(error, Unavailable):
        return trouble(error, say, pbx)
    return say(
        "❓ PBX {pbx} did not answer: the note may be on its card or not. Look there before you write it again.",
        pbx=pbx.id,
    )


def _words(done: Result, say: Texts, pbx: PhoneSystem) -> Html:
    return {
        Result.SAVED: say("It is on the client's card at PBX {pbx} too.", pbx=pbx.id),
        Result.NO_CARD: say(
            "PBX {pbx} has no card of this client to write on. Create one in the PBX's cabinet, then press the "
            "button.",
            pbx=pbx.id,
        ),
        Result.SENT_BEFORE: say("It was sent to PBX {pbx} before.", pbx=pbx.id),
    }[done]


def _keys(say: Texts, note: Note, case: CaseRow, pbx: PhoneSystem, *, again: bool) -> InlineKeyboardMarkup | None:
    copy = [button(say("📝 Save at PBX {pbx}", pbx=pbx.id), NotePress(case_id=case.id))] if again else []
    return rows(copy, [button(say("↩️ Remove"), TakeNoteBackPress(note_id=note.id))])


async def take_back(query: CallbackQuery, callback_data: TakeNoteBackPress, scene: Scene) -> None:
    """By who wrote it, who saved it, or a manager."""
    say, who = scene.say, scene.who
    async with scene.desk.db.read() as tx:
        note = await notes.get(tx, callback_data.note_id)
    if note is None or not await acting.concerns(scene, note.pbx_id or ""):
        await acting.refuse(scene, _note_is_gone(say))
    elif who.rank < Rank.EMPLOYEE:
        await acting.refuse(scene, acting.not_employee(say))
    elif who.rank < Rank.MANAGER and who.user_id not in (note.user_id, note.saved_by):
        await acting.refuse(scene, say("Only who wrote or saved this note, or a manager, can remove it."))
    elif not await client_notes.take_back(scene.desk, note, who.user_id):
        await acting.refuse(scene, _note_is_gone(say))
    else:
        left = await client_notes.was_sent(scene.desk, note)
        text = joined(
            say("📝 No note any more, removed by {name}.", name=who.name),
            say("PBX {pbx} keeps its copy. Remove it in the PBX's cabinet.", pbx=note.pbx_id) if left else None,
        )
        await acting.answer(scene, text)


def _note_is_gone(say: Texts) -> Html:
    return say("This note is gone already.")
