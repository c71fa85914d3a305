"""Keeps the menus that Telegram shows as they should be, and what the bot says of itself.

In private everybody is shown a guest's menu, and whoever may do more one of their own, in the language in which we
speak to them. What Telegram was told is written down, so that it is told only what differs, after a restart too.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from itertools import islice

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from desk import access
from desk.access import Rank
from desk.office import Desk
from handlers.chat import board_key
from handlers.chat.menu import about, described, offered
from handlers.chat.texts import LANGUAGES, Texts
from storage import memory
from storage.database import DatabaseUnavailable
from storage.people import Person

log = structlog.get_logger()

#: Seconds between looks if nobody rings: the PBX gives and takes roles too.
IDLE = 600.0
#: Requests of one look, and the seconds until the next if there are more: nobody says how many Telegram takes.
AT_ONCE, PAUSE = 30, 10.0
#: Seconds between tries while Telegram or the database is out of reach.
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
#: By this name it is written down what Telegram was told.
KEPT = "menus"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one place should show, by one request. `mark` differs whenever it does; None: no menu of its own."""

    mark: str | None
    tell: Callable[[], Awaitable[object]]


class Menus:
    """`run` while this process leads."""

    def __init__(self, desk: Desk, bot: Bot) -> None:
        self._desk = desk
        self._bot = bot

    async def run(self) -> None:
        """Look for ever, at once when rung; cancelled to stop."""
        delay = FIRST_DELAY
        while True:
            try:
                pause = await self.look()
            except TelegramRetryAfter as later:
                log.warning("Telegram takes menus later", seconds=later.retry_after)
                await self._desk.clock.sleep(later.retry_after)
            except (TelegramAPIError, ClientDecodeError, DatabaseUnavailable) as error:
                log.warning("menus wait", reason=type(error).__name__)
                await self._desk.clock.sleep(delay)
                delay = min(2 * delay, LONGEST_DELAY)
            else:
                delay = FIRST_DELAY
                await self._desk.menus.wait(self._desk.clock, pause)

    async def look(self) -> float:
        """Tell Telegram what differs, so much at a time; seconds until the next look is due.

        Raises aiogram's errors, but for what Telegram refuses for good, and `DatabaseUnavailable`.
        """
        async with self._desk.db.read() as tx:
            told: dict[str, str] = json.loads(await memory.recall(tx, "", KEPT) or "{}")
            ranked = await access.ranked(self._desk, tx)
        wishes = dict(self._for_all()) | dict(self._for_each(ranked))
        wishes |= {key: self._none_any_more(key) for key in told.keys() - wishes.keys() if key.isdecimal()}
        differing = {key: wish for key, wish in wishes.items() if told.get(key) != wish.mark}
        try:
            for key, wish in islice(differing.items(), AT_ONCE):
                await self._tell(key, wish)
                told[key] = wish.mark or ""
        finally:
            if differing:
                await self._keep({key: mark for key, mark in told.items() if mark})
        return PAUSE if len(differing) > AT_ONCE else IDLE

    async def _tell(self, key: str, wish: _Wish) -> None:
        """What is refused is not asked again until something else is to be shown there."""
        try:
            await wish.tell()
        except (TelegramBadRequest, TelegramForbiddenError) as refused:
            log.warning("Telegram does not take a menu", of=key, reason=refused.message)

    async def _keep(self, told: dict[str, str]) -> None:
        async with self._desk.db.write() as tx:
            await memory.keep(self._desk.db, tx, "", KEPT, json.dumps(told), self._desk.clock.now())

    # What should be shown

    def _for_all(self) -> Iterator[tuple[str, _Wish]]:
        """In each language, and for whoever speaks none of ours."""
        desk, bot = self._desk, self._bot
        for code in (None, *LANGUAGES):
            say = self._speaking(code)
            long, short = (str(words.unescape()) for words in about(say))
            for rank, in_groups, scope in _PLACES:
                commands = _commands(desk, rank, say, in_groups=in_groups)
                tell = partial(bot.set_my_commands, commands, scope=scope, language_code=code)
                yield f"{scope.type} {code}", self._wish(commands, tell)
            tell_long = partial(bot.set_my_description, long, language_code=code)
            tell_short = partial(bot.set_my_short_description, short, language_code=code)
            yield f"description {code}", self._wish(long, tell_long)
            yield f"short description {code}", self._wish(short, tell_short)
        button = board_key.menu_button(desk, self._speaking(None))  # Telegram has one, whatever people speak
        yield "board", self._wish(button, partial(bot.set_chat_menu_button, menu_button=button))

    def _for_each(self, ranked: list[tuple[Person, Rank]]) -> Iterator[tuple[str, _Wish]]:
        """In the private chats of those who may do more than a guest. Only a chat that was opened can have a menu."""
        menu = cache(lambda rank, code: _commands(self._desk, rank, self._speaking(code), in_groups=False))
        for person, rank in ranked:
            if person.reachable and rank > Rank.GUEST:
                commands = menu(rank, person.language)
                scope = BotCommandScopeChat(chat_id=person.user_id)
                yield str(person.user_id), self._wish(commands, partial(self._bot.set_my_commands, commands, scope))

    def _none_any_more(self, key: str) -> _Wish:
        """Theirs is a guest's again, or they have left us."""
        return _Wish(None, partial(self._bot.delete_my_commands, BotCommandScopeChat(chat_id=int(key))))

    def _wish(self, what: object, tell: Callable[[], Awaitable[object]]) -> _Wish:
        return _Wish(sha256(repr((self._bot.id, what)).encode()).hexdigest()[:12], tell)

    def _speaking(self, code: str | None) -> Texts:
        office = self._desk.office
        return Texts(code if code in LANGUAGES else office.language, office.timezone)


#: What a rank sees in the chats of a kind; whether those are groups.
_PLACES: tuple[tuple[Rank, bool, BotCommandScopeUnion], ...] = (
    (Rank.GUEST, False, BotCommandScopeAllPrivateChats()),
    (Rank.MANAGER, True, BotCommandScopeAllGroupChats()),
    (Rank.ADMIN, True, BotCommandScopeAllChatAdministrators()),
)


def _commands(desk: Desk, rank: Rank, say: Texts, *, in_groups: bool) -> list[BotCommand]:
    words = described(say)
    return [
        BotCommand(command=one.name, description=str(words[one.name].unescape()))
        for one in offered(desk)
        if one.rank <= rank and (one.in_groups or not in_groups or rank is Rank.ADMIN)
    ]
