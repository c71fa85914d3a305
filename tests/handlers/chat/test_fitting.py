"""Long texts are cut below Telegram's limit, with every tag and entity whole."""

import re
from html import unescape

from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import escape

from handlers.chat.fitting import fit, length
from sandbox.telegram.html_parser import parse_html
from storage import contacts
from storage.contacts import Contact
from tests.desk.phones import missed
from tests.office import ANNA, CLIENT, Office

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\"'📞🇷🇺\n"), max_size=60)
TAGS = st.sampled_from(["b", "i", "u", "s", "code", "pre"])


def _tagged(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(inner, max_size=4).map("".join)
    linked = st.tuples(st.sampled_from(['a href="https://x.example/?a=1&amp;b=2"']), parts)
    return (st.tuples(TAGS, parts) | linked).map(lambda one: f"<{one[0]}>{one[1]}</{one[0].split()[0]}>") | parts


HTML = st.recursive(TEXTS.map(lambda text: str(escape(text))), _tagged, max_leaves=12)


def shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def balanced(html: str) -> bool:
    open_tags: list[str] = []
    for closing, tag in re.findall(r"<(/?)([a-z]+)[^>]*>", html):
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            return False
    return not open_tags


@given(HTML, st.integers(2, 80))
@example("<b>&amp;&amp;&amp;</b>", 2)
@example("📞📞", 3)
def test_what_is_cut_fits_is_balanced_and_begins_as_before(html: str, most: int) -> None:
    cut = fit(html, most)
    assert length(shown(cut)) <= most
    assert balanced(cut)
    if length(shown(html)) <= most:
        assert cut == html
    else:
        assert shown(cut).endswith("…")
        assert shown(html).startswith(shown(cut)[:-1])
        assert len(shown(cut)) > 1 or not shown(html)[: most - 1].strip() or length(shown(html)[0]) > most - 1


@given(HTML)
def test_what_is_cut_is_html_to_telegram(html: str) -> None:
    parse_html(fit(html, 20))


async def test_a_card_of_a_client_with_an_endless_name_is_shown(office: Office) -> None:
    await office.bind(office.team)
    name = "Рога & <Копыта> 📞 " * 500
    async with office.desk.db.write() as tx:
        known = Contact("+" + CLIENT, name, None, office.clock.now(), ANNA)
        await contacts.save(office.desk.db, tx, known)
    await missed(office)
    [card] = office.bot_messages(office.team)
    assert length(card.text) <= 4096
    assert card.text.startswith("🔴 Missed call · Рога & <Копыта> 📞 Рога")
    assert card.text.endswith("…")
    assert card.buttons
