"""The chat door: what people type and press, what they read. The only room that knows Telegram."""

from handlers.chat import library

library.bring_in()
