"""A summary's picture as the chat gets it, by way of the painter's thread, against the drawing alone."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.frame import Pair, Row
from desk.periods import Days
from desk.summaries import Bar, Summary, Tally
from desk.views import SummaryView
from handlers.chat import summary_picture
from handlers.chat.texts import Texts

ROWS = (Row("the picture of /summary", "its matplotlib draw alone", " ms", at_most=1.2),)
#: Pictures of a round; before that one that imports what is needed.
PICTURES = 5
TITLE, ZONE = "This month: 12 345 calls, 456 of them missed", ZoneInfo("Europe/Moscow")
#: A month has the most bars.
DAYS = Days(date(2026, 3, 1), date(2026, 4, 1))


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    summary_picture.PATIENCE = 60.0
    view, say = _view(), Texts("en", ZONE)
    chart = summary_picture.chart(view, TITLE, say)
    summary_picture.draw(chart)
    for _ in range(count):
        whole, alone = [], []
        for _ in range(PICTURES):
            began = time.perf_counter()
            asyncio.run(_shown(view, say))
            between = time.perf_counter()
            summary_picture.draw(chart)
            whole.append(between - began)
            alone.append(time.perf_counter() - between)
        yield (Pair(median(whole) * 1000, median(alone) * 1000),)


async def _shown(view: SummaryView, say: Texts) -> None:
    if await summary_picture.of(view, TITLE, say) is None:
        raise RuntimeError("there is no picture")


def _view() -> SummaryView:
    bars = tuple(
        Bar(DAYS.first + timedelta(days=day), None, 300 + day * 7 % 90, 10 + day * 5 % 17, day * 3 % 8)
        for day in range(DAYS.count)
    )
    span, summary = DAYS.span(ZONE), Summary(calls=Tally(incoming=12_345))
    return SummaryView(DAYS, span, span, ZONE, summary, Summary(), bars, (), (), ())
