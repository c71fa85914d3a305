"""Cuts HTML to Telegram's length without breaking a tag or an entity."""

import re
from html import unescape

from markupsafe import Markup

#: Telegram counts the text without tags, in UTF-16 units.
MESSAGE = 4096
CAPTION = 1024
_TOKEN = re.compile(r"<(/?)([a-zA-Z-]+)[^>]*>|&[#\w]+;|.", re.DOTALL)


def length(text: str) -> int:
    """Characters as Telegram counts them: an emoji may be two."""
    return len(text.encode("utf-16-le")) // 2


def fit(html: str, most: int = MESSAGE) -> Markup:
    """`html` as it is if it fits, else cut at its end, every tag closed, and an ellipsis put there."""
    shown = unescape(re.sub(r"<[^>]*>", "", html))
    if length(shown) <= most:
        return Markup(html)
    kept: list[str] = []
    open_tags: list[str] = []
    left = most - 1
    for match in _TOKEN.finditer(html):
        closing, tag = match.group(1), match.group(2)
        if tag:
            open_tags = open_tags[:-1] if closing else [*open_tags, tag]
        else:
            size = length(unescape(match.group()))
            if size > left:
                break
            left -= size
        kept.append(match.group())
    return Markup("".join(kept).rstrip() + "…" + "".join(f"</{tag}>" for tag in reversed(open_tags)))
