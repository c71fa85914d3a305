"""Chats tied to PBXs: connected by an administrator, left, come back to."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from desk import ledger, routing
from desk.office import Desk
from storage import calls, cases, chats, memory, notices, people
from storage.chats import Binding
from storage.database import Tx

#: What a managers' chat takes: no card that others are there to work on.
FOR_MANAGERS = ("summary", "lines", "low_ratings", "escalations")
#: How the names of values begin that say what a place was bound to before it was untied.
KEPT_AS = "unbound "
#: Open cards brought up to date at once when a chat comes back or changes its language.
CARDS = 500


async def connect(desk: Desk, tx: Tx, chat_id: int, thread_id: int, pbx_id: str, by: int) -> bool:
    """Bind a chat (and topic) to a PBX with every kind of notice on; False if it was bound already."""
    now = desk.clock.now()
    if not await chats.bind(desk.db, tx, chat_id, thread_id, pbx_id, ledger.NOTICES, now):
        return False
    await people.write_act(tx, by, "connect", now, pbx_id=pbx_id, about=await _title(tx, chat_id))
    return True


async def disconnect(
    desk: Desk, tx: Tx, chat_id: int, thread_id: int, by: int, pbx_id: str | None = None
) -> list[str]:
    """Untie this chat and topic, from one PBX or all; the PBXs it was bound to. Old cards stay true."""
    now, about = desk.clock.now(), await _title(tx, chat_id)
    bound = [one for one in await here(tx, chat_id, thread_id) if pbx_id in (None, one.pbx_id)]
    for one in bound:
        times = {"since": one.since.isoformat(), "ended": now.isoformat()}
        as_it_was = {"notices": one.notices, "filters": one.filters, **times}
        await memory.keep(desk.db, tx, one.pbx_id, _kept_as(chat_id, thread_id), json.dumps(as_it_was), now)
        await chats.unbind(tx, chat_id, thread_id, one.pbx_id)
        await people.write_act(tx, by, "disconnect", now, pbx_id=one.pbx_id, about=about)
    return [one.pbx_id for one in bound]


async def take_back(desk: Desk, tx: Tx, chat_id: int, thread_id: int, pbx_id: str, by: int) -> bool:
    """Undo `disconnect`: the same notices come as before it, and clients who called meanwhile are shown.

    False if the place is bound already, or nobody remembers what it was.
    """
    kept = await memory.recall(tx, pbx_id, _kept_as(chat_id, thread_id))
    if kept is None:
        return False
    was, now = json.loads(kept), desk.clock.now()
    since, ended = (datetime.fromisoformat(was[name]) for name in ("since", "ended"))
    if not await chats.bind(desk.db, tx, chat_id, thread_id, pbx_id, was["notices"], since, was["filters"]):
        return False
    await people.write_act(tx, by, "connect", now, pbx_id=pbx_id, about=await _title(tx, chat_id))
    for one in await here(tx, chat_id, thread_id):
        if one.pbx_id == pbx_id:
            await _show_waiting(desk, tx, one, ended)
    return True


def _kept_as(chat_id: int, thread_id: int) -> str:
    return f"{KEPT_AS}{chat_id} {thread_id}"


async def here(tx: Tx, chat_id: int, thread_id: int) -> list[Binding]:
    """What this very place is bound to."""
    return [one for one in await chats.bindings_of_chat(tx, chat_id) if one.thread_id == thread_id]


async def elsewhere(tx: Tx, chat_id: int, thread_id: int) -> list[Binding]:
    """What other topics of the chat are bound to."""
    return [one for one in await chats.bindings_of_chat(tx, chat_id) if one.thread_id != thread_id]


async def take(tx: Tx, binding: Binding, kinds: Collection[str]) -> None:
    """From now on these kinds of notices come, and no others."""
    await chats.change_notices(tx, binding.id, [one for one in ledger.KINDS if one in kinds])


async def choose_filter(tx: Tx, binding: Binding, key: str, values: Collection[str]) -> None:
    """From now on missed calls and ratings come only of these `departments` or our `numbers`; none named: of all.

    Raises ValueError for another key.
    """
    if key not in routing.FILTERS:
        raise ValueError(f'"{key}" is no filter; use {" or ".join(routing.FILTERS)}')
    kept = {name: chosen for name, chosen in binding.filters.items() if name != key}
    await chats.change_filters(tx, binding.id, kept | ({key: sorted(set(values))} if values else {}))


async def left(desk: Desk, tx: Tx, chat_id: int) -> None:
    """We were removed or blocked there: nothing is due in that chat until we are back."""
    await chats.set_gone(tx, chat_id)
    await notices.give_up_chat(tx, chat_id)


async def came_back(desk: Desk, tx: Tx, chat_id: int) -> list[Binding]:
    """We are in the chat again: clients who still wait are shown there. Returns what it is bound to."""
    bound = await chats.bindings_of_chat(tx, chat_id)
    for one in bound:
        subjects = await _show_waiting(desk, tx, one)
        await notices.show_again(tx, chat_id, "case", subjects, desk.clock.now())
    return bound


async def _show_waiting(desk: Desk, tx: Tx, one: Binding, since: datetime | None = None) -> list[str]:
    """The clients who wait, of all or of those whose card came after `since`, get a card in this place."""
    subjects = await _open_cases(tx, [one.pbx_id]) if "missed" in one.notices else []
    for subject in subjects:
        notice = await notices.find(tx, "case", subject)
        is_news = notice is not None and (since is None or notice.created_at >= since)
        if notice and is_news and await _is_for(desk, tx, one, int(subject)):
            place = (one.chat_id, one.thread_id)
            await notices.deliver_to(desk.db, tx, notice.id, [place], desk.clock.now())
    return subjects


async def _is_for(desk: Desk, tx: Tx, one: Binding, case_id: int) -> bool:
    missed = [stored.call for stored in await calls.of_case(tx, case_id) if stored.call.is_missed]
    return (one.chat_id, one.thread_id) in await routing.places(desk, tx, "case", one.pbx_id, missed)


async def speaks_otherwise(desk: Desk, tx: Tx, chat_id: int) -> None:
    """The chat's language or time zone changed: its open cards follow."""
    bound = await chats.bindings_of_chat(tx, chat_id)
    subjects = await _open_cases(tx, sorted({one.pbx_id for one in bound}))
    await notices.show_again(tx, chat_id, "case", subjects, desk.clock.now())


async def _title(tx: Tx, chat_id: int) -> str:
    chat = await chats.get(tx, chat_id)
    return chat.title if chat else str(chat_id)


async def _open_cases(tx: Tx, pbx_ids: Sequence[str]) -> list[str]:
    return [str(case.id) for case in await cases.open_of(tx, pbx_ids, limit=CARDS)]


async def moved(desk: Desk, tx: Tx, old: int, new: int) -> None:
    """A group became a supergroup with a new id. Telegram tells it in both chats; the second time changes nothing."""
    await desk.db.one_at_a_time(tx, f"chat {old} moves")
    await chats.move(desk.db, tx, old, new)
    await notices.move_chat(tx, old, new)
