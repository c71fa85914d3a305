"""`docs/desk.md` lists every module of the desk once, in its own words."""

from itertools import chain

from bot import desk_page


def test_every_module_has_its_subject() -> None:
    listed = list(chain.from_iterable(desk_page.SUBJECTS.values()))
    assert sorted(listed) == sorted(desk_page.modules()), "each module of desk/ once in bot/desk_page.py: SUBJECTS"


def test_the_page_is_as_the_modules_say() -> None:
    assert desk_page.PAGE.read_text(encoding="utf-8") == desk_page.page(), "write it anew: python -m bot.desk_page"
