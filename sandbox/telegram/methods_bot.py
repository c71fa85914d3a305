"""Bot API methods about the bot itself: who it is, how it gets updates, its commands and descriptions."""

from __future__ import annotations

import re
from typing import Any

from sandbox.telegram import wire
from sandbox.telegram.api import Api, Method, Methods
from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Params
from sandbox.telegram.polling import checked_url
from sandbox.telegram.profile import scope_key
from sandbox.telegram.updates import Webhook

method = Methods()


@method("getMe")
async def get_me(api: Api, params: Params) -> Any:
    return wire.user_json(api.world.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not api.world.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": api.world.profile.has_main_web_app,
    }


@method("logOut")
async def log_out(api: Api, params: Params) -> bool:
    return True


@method("close")
async def close(api: Api, params: Params) -> bool:
    return True


# Updates


@method("getUpdates")
async def get_updates(api: Api, params: Params) -> Any:
    limit = params.integer("limit")
    api.world.updates.allow(params.items("allowed_updates", "allowed updates"))
    return await api.polling.take(
        params.integer("offset") or 0, 100 if limit is None else limit, params.integer("timeout") or 0
    )


@method("setWebhook")
async def set_webhook(api: Api, params: Params) -> bool:
    """An empty url deletes the webhook, as the docs say."""
    url = params.text("url") or ""
    secret = params.text("secret_token") or ""
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    most = params.integer("max_connections") or 40
    if not 1 <= most <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if url:
        api.polling.end("terminated by setWebhook request")
    api.world.updates.allow(params.items("allowed_updates", "allowed updates"))
    return _webhook(api, params, Webhook(checked_url(url), secret, most) if url else Webhook())


@method("deleteWebhook")
async def delete_webhook(api: Api, params: Params) -> bool:
    return _webhook(api, params, Webhook())


def _webhook(api: Api, params: Params, webhook: Webhook) -> bool:
    if params.flag("drop_pending_updates"):
        api.world.updates.drop()
    current = api.world.webhook
    current.url, current.secret = webhook.url, webhook.secret
    current.max_connections = webhook.max_connections
    current.last_error, current.last_error_at = "", None
    api.deliverer.restart()
    return True


@method("getWebhookInfo")
async def get_webhook_info(api: Api, params: Params) -> Any:
    webhook, updates = api.world.webhook, api.world.updates
    written: dict[str, Any] = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.waiting),
    }
    if webhook.url:
        written |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
    if webhook.last_error_at:
        written |= {
            "last_error_date": wire.stamp(webhook.last_error_at),
            "last_error_message": webhook.last_error,
        }
    if updates.allowed is not None:
        written["allowed_updates"] = sorted(updates.allowed)
    return written


# Commands


def _scope(api: Api, params: Params) -> tuple[str, str]:
    """Of a single chat, only one that was opened."""
    scope = params.object("scope", "bot command scope") or {"type": "default"}
    chat = api.world.chats.get(scope.get("chat_id", 0))
    if "chat_id" in scope and (chat is None or (chat.kind == "private" and not chat.started)):
        raise bad_request("chat not found")
    return scope_key(scope), params.text("language_code") or ""


def _command(given: dict[str, Any]) -> dict[str, str]:
    name = str(given.get("command", "")).removeprefix("/")
    words = str(given.get("description", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(words) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": words}


@method("setMyCommands")
async def set_my_commands(api: Api, params: Params) -> bool:
    given = params.items("commands", "commands")
    if given is None:
        raise bad_request("can't parse commands: expected an Array")
    if len(given) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    api.world.profile.commands[_scope(api, params)] = [_command(one) for one in given]
    api.world.feed.tell({"kind": "commands"})
    return True


@method("getMyCommands")
async def get_my_commands(api: Api, params: Params) -> Any:
    return api.world.profile.commands.get(_scope(api, params), [])


@method("deleteMyCommands")
async def delete_my_commands(api: Api, params: Params) -> bool:
    api.world.profile.commands.pop(_scope(api, params), None)
    api.world.feed.tell({"kind": "commands"})
    return True


# Name and descriptions: field of the answer, most characters


_WORDS = {"Name": ("name", 64), "Description": ("description", 512), "ShortDescription": ("short_description", 120)}


def _setter(field: str, most: int) -> Method:
    async def set_words(api: Api, params: Params) -> bool:
        words = params.text(field) or ""
        if len(words) > most:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        api.world.profile.words[field, params.text("language_code") or ""] = words
        return True

    return set_words


def _getter(field: str) -> Method:
    async def get_words(api: Api, params: Params) -> Any:
        language = params.text("language_code") or ""
        plain = api.world.profile.words.get((field, ""), api.world.bot.first_name if field == "name" else "")
        return {field: api.world.profile.words.get((field, language)) or plain}

    return get_words


for _name, (_field, _most) in _WORDS.items():
    method(f"setMy{_name}")(_setter(_field, _most))
    method(f"getMy{_name}")(_getter(_field))


@method("setChatMenuButton")
async def set_chat_menu_button(api: Api, params: Params) -> bool:
    """Without a chat_id the default of all private chats."""
    button = params.object("menu_button", "menu button") or {"type": "default"}
    api.world.profile.menu_buttons[params.integer("chat_id") or 0] = button
    return True


@method("getChatMenuButton")
async def get_chat_menu_button(api: Api, params: Params) -> Any:
    buttons = api.world.profile.menu_buttons
    return buttons.get(params.integer("chat_id") or 0) or buttons.get(0) or {"type": "commands"}
