"""The commands there are, in words: for `/help`, and for the menu that Telegram shows in each language."""

from dataclasses import dataclass
from hashlib import sha256

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
    MenuButtonDefault,
    MenuButtonWebApp,
)

from desk.access import Rank
from desk.office import Desk
from handlers.chat import board_key
from handlers.chat.texts import LANGUAGES, Html, Texts
from storage import memory, people

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Menu:
    """A command: who may use it, where it makes sense, and whether anyone may in a connected chat.

    `capability`: what some PBX of the office must be able to do for it.
    """

    name: str
    rank: Rank
    in_groups: bool = True
    reads: bool = False
    rank_in_groups: Rank | None = None
    """If a group asks for more than a private chat."""
    capability: str = ""

    def needs(self, *, in_group: bool) -> Rank:
        return self.rank_in_groups if in_group and self.rank_in_groups is not None else self.rank


#: In the order in which they are shown.
COMMANDS = (
    Menu("missed", Rank.EMPLOYEE, reads=True),
    Menu("call", Rank.EMPLOYEE, capability="call_back"),
    Menu("active", Rank.EMPLOYEE, reads=True),
    Menu("who", Rank.EMPLOYEE, capability="employees"),
    Menu("history", Rank.EMPLOYEE, reads=True),
    Menu("summary", Rank.EMPLOYEE, reads=True),
    Menu("dnd", Rank.EMPLOYEE, capability="do_not_disturb"),
    Menu("contact", Rank.EMPLOYEE),
    Menu("blacklist", Rank.EMPLOYEE, capability="blacklist"),
    Menu("departments", Rank.EMPLOYEE, capability="departments"),
    Menu("numbers", Rank.EMPLOYEE, capability="our_numbers"),
    Menu("team", Rank.EMPLOYEE, reads=True),
    Menu("settings", Rank.GUEST, rank_in_groups=Rank.MANAGER),
    Menu("link", Rank.GUEST),
    Menu("unlink", Rank.EMPLOYEE, in_groups=False),
    Menu("status", Rank.EMPLOYEE, in_groups=False),
    Menu("connect", Rank.ADMIN),
    Menu("start", Rank.GUEST, in_groups=False),
    Menu("help", Rank.GUEST),
)


def offered(desk: Desk) -> list[Menu]:
    """The commands that make sense with the PBXs the office has."""
    can = [pbx.capabilities for pbx in desk.pbxes.values()]
    return [one for one in COMMANDS if not one.capability or any(getattr(each, one.capability) for each in can)]


def described(say: Texts) -> dict[str, Html]:
    """What each command does, in a line."""
    return {
        "missed": say("who still waits for a call back"),
        "call": say("call a client: /call NUMBER"),
        "active": say("which calls are going on now"),
        "who": say("who is on a call, online, not to be disturbed"),
        "history": say("calls of today, of a period or with a number"),
        "summary": say("how many calls, missed and returned"),
        "dnd": say("do not disturb me: /dnd 45m, /dnd off"),
        "contact": say("name a client: /contact NUMBER NAME"),
        "blacklist": say("blocked numbers: show, add, remove"),
        "departments": say("who gets the calls of which department"),
        "numbers": say("our numbers, SIM cards and lines"),
        "team": say("who is linked to whom"),
        "settings": say("language, time zone, what comes here"),
        "link": say("say who you are at the PBX"),
        "unlink": say("end your link to an employee"),
        "status": say("whether all is well"),
        "connect": say("connect this chat to a PBX"),
        "start": say("where to begin"),
        "help": say("what I can do"),
    }


def about(say: Texts) -> tuple[Html, Html]:
    """What the bot is, for its profile (512 characters) and in short (120)."""
    return (
        say(
            "I watch your company's phones. When a client could not get through, I show a card in your team's chat "
            "and keep it true until somebody has called back. From the card you call the client with one tap."
        ),
        say("Missed calls in your team's chat until every client has been called back."),
    )


def _commands(desk: Desk, rank: Rank, say: Texts, *, in_groups: bool) -> list[BotCommand]:
    words = described(say)
    return [
        BotCommand(command=one.name, description=str(words[one.name].unescape()))
        for one in offered(desk)
        if one.rank <= rank and (one.in_groups or not in_groups or rank is Rank.ADMIN)
    ]


async def publish(bot: Bot, desk: Desk) -> None:
    """Tell Telegram our commands and what we are, unless it knows already. Raises aiogram's network errors.

    Telegram lets these be set only so often, so they are sent when they have changed.
    """
    admins = await _reachable_admins(desk)
    wanted = sha256(repr([bot.id, admins, desk.office.language, _everything(desk)]).encode()).hexdigest()
    async with desk.db.read() as tx:
        if await memory.recall(tx, "", "menu") == wanted:
            return
    try:
        for code in (None, *LANGUAGES):
            await _publish_in(bot, desk, code, admins)
        await bot.set_chat_menu_button(menu_button=_board(desk))
    except (TelegramRetryAfter, TelegramBadRequest, TelegramNotFound) as refused:
        log.warning("Telegram did not take the menu; the next start tries again", reason=refused.message)
        return
    async with desk.db.write() as tx:
        await memory.keep(desk.db, tx, "", "menu", wanted, desk.clock.now())


async def publish_to_admin(bot: Bot, desk: Desk, user_id: int) -> None:
    """An administrator has opened the private chat: only now can it have a menu of its own."""
    for code in (None, *LANGUAGES):
        await _to_admin(bot, desk, code, user_id)


async def _reachable_admins(desk: Desk) -> list[int]:
    async with desk.db.read() as tx:
        known = await people.get_many(tx, sorted(desk.office.admins))
    return sorted(one.user_id for one in known.values() if one.reachable)


def _everything(desk: Desk) -> list[object]:
    voices = [Texts(code, desk.office.timezone) for code in LANGUAGES]
    return [offered(desk), _board(desk), [(described(say), about(say)) for say in voices]]


def _board(desk: Desk) -> MenuButtonWebApp | MenuButtonDefault:
    """Telegram has one for everybody, whatever they speak."""
    return board_key.menu_button(desk, Texts(desk.office.language, desk.office.timezone))


async def _publish_in(bot: Bot, desk: Desk, code: str | None, admins: list[int]) -> None:
    """`code` None: for whoever speaks none of our languages."""
    say = Texts(code or desk.office.language, desk.office.timezone)
    long, short = about(say)
    scopes: list[tuple[BotCommandScopeUnion, list[BotCommand]]] = [
        (BotCommandScopeAllPrivateChats(), _commands(desk, Rank.MANAGER, say, in_groups=False)),
        (BotCommandScopeAllGroupChats(), _commands(desk, Rank.MANAGER, say, in_groups=True)),
        (BotCommandScopeAllChatAdministrators(), _commands(desk, Rank.ADMIN, say, in_groups=True)),
    ]
    for scope, commands in scopes:
        await bot.set_my_commands(commands, scope=scope, language_code=code)
    await bot.set_my_description(str(long.unescape()), language_code=code)
    await bot.set_my_short_description(str(short.unescape()), language_code=code)
    for admin in admins:
        await _to_admin(bot, desk, code, admin)


async def _to_admin(bot: Bot, desk: Desk, code: str | None, user_id: int) -> None:
    say = Texts(code or desk.office.language, desk.office.timezone)
    commands = _commands(desk, Rank.ADMIN, say, in_groups=False)
    try:
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=user_id), language_code=code)
    except (TelegramBadRequest, TelegramForbiddenError) as refused:
        log.warning("an administrator's chat has no menu of its own", reason=refused.message)
