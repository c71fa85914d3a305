"""Telegram's HTML, read as strictly as Telegram reads it, with its own words for every mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

from sandbox.telegram.errors import Refused, bad_request
from sandbox.telegram.rich_text import Entity, Rich, tidy, utf16

#: Tag to entity type; the four that need their attributes looked at have an empty type.
TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "",
    "tg-emoji": "",
    "tg-time": "",
}

#: The only named references Telegram knows; any other stays as it was written.
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-zA-Z]+));?")

#: TDLib counts the end of the text among the spaces.
_END = "\0"
_SPACES = " \t\r\n\v" + _END


def mistake(what: str) -> Refused:
    """400 with Telegram's prefix for markup it can't read."""
    return bad_request(f"can't parse entities: {what}")


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    begin: int


class _Reader:
    """One pass over a text; positions are reported in bytes of UTF-8, offsets kept in UTF-16 units."""

    def __init__(self, source: str) -> None:
        self.source = source.replace(_END, "") + _END
        self.at = 0
        self.written: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    @property
    def here(self) -> str:
        return self.source[self.at]

    def until(self, stops: str) -> str:
        start = self.at
        while self.here not in stops:
            self.at += 1
        return self.source[start : self.at]

    def skip_spaces(self) -> None:
        while self.here in _SPACES and self.here != _END:
            self.at += 1

    def write(self, text: str) -> None:
        self.written.append(text)
        self.offset += utf16(text)

    def reference(self) -> str:
        """The character a reference stands for; the bare ampersand if it stands for none."""
        match = _REFERENCE.match(self.source, self.at)
        if match:
            decimal, hexadecimal, name = match.groups()
            code = int(decimal or hexadecimal or "0", 10 if decimal else 16)
            character = _NAMED.get(name or "") or (chr(code) if 0 < code < 0x10FFFF else "")
            if character:
                self.at = match.end()
                return character
        self.at += 1
        return "&"

    def read(self) -> Rich:
        while self.here != _END:
            if self.here == "&":
                self.write(self.reference())
            elif self.here != "<":
                self.write(self.here)
                self.at += 1
            elif self.source[self.at + 1] == "/":
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            raise mistake(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return tidy("".join(self.written), [_without_language_of_code(one) for one in self.entities])

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self.until(_SPACES + ">").lower()
        if self.here == _END:
            raise mistake(f"Unclosed start tag at byte offset {self.byte(begin)}")
        if tag not in TAGS:
            raise mistake(f'Unsupported start tag "{tag}" at byte offset {self.byte(begin)}')
        attributes: dict[str, str] = {}
        self.skip_spaces()
        while self.here != ">":
            name, value = self.attribute(tag, begin)
            attributes[name] = value
            self.skip_spaces()
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise mistake(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(begin)}')
        self.open.append(_Open(tag, attributes, self.offset, len("".join(self.written))))

    def attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self.until(_SPACES + "=>").lower()
        if not name and self.here != _END:
            raise mistake(f'Empty attribute name in the tag "{tag}" at byte offset {self.byte(begin)}')
        self.skip_spaces()
        value = ""
        if self.here == "=":
            self.at += 1
            self.skip_spaces()
            if self.here == _END:
                raise mistake(f'Unclosed start tag "{tag}" at byte offset {self.byte(begin)}')
            value = self.quoted() if self.here in "'\"" else self.bare()
        if self.here == _END:
            raise mistake(f"Unclosed start tag at byte offset {self.byte(begin)}")
        return name, value

    def bare(self) -> str:
        """An unquoted value: letters, digits, periods and hyphens, whose case doesn't count."""
        begin = self.at
        while self.here.isascii() and (self.here.isalnum() or self.here in ".-"):
            self.at += 1
        if self.here not in _SPACES + ">":
            raise mistake(f"Unexpected end of name token at byte offset {self.byte(begin)}")
        return self.source[begin : self.at].lower()

    def quoted(self) -> str:
        quote, value = self.here, ""
        self.at += 1
        while self.here not in (quote, _END):
            if self.here == "&":
                value += self.reference()
            else:
                value += self.here
                self.at += 1
        if self.here == quote:
            self.at += 1
        return value

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise mistake(f"Unexpected end tag at byte offset {self.byte(begin)}")
        self.at += 2
        found = self.until(_SPACES + ">")
        self.skip_spaces()
        if self.here != ">":
            raise mistake(f"Unclosed end tag at byte offset {self.byte(begin)}")
        self.at += 1
        tag = self.open.pop()
        if found and found != tag.tag:
            raise mistake(
                f'Unmatched end tag at byte offset {self.byte(begin)}, expected "</{tag.tag}>", found "</{found}>"'
            )
        if self.offset > tag.offset:
            self.close(tag)

    def close(self, tag: _Open) -> None:
        entity = Entity(TAGS[tag.tag], tag.offset, self.offset - tag.offset)
        attributes = tag.attributes
        match tag.tag:
            case "a":
                url = attributes.get("href") or "".join(self.written)[tag.begin :]
                linked = _link(entity, url)
                if linked is None:
                    return
                entity = linked
            case "tg-emoji":
                emoji = attributes.get("emoji-id", "")
                if not emoji.isdigit():
                    raise mistake("Invalid custom emoji identifier specified")
                entity = replace(entity, type="custom_emoji", custom_emoji_id=emoji)
            case "tg-time":
                if not attributes.get("unix", "").isdigit():
                    raise mistake("Invalid date specified")
                how = attributes.get("format") or None
                entity = replace(entity, type="date_time", unix_time=int(attributes["unix"]), date_time_format=how)
            case "blockquote" if "expandable" in attributes:
                entity = replace(entity, type="expandable_blockquote")
            case "code" if attributes.get("class", "").startswith("language-"):
                entity = replace(entity, language=attributes["class"].removeprefix("language-"))
        self.add(entity)

    def add(self, entity: Entity) -> None:
        """`<pre><code class="language-x">`, either way round, is one pre with a language."""
        last = self.entities[-1] if self.entities else None
        if last and {last.type, entity.type} == {"pre", "code"}:
            language = last.language or entity.language
            if language and (last.offset, last.length) == (entity.offset, entity.length):
                self.entities[-1] = replace(last, type="pre", language=language)
                return
        self.entities.append(entity)


def _without_language_of_code(entity: Entity) -> Entity:
    return replace(entity, language=None) if entity.type == "code" else entity


def _link(entity: Entity, url: str) -> Entity | None:
    """A link, a mention by id, or nothing at all: Telegram drops the tag of an address it can't use."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme == "tg" and parts.netloc == "user":
        user = parse_qs(parts.query).get("id", [""])[0]
        return replace(entity, type="text_mention", user_id=int(user)) if user.isdigit() else None
    host = parts.hostname or ""
    known = parts.scheme in ("http", "https", "tg", "ton", "tonsite", "ftp")
    if not known or (parts.scheme in ("http", "https") and "." not in host) or any(c.isspace() for c in url):
        return None
    if "://" not in url or (not parts.path and parts.scheme in ("http", "https")):
        url = parts._replace(path=parts.path or "/").geturl()
    return replace(entity, type="text_link", url=url)


def parse_html(source: str) -> Rich:
    """The text and entities of `source`; raises `Refused` with Telegram's description of the first mistake."""
    return _Reader(source).read()
