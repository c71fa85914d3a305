"""Notes about a client: kept by us at every PBX, and copied to the client's card there where the PBX has one.

They are the office's, as contacts are: whoever sees a card of the client reads them, whatever PBX it is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk import contacts, ledger, pbx_troubles
from desk.office import Desk
from storage import cases, memory, notes, notices, people
from storage.cases import CaseRow
from storage.database import Tx
from storage.notes import Note

#: Characters. A card shows the beginning; what is longer is a letter.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as it is shown."""

    text: str
    name: str
    """Who wrote it."""
    at: datetime


class Result(StrEnum):
    """How copying a note to the PBX went."""

    SAVED = "saved"
    NO_CARD = "no_card"
    """The PBX's address book does not have the client."""
    SENT_BEFORE = "sent_before"


async def case_of(desk: Desk, tx: Tx, chat_id: int, message_id: int) -> CaseRow | None:
    """The case whose card that message is, if its client can be written about."""
    shown = await notices.at_message(tx, chat_id, message_id)
    case = await cases.get(tx, int(shown[1].subject)) if shown and shown[1].kind == "case" else None
    return case if case and case.client and case.pbx_id in desk.pbxes else None


async def about(tx: Tx, client: str | None, limit: int) -> tuple[Noted, ...]:
    """The latest notes about a client, the oldest of them first."""
    found = await notes.last(tx, client, limit) if client else []
    known = await people.get_many(tx, sorted({one.user_id for one in found}))
    return as_shown(found, {user_id: person.name for user_id, person in known.items()})


def as_shown(found: Sequence[Note], names: Mapping[int, str]) -> tuple[Noted, ...]:
    """`names` are those of the people whom we have met."""
    return tuple(Noted(one.text, names.get(one.user_id, "?"), one.at) for one in found)


async def keep(
    desk: Desk, case: CaseRow, text: str, message: tuple[int, int], *, written_by: int, saved_by: int
) -> Note | None:
    """Keep a message (its chat's id and its own) as a note about the case's client, once.

    None if the client was forgotten at this moment. Raises `ValueError` for more than `LONGEST` characters.
    """
    if len(text) > LONGEST or case.client is None:
        raise ValueError("no note can be made of this")
    now, (chat_id, message_id) = desk.clock.now(), message
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"client {case.client}")
        if await cases.get(tx, case.id) is None:
            return None
        where = {"pbx_id": case.pbx_id, "case_id": case.id, "chat_id": chat_id, "message_id": message_id}
        who = {"user_id": written_by, "saved_by": saved_by}
        if await notes.add(desk.db, tx, client=case.client, text=text, at=now, **who, **where):
            await people.write_act(tx, saved_by, "note", now, pbx_id=case.pbx_id, about=case.client)
            await _refresh(desk, tx, case.client, case.id)
        kept = await notes.of_message(tx, chat_id, message_id)
    desk.deliveries.ring()
    return kept


async def take_back(desk: Desk, note: Note, by: int) -> bool:
    """False if it is gone already. What the PBX has been sent stays there."""
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"client {note.client}")
        if not await notes.remove(tx, note.id):
            return False
        await people.write_act(tx, by, "note_out", desk.clock.now(), pbx_id=note.pbx_id, about=note.client)
        await _refresh(desk, tx, note.client, note.case_id)
    desk.deliveries.ring()
    return True


async def _refresh(desk: Desk, tx: Tx, client: str, case_id: int | None) -> None:
    """The cards of the client's open cases say something new, and the one that was answered."""
    await contacts.refresh_cards(desk, tx, [client])
    if case_id is not None:
        await ledger.touch(desk, tx, case_id)


# At the PBX


def _once(note: Note) -> str:
    return f"note {note.chat_id} {note.message_id}"


async def copy_to_pbx(desk: Desk, note: Note, author: str, user_id: int) -> Result:
    """Write the note on the client's card at the case's PBX, once whatever is repeated. Raises `PbxError`.

    After `Unavailable` from here nobody knows whether it is there: see `was_sent`.
    """
    pbx_id = note.pbx_id or ""
    pbx = desk.pbxes[pbx_id]
    async with pbx_troubles.noted(desk, pbx_id):
        card = await pbx.client_card(note.client)
        if card is None:
            return Result.NO_CARD
        async with desk.db.write() as tx:
            if not await memory.fire(desk.db, tx, _once(note), desk.clock.now()):
                return Result.SENT_BEFORE
        await pbx.add_note(card.id, f"{author}: {note.text}")
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, "note_at_pbx", desk.clock.now(), pbx_id=pbx_id, about=note.client)
    return Result.SAVED


async def was_sent(desk: Desk, note: Note) -> bool:
    """Whether the PBX was asked to write this note, whatever it answered."""
    async with desk.db.read() as tx:
        return await memory.fired_at(tx, _once(note)) is not None
