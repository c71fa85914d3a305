"""Where the bot is: added to a group, removed, blocked, moved with a group to its new id."""

from aiogram import F, Router
from aiogram.filters import IS_MEMBER, IS_NOT_MEMBER, ChatMemberUpdatedFilter
from aiogram.types import ChatMemberUpdated, Message, Update

from desk import admins, binding
from desk.office import Desk
from storage import chats, notices, people


def router() -> Router:
    made = Router(name="membership")
    in_private, in_group = F.chat.type == "private", F.chat.type.in_({"group", "supergroup"})
    came, went = (
        ChatMemberUpdatedFilter(IS_NOT_MEMBER >> IS_MEMBER),
        ChatMemberUpdatedFilter(IS_MEMBER >> IS_NOT_MEMBER),
    )
    made.my_chat_member.register(added, in_group, came)
    made.my_chat_member.register(removed, in_group, went)
    made.my_chat_member.register(unblocked, in_private, came)
    made.my_chat_member.register(blocked, in_private, went)
    made.message.register(moved, F.migrate_to_chat_id)
    made.message.register(moved_here, F.migrate_from_chat_id)
    return made


async def added(event: ChatMemberUpdated, desk: Desk, event_update: Update) -> None:
    """Say what comes next; or, where a PBX is bound, show who waited meanwhile."""
    chat, now = event.chat, desk.clock.now()
    async with desk.db.write() as tx:
        await chats.meet(desk.db, tx, chat.id, chat.type, chat.title or "")
        bound = await binding.came_back(desk, tx, chat.id)
        pbxes = sorted({one.pbx_id for one in bound})
        data = {"what": "back", "pbxes": pbxes} if pbxes else {"what": "added"}
        notice_id = await notices.add(desk.db, tx, "told", f"added {event_update.update_id}", now, data=data)
        if notice_id is not None:
            place = (chat.id, bound[0].thread_id if bound else 0)
            await notices.deliver_to(desk.db, tx, notice_id, [place], now)
    desk.deliveries.ring()


async def removed(event: ChatMemberUpdated, desk: Desk) -> None:
    """Nothing is due there any more. The administrators hear of it if the chat had a use."""
    async with desk.db.write() as tx:
        chat = await chats.get(tx, event.chat.id)
        await binding.left(desk, tx, event.chat.id)
        known = chat is not None and chat.gone  # a message that could not be sent has told it
        if not known and await chats.bindings_of_chat(tx, event.chat.id):
            title = event.chat.title or str(event.chat.id)
            await admins.tell(desk, tx, "removed", str(event.chat.id), title=title)
    desk.deliveries.ring()


async def unblocked(event: ChatMemberUpdated, desk: Desk) -> None:
    async with desk.db.write() as tx:
        await people.change(tx, event.chat.id, reachable=True)
        await chats.meet(desk.db, tx, event.chat.id, event.chat.type, event.from_user.full_name)
        await binding.came_back(desk, tx, event.chat.id)
    desk.deliveries.ring()
    desk.menus.ring()


async def blocked(event: ChatMemberUpdated, desk: Desk) -> None:
    async with desk.db.write() as tx:
        await people.change(tx, event.chat.id, reachable=False)
        await binding.left(desk, tx, event.chat.id)


async def moved(message: Message, desk: Desk) -> None:
    """Told in the old chat."""
    assert message.migrate_to_chat_id is not None
    async with desk.db.write() as tx:
        await binding.moved(desk, tx, message.chat.id, message.migrate_to_chat_id)
    desk.deliveries.ring()


async def moved_here(message: Message, desk: Desk) -> None:
    """Told in the new chat."""
    assert message.migrate_from_chat_id is not None
    async with desk.db.write() as tx:
        await binding.moved(desk, tx, message.migrate_from_chat_id, message.chat.id)
    desk.deliveries.ring()
