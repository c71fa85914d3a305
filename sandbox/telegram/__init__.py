"""A Telegram Bot API stand-in over real HTTP: a small world of people and chats, and one bot's view of it."""

from sandbox.telegram.errors import Refused
from sandbox.telegram.feed import Change, Watcher
from sandbox.telegram.journal import Journal, Request
from sandbox.telegram.limits import Limits, Refusal
from sandbox.telegram.model import Button, Chat, Contact, Media, Message, StoredFile, Topic, User
from sandbox.telegram.serve import TOKEN, TelegramStandIn
from sandbox.telegram.server import bot_api
from sandbox.telegram.weather import Weather
from sandbox.telegram.world import Answer, Press, World

__all__ = [
    "TOKEN",
    "Answer",
    "Button",
    "Change",
    "Chat",
    "Contact",
    "Journal",
    "Limits",
    "Media",
    "Message",
    "Press",
    "Refusal",
    "Refused",
    "Request",
    "StoredFile",
    "TelegramStandIn",
    "Topic",
    "User",
    "Watcher",
    "Weather",
    "World",
    "bot_api",
]
