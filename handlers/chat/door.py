"""The chat door, put together: which routers there are, and in what order they are asked."""

from collections.abc import Callable

from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode

from desk.clock import Clock
from desk.limits import Limits
from desk.office import Desk
from handlers.chat import (
    active,
    acts,
    blacklist,
    calling,
    card_buttons,
    contact_files,
    contacts,
    departments,
    dnd,
    employees,
    history,
    lines_page,
    linking,
    membership,
    missed,
    notes,
    number_actions,
    numbers_page,
    otherwise,
    recording_page,
    recordings,
    roles,
    settings,
    start,
    status,
    summary,
    team,
    walkthrough,
    who,
)
from handlers.chat import connect as connecting
from handlers.chat.messenger import KeepsLimits
from handlers.chat.scene import SetsTheScene
from handlers.chat.typing_shown import ShowsTyping

#: Asked in this order; the first that knows the update has it. What reads free text comes last.
ROUTERS: list[Callable[[], Router]] = [
    membership.router,
    start.router,
    walkthrough.router,
    linking.router,
    team.router,
    employees.router,
    roles.router,
    departments.router,
    numbers_page.router,
    lines_page.router,
    recording_page.router,
    recordings.router,
    connecting.router,
    settings.router,
    status.router,
    acts.router,
    history.router,
    missed.router,
    summary.router,
    active.router,
    who.router,
    card_buttons.router,
    calling.router,
    dnd.router,
    blacklist.router,
    contacts.router,
    contact_files.router,
    notes.router,
    number_actions.router,
    otherwise.router,
]


def connect(token: str, api_url: str, *, proxy: str, limits: Limits, clock: Clock) -> Bot:
    """The bot, speaking to `api_url`, through `proxy` if there is one, within Telegram's limits."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), proxy=proxy or None)
    session.middleware(KeepsLimits(limits, clock))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


def dispatcher(desk: Desk) -> Dispatcher:
    """Hands updates to the routers, each with its scene set."""
    built = Dispatcher(disable_fsm=True, desk=desk)
    built.update.outer_middleware(SetsTheScene(desk))
    built.message.middleware(ShowsTyping())
    for router in ROUTERS:
        built.include_router(router())
    return built
