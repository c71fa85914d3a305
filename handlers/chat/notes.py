"""A reply to a card, where the PBX has an address book: it can be saved as a note on the client's card there."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from desk import client_notes
from desk.access import Rank
from desk.client_notes import Result
from handlers.chat import acting
from handlers.chat.buttons import NotePress, button, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html
from pbx.errors import PbxError, Unavailable
from pbx.phone_system import PhoneSystem
from storage import cases
from storage.cases import CaseRow


def router() -> Router:
    made = Router(name="notes")
    made.message.register(offer, F.reply_to_message, F.text, ~F.text.startswith("/"), under_a_card)
    made.callback_query.register(press, NotePress.filter())
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
    key = button(scene.say("📝 Save as note"), NotePress(case_id=case.id))
    question = scene.say("Shall this be a note on the client's card at PBX {pbx}?", pbx=case.pbx_id)
    await scene.reply(question, rows([key]), quote=True)


async def press(query: CallbackQuery, callback_data: NotePress, scene: Scene) -> None:
    """The note is what the question was a reply to."""
    note = scene.message.reply_to_message if scene.message else None
    async with scene.desk.db.read() as tx:
        case = await cases.get(tx, callback_data.case_id)
    if case is None or case.client is None or not await acting.concerns(scene, case.pbx_id):
        await acting.refuse(scene, scene.say("This card is gone. /missed shows who waits for a call."))
    elif scene.who.rank < Rank.EMPLOYEE:
        await acting.refuse(scene, acting.not_employee(scene.say))
    elif not isinstance(note, Message) or not note.text:
        await acting.refuse(scene, acting.too_old(scene.say))
    elif not scene.desk.pbxes[case.pbx_id].capabilities.client_cards:
        await acting.refuse(scene, lacks("address book", scene.say, scene.desk.pbxes[case.pbx_id]))
    else:
        await _save(scene, scene.desk.pbxes[case.pbx_id], case.client, note)


async def _save(scene: Scene, pbx: PhoneSystem, client: str, note: Message) -> None:
    say, once = scene.say, f"{scene.chat.id} {note.message_id}"
    author = note.from_user.full_name if note.from_user else scene.who.name
    try:
        text = f"{author}: {note.text}"
        done = await client_notes.save(scene.desk, pbx.id, client, text, scene.who.user_id, once=once)
    except PbxError as error:
        if not await client_notes.was_sent(scene.desk, once):
            await acting.refuse(scene, trouble(error, say, pbx))
        else:
            await acting.answer(scene, _failed(error, scene, pbx))
        return
    await acting.answer(scene, _words(done, scene, pbx))


def _failed(error: PbxError, scene: Scene, pbx: PhoneSystem) -> Html:
    """The PBX was asked to write it, and no second try may follow blindly."""
    if not isinstance(error, Unavailable):
        return trouble(error, scene.say, pbx)
    return scene.say(
        "❓ PBX {pbx} did not answer: the note may be on the card or not. Look there before you write it again.",
        pbx=pbx.id,
    )


def _words(done: Result, scene: Scene, pbx: PhoneSystem) -> Html:
    say = scene.say
    match done:
        case Result.SAVED:
            return say("📝 On the client's card at PBX {pbx}, saved by {name}.", pbx=pbx.id, name=scene.who.name)
        case Result.NO_CARD:
            return say(
                "PBX {pbx} has no card of this client to write on. Create one in the PBX's cabinet, then answer to "
                "our card again.",
                pbx=pbx.id,
            )
        case Result.SENT_BEFORE:
            return say("This note was sent to PBX {pbx} already.", pbx=pbx.id)
