"""The chat door: what people type and press, what they read. The only room that knows Telegram."""
