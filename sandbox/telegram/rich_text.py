"""Text with entities, as messages hold it: lengths in UTF-16 units, what Telegram finds in plain text, HTML out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of text with a meaning; `offset` and `length` count UTF-16 units, as everywhere in the Bot API."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    @property
    def end(self) -> int:
        """The first unit after it."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Rich:
    """A text and its entities, ordered as Telegram orders them: by offset, the longer first."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    html: str = field(init=False, compare=False, repr=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "html", to_html(self.text, self.entities))

    def __len__(self) -> int:
        return utf16(self.text)


def utf16(text: str) -> int:
    """The length Telegram means: an emoji outside the basic plane counts two."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def tidy(text: str, entities: Iterable[Entity]) -> Rich:
    """White space around a message is not kept; entities move and shrink with it."""
    kept = text.strip()
    skipped = utf16(text[: len(text) - len(text.lstrip())])
    limit = utf16(kept)
    moved = []
    for entity in entities:
        start, end = max(entity.offset - skipped, 0), min(entity.end - skipped, limit)
        if end > start:
            moved.append(replace(entity, offset=start, length=end - start))
    return Rich(kept, tuple(sorted(moved, key=lambda one: (one.offset, -one.length))))


#: What Telegram marks by itself in a text without being asked. Order is precedence: a link is not also a mention.
_FOUND = (
    ("url", re.compile(r"(?:https?://|www\.)[^\s<>\"]*[\w/#=&%]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("phone_number", re.compile(r"(?<![\w+])(?:\+\d(?:[ ()-]{0,2}\d){8,14}|8(?:[ ()-]{0,2}\d){10})(?!\w)")),
    ("hashtag", re.compile(r"(?<!\w)#(?=\w*[^\W\d])\w+")),
)

#: Nothing is looked for inside these.
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"})


def with_found(rich: Rich) -> Rich:
    """The text with commands, mentions, links, addresses, numbers and hashtags marked as Telegram marks them."""
    taken = [(one.offset, one.end) for one in rich.entities if one.type in _OPAQUE]
    found = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(rich.text):
            start = utf16(rich.text[: match.start()])
            end = start + utf16(match.group())
            if not any(start < busy_end and busy_start < end for busy_start, busy_end in taken):
                taken.append((start, end))
                found.append(Entity(kind, start, end - start))
    merged = sorted((*rich.entities, *found), key=lambda one: (one.offset, -one.length))
    return Rich(rich.text, tuple(merged))


def plain(text: str) -> Rich:
    """What becomes of a text somebody typed."""
    return with_found(tidy(text, ()))


#: How an entity is written back as HTML; those Telegram found by itself need no tag.
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}


def _tags(entity: Entity) -> tuple[str, str]:
    match entity.type:
        case "text_link":
            return f'<a href="{escape(entity.url or "")}">', "</a>"
        case "text_mention":
            return f'<a href="tg://user?id={entity.user_id}">', "</a>"
        case "pre" if entity.language:
            return f'<pre><code class="language-{escape(entity.language)}">', "</code></pre>"
        case "pre":
            return "<pre>", "</pre>"
        case "expandable_blockquote":
            return "<blockquote expandable>", "</blockquote>"
        case "custom_emoji":
            return f'<tg-emoji emoji-id="{escape(entity.custom_emoji_id or "")}">', "</tg-emoji>"
        case "date_time":
            how = f' format="{escape(entity.date_time_format)}"' if entity.date_time_format else ""
            return f'<tg-time unix="{entity.unix_time}"{how}>', "</tg-time>"
    tag = _TAGS.get(entity.type)
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def to_html(text: str, entities: Sequence[Entity]) -> str:
    """The text as HTML in Telegram's own tags, everything else escaped: safe to show on a page."""
    units = text.encode("utf-16-le")

    def cut(start: int, end: int) -> str:
        return escape(units[start * 2 : end * 2].decode("utf-16-le", "replace"), quote=False)

    def render(start: int, end: int, inside: Sequence[Entity]) -> str:
        written, at = [], start
        rest = list(inside)
        while rest:
            outer = rest.pop(0)
            if outer.offset < at or not any(_tags(outer)):
                continue
            stop = min(outer.end, end)
            nested = [one for one in rest if outer.offset <= one.offset and one.end <= stop]
            rest = [one for one in rest if one not in nested]
            before, after = _tags(outer)
            written += [cut(at, outer.offset), before, render(outer.offset, stop, nested), after]
            at = stop
        return "".join(written) + cut(at, end)

    return render(0, len(units) // 2, entities)


def entity_json(entity: Entity, users: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A MessageEntity; a mention of a person carries that User."""
    written = {key: value for key, value in asdict(entity).items() if value is not None}
    if (user_id := written.pop("user_id", None)) is not None:
        written["user"] = users.get(user_id, {"id": user_id, "is_bot": False, "first_name": ""})
    return written


def entities_from_json(given: Iterable[dict[str, Any]]) -> tuple[Entity, ...]:
    """Entities a bot sent itself instead of a parse mode."""
    names = {"type", "offset", "length", "url", "language", "custom_emoji_id", "unix_time", "date_time_format"}
    return tuple(
        Entity(
            **{key: value for key, value in one.items() if key in names},
            user_id=one["user"]["id"] if one.get("user") else None,
        )
        for one in given
    )
