"""Where a notice goes: which of the chats and topics bound to a PBX take it."""

from collections.abc import Sequence

from desk import chat_settings
from desk.office import Desk
from pbx.vocabulary import Call
from storage import chats
from storage.database import Tx

#: A chat's id, and a topic in it (0 for none).
Where = tuple[int, int]
#: Which switch of a binding a kind of notice follows.
WANTED_AS = {"case": "missed", "digest": "missed", "rating": "ratings", "line": "lines"}


async def places(desk: Desk, tx: Tx, kind: str, pbx_id: str, missed: Sequence[Call] = ()) -> list[Where]:
    """Chats and topics that want this kind of notice of this PBX, and do not hide all of these calls."""
    found = []
    for one in await chats.bindings_of_pbx(tx, pbx_id):
        if WANTED_AS[kind] not in one.notices:
            continue
        settings = await chat_settings.of_chat(desk, tx, one.chat_id)
        if not missed or any(settings.shows(call) for call in missed):
            found.append((one.chat_id, one.thread_id))
    return found
