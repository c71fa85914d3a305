"""Telegram's HTML: what is understood, and the exact words for what is not."""

from __future__ import annotations

import pytest

from sandbox.telegram.errors import Refused
from sandbox.telegram.html_parser import parse_html
from sandbox.telegram.rich_text import Rich, plain, with_found


def shape(rich: Rich) -> list[tuple[str, int, int]]:
    return [(one.type, one.offset, one.length) for one in rich.entities]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("a <b>bold</b> word", "a bold word", [("bold", 2, 4)]),
        ("<strong>b</strong><em>i</em><ins>u</ins><del>s</del>", "bius", None),
        ("<B>upper</b >", "upper", [("bold", 0, 5)]),
        ("<b>any</>", "any", [("bold", 0, 3)]),
        ("📞 <code>+7</code>", "📞 +7", [("code", 3, 2)]),
        ("<b>out <i>in</i></b>", "out in", [("bold", 0, 6), ("italic", 4, 2)]),
        ("1 &lt; 2 &amp;&amp; &quot;x&quot; &#33; &copy;", '1 < 2 && "x" ! &copy;', []),
        ("<span class='tg-spoiler'>s</span>", "s", [("spoiler", 0, 1)]),
        ("<tg-spoiler>s</tg-spoiler>", "s", [("spoiler", 0, 1)]),
        ("<blockquote>q</blockquote>", "q", [("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<pre><code class='language-python'>x</code></pre>", "x", [("pre", 0, 1)]),
        ("<tg-emoji emoji-id='5368324170671202286'>👍</tg-emoji>", "👍", [("custom_emoji", 0, 2)]),
        ("<tg-time unix='1647531900' format='wDT'>then</tg-time>", "then", [("date_time", 0, 4)]),
        ("<a href='https://example.com/x?a=1&amp;b=2'>link</a>", "link", [("text_link", 0, 4)]),
        ("<a href='tg://user?id=1001'>Anna</a>", "Anna", [("text_mention", 0, 4)]),
        ("<a href='not a link'>kept as text</a>", "kept as text", []),
        ("  \n<b> x </b>\n ", "x", [("bold", 0, 1)]),
        ("<b></b>nothing", "nothing", []),
    ],
)
def test_markup_becomes_text_and_entities(
    source: str, text: str, entities: list[tuple[str, int, int]] | None
) -> None:
    rich = parse_html(source)
    assert rich.text == text
    if entities is not None:
        assert shape(rich) == entities


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("📞 <Call>", 'Unsupported start tag "call" at byte offset 5'),
        ("я <br/>", 'Unsupported start tag "br/" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("a <b>c", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<i =a>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i a=  ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a=b,c>", "Unexpected end of name token at byte offset 5"),
        ("<a href='x>", "Unclosed start tag at byte offset 0"),
        ("<tg-emoji emoji-id='x'>y</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_a_mistake_is_named_in_telegrams_words(source: str, description: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_html(source)
    assert refusal.value.status == 400
    assert refusal.value.description == f"Bad Request: can't parse entities: {description}"


@pytest.mark.parametrize(
    "source",
    [
        "a &lt;b&gt; <b>bold <i>both</i></b> <code>x</code>",
        '<a href="https://example.com/?a=1&amp;b=2">link</a> and <tg-spoiler>s</tg-spoiler>',
        '<pre><code class="language-sh">ls</code></pre>',
        '<a href="tg://user?id=1001">Anna</a> 📞 <u>under</u>',
        "<blockquote expandable>long</blockquote>",
        '<tg-time unix="1647531900" format="wDT">then</tg-time>',
    ],
)
def test_what_was_read_is_written_back_the_same(source: str) -> None:
    assert parse_html(source).html == source


def test_the_language_of_a_code_block_and_the_target_of_a_link_are_kept() -> None:
    (block,) = parse_html("<pre><code class='language-python'>x</code></pre>").entities
    (link,) = parse_html("<a href='https://example.com'>x</a>").entities
    assert (block.language, link.url) == ("python", "https://example.com/")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start now", [("bot_command", 0, 6)]),
        ("/call@ringdesk_demo_bot 8 (910) 123-45-67", [("bot_command", 0, 23), ("phone_number", 24, 17)]),
        ("call +7 910 123-45-67!", [("phone_number", 5, 16)]),
        ("order 12345, room 7/2", []),
        ("@anna_example see https://example.com/@x", [("mention", 0, 13), ("url", 18, 22)]),
        ("mail a.b@example.com #sale", [("email", 5, 15), ("hashtag", 21, 5)]),
    ],
)
def test_telegram_finds_commands_numbers_and_links_by_itself(text: str, entities: list[tuple[str, int, int]]) -> None:
    assert shape(plain(text)) == entities


def test_nothing_is_found_inside_code() -> None:
    assert shape(with_found(parse_html("<code>/start +79101234567</code>"))) == [("code", 0, 19)]
