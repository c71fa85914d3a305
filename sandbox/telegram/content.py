"""From a request's parameters to what a message holds: texts, keyboards, files, each checked as Telegram checks."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram import rich_text
from sandbox.telegram.errors import Refused, bad_request
from sandbox.telegram.html_parser import parse_html
from sandbox.telegram.model import Button, Chat, Keyboard, Media, Message, StoredFile
from sandbox.telegram.params import Params, Upload
from sandbox.telegram.rich_text import Rich
from sandbox.telegram.state import State

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_BUTTONS = 100
MOST_PHOTO_BYTES = 10 * 1024 * 1024

#: Folder in a file's path, and the mime type when the bot names none.
FOLDERS = {"photo": "photos", "audio": "music", "document": "documents", "voice": "voice", "video": "videos"}
MIMES = {
    "photo": "image/jpeg",
    "audio": "audio/mpeg",
    "document": "application/octet-stream",
    "voice": "audio/ogg",
    "video": "video/mp4",
}
DETAILS = {
    "audio": ("duration", "performer", "title"),
    "voice": ("duration",),
    "video": ("duration", "width", "height"),
}


def formatted(text: str, parse_mode: str | None, entities: list[Any] | None) -> Rich:
    """A text with its formatting read. Of the parse modes only HTML is spoken here."""
    if parse_mode and parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    typed = rich_text.tidy(text, rich_text.entities_from_json(entities or ()))
    return rich_text.with_found(parse_html(text) if parse_mode else typed)


def body_text(params: Params) -> Rich:
    """The `text` of sendMessage and editMessageText: 1 to 4096 UTF-16 units once the tags are gone."""
    rich = formatted(params.text("text") or "", params.text("parse_mode"), params.items("entities", "entities"))
    if not rich.text:
        raise bad_request("message text is empty")
    if len(rich) > MOST_TEXT:
        raise bad_request("message is too long")
    return rich


def caption(params: Params) -> Rich:
    """The `caption` of media: up to 1024 UTF-16 units."""
    rich = formatted(
        params.text("caption") or "",
        params.text("parse_mode"),
        params.items("caption_entities", "caption entities"),
    )
    if len(rich) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    return rich


# Keyboards

_ACTIONS = frozenset(
    {"url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "disabled"}
    | {"switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game", "pay"}
)


def _button(given: Any) -> Button:
    if not isinstance(given, dict):
        raise bad_request("can't parse inline keyboard button: Field must be of type Object")
    text = given.get("text")
    if isinstance(text, str) and not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not isinstance(text, str):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not _ACTIONS & given.keys():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data, url = given.get("callback_data"), given.get("url")
    if data is not None and not 1 <= len(str(data).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not _usable(str(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return Button(text, data, url, given)


def _usable(url: str) -> bool:
    """tg://… and web addresses whose host looks like one: Telegram refuses http://localhost."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme == "tg":
        return bool(parts.netloc)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https", "ton") and re.fullmatch(r"[^\s.]+(\.[^\s.]+)+", host) is not None


def _inline(given: Any) -> Keyboard:
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request("can't parse inline keyboard: expected an Array of Arrays")
    keyboard = tuple(tuple(_button(one) for one in row) for row in given if row)
    if sum(map(len, keyboard)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def markup(params: Params, chat: Chat) -> tuple[Keyboard, Mapping[str, Any] | None]:
    """The `reply_markup`: inline buttons, or a keyboard under the input field as the bot sent it."""
    given = params.object("reply_markup", "reply keyboard markup")
    if "inline_keyboard" in given:
        return _inline(given["inline_keyboard"]), None
    if not given:
        return (), None
    rows = given.get("keyboard", ())
    asks = [one for row in rows for one in row if isinstance(one, dict) and one.get("request_contact")]
    if asks and chat.is_group:
        raise bad_request("phone number can be requested in private chats only")
    return (), given


def inline_markup(params: Params) -> Keyboard:
    """The `reply_markup` of an edit, which can only be inline."""
    given = params.object("reply_markup", "inline keyboard")
    return _inline(given["inline_keyboard"]) if "inline_keyboard" in given else ()


# Replies and threads


def replied_to(params: Params, chat: Chat) -> int | None:
    """The id `reply_parameters` (or the older `reply_to_message_id`) names, checked to be there."""
    given = params.object("reply_parameters", "reply parameters")
    message_id = given.get("message_id", params.integer("reply_to_message_id"))
    if not message_id:
        return None
    message = chat.messages.get(int(message_id))
    if message is None or message.deleted:
        if given.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return message.id


def thread(params: Params, chat: Chat, state: State, reply_to: int | None) -> int | None:
    """The topic to write into; a reply without one goes where the replied message is."""
    thread_id = params.integer("message_thread_id")
    if thread_id is None and reply_to and chat.forum:
        thread_id = chat.messages[reply_to].thread_id
    if not thread_id:
        return None
    topic = chat.topics.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not state.bot_may(chat, "can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread_id


# Files


def _image_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; a plausible size for other pictures; 400 for what is no picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith((b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")):
        return 1280, 720
    raise bad_request("IMAGE_PROCESS_FAILED")


def media(kind: str, reference: Any, params: Params, state: State, details: Mapping[str, Any]) -> Media:
    """The file a parameter means: one that came along, `attach://part`, or the id of one sent before."""
    file = _file(kind, reference, params, state)
    known = {name: details[name] for name in DETAILS.get(kind, ()) if details.get(name) is not None}
    known |= {name: int(known[name]) for name in ("duration", "width", "height") if name in known}
    if kind == "photo":
        known["width"], known["height"] = _image_size(file.content)
    elif kind in ("audio", "voice", "video"):
        known.setdefault("duration", 0)
    return Media(kind, file, known)


def _file(kind: str, reference: Any, params: Params, state: State) -> StoredFile:
    if isinstance(reference, str) and reference.startswith("attach://"):
        reference = params.files.get(reference.removeprefix("attach://"))
    if isinstance(reference, Upload):
        return _stored(kind, reference, state)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference in state.files:
        return state.files[reference]
    if str(reference).startswith(("http://", "https://")):
        # Telegram would fetch it from outside; nothing of a simulated office can be reached from there.
        raise bad_request("failed to get HTTP URL content")
    raise bad_request("invalid file_id: wrong remote file identifier specified: Wrong string length")


def _stored(kind: str, upload: Upload, state: State) -> StoredFile:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(upload.content) > MOST_PHOTO_BYTES:
        raise Refused(413, "Request Entity Too Large")
    mime = MIMES[kind] if upload.mime == "application/octet-stream" else upload.mime
    return state.store(upload.content, kind=FOLDERS[kind], name=upload.name, mime=mime)


def same(message: Message, body: Rich, buttons: Keyboard, carried: Media | None) -> bool:
    """Whether an edit would change nothing."""
    return (
        body == message.body
        and [[one.raw for one in row] for row in buttons] == [[one.raw for one in row] for row in message.buttons]
        and (carried.file.unique_id if carried else None) == (message.media.file.unique_id if message.media else None)
    )
