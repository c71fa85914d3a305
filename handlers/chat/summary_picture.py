"""A summary's one picture: when clients called, answered and missed calls on one another, the unreturned marked.

Drawn in a thread, one at a time; who waits for it does so for some seconds only, since a summary goes without.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import structlog
from aiogram.types import BufferedInputFile
from babel.dates import format_date

from desk.periods import A_WEEK
from desk.summaries import DAYS_SHOWN, Bar
from desk.views import SummaryView
from handlers.chat.texts import Texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

log = structlog.get_logger()

#: Seconds until a summary goes without its picture.
PATIENCE = 5.0
#: Inches and dots: 1080 by 720 pixels, which a phone shows at a third of their size.
SIZE, DPI = (7.2, 4.8), 150
#: Hours that are always there, so that days look alike.
FIRST_HOUR, LAST_HOUR = 9, 18
#: Characters under the bars that a phone has room for, and in the title.
LABELS, TITLE = 50, 42
#: A ground of its own, for chats that are light or dark. Told apart by the colour-blind too, and by the hatching.
GROUND, INK, FAINT = "#ffffff", "#1f2933", "#d5dae0"
ANSWERED, MISSED, UNRETURNED = "#2b6cb0", "#f2b134", "#b3261e"

_PAINTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")


@dataclass(frozen=True, slots=True)
class Chart:
    """What is to be drawn, in words and numbers."""

    title: str
    legend: tuple[str, str, str]
    """Of the answered calls, the missed ones that are settled, and those that are not."""
    labels: tuple[str, ...]
    answered: tuple[int, ...]
    returned: tuple[int, ...]
    unreturned: tuple[int, ...]


async def of(view: SummaryView, title: str, say: Texts) -> BufferedInputFile | None:
    """The picture; None where there is nothing to show, or it can't be drawn (in time)."""
    if not view.summary.calls.incoming:
        return None
    try:
        work = asyncio.get_running_loop().run_in_executor(_PAINTER, draw, chart(view, title, say))
        png = await asyncio.wait_for(work, PATIENCE)
    except Exception:  # whatever is wrong with it, the words must come
        log.exception("a summary goes without its picture")
        return None
    return BufferedInputFile(png, f"summary-{view.days.first}.png")


def chart(view: SummaryView, title: str, say: Texts) -> Chart:
    """The bars that tell something; of a day the working hours, and whatever lies outside and had calls."""
    shown = _trimmed(view.bars) if view.days.count == 1 else view.bars
    return Chart(
        title=title,
        legend=(_plain(say("Answered")), _plain(say("Missed")), _plain(say("Not returned"))),
        labels=tuple(_label(bar, len(shown), say) for bar in shown),
        answered=tuple(bar.answered for bar in shown),
        returned=tuple(bar.missed - bar.unreturned for bar in shown),
        unreturned=tuple(bar.unreturned for bar in shown),
    )


def _trimmed(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    busy = [hour for hour, bar in enumerate(bars) if bar.answered or bar.missed]
    return bars[min([FIRST_HOUR, *busy]) : max([LAST_HOUR, *busy]) + 1]


def _label(bar: Bar, count: int, say: Texts) -> str:
    """``14`` for an hour, ``Mon 16`` for one of a few days, ``16 Mar`` for one of many and for a week."""
    if bar.hour is not None:
        return f"{bar.hour}"
    pattern = "ccc d" if count <= A_WEEK.days else "d MMM"
    return str(format_date(bar.day, pattern, locale=say.language))


def _plain(words: object) -> str:
    return str(getattr(words, "unescape", lambda: words)())


def draw(drawn: Chart) -> bytes:
    """A PNG. Needs no display, touches no global state; matplotlib is imported when it is first needed."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor=GROUND, layout=layout)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot(facecolor=GROUND)
    size = 17 * min(1, TITLE / max(len(drawn.title), 1))
    axes.set_title(drawn.title, fontsize=size, color=INK, loc="left", pad=38, fontweight="bold", parse_math=False)
    _bars(axes, drawn)
    _frame(axes, drawn)
    written = BytesIO()
    canvas.print_png(written)  # type: ignore[no-untyped-call]
    return written.getvalue()


def _bars(axes: "Axes", drawn: Chart) -> None:
    places = range(len(drawn.labels))
    missed_from = drawn.answered
    unreturned_from = tuple(one + other for one, other in zip(drawn.answered, drawn.returned, strict=True))
    whole: dict[str, Any] = {"width": 0.78, "edgecolor": GROUND, "linewidth": 0.8}
    axes.bar(places, drawn.answered, color=ANSWERED, label=drawn.legend[0], **whole)
    axes.bar(places, drawn.returned, bottom=missed_from, color=MISSED, label=drawn.legend[1], **whole)
    axes.bar(
        places, drawn.unreturned, bottom=unreturned_from, color=UNRETURNED, label=drawn.legend[2], hatch="//", **whole
    )
    if len(drawn.labels) > DAYS_SHOWN // 2:
        return
    for place, count in enumerate(drawn.unreturned):
        if count:
            top = unreturned_from[place] + count
            axes.annotate(
                str(count), (place, top), (0, 2), textcoords="offset points", ha="center", va="bottom",
                fontsize=15, fontweight="bold", color=UNRETURNED,
            )  # fmt: skip


def _frame(axes: "Axes", drawn: Chart) -> None:
    from matplotlib.ticker import MaxNLocator

    every = -(-sum(len(label) + 2 for label in drawn.labels) // LABELS)
    places = range(0, len(drawn.labels), every)
    axes.set_xticks(list(places), [drawn.labels[place] for place in places])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    tallest = max(map(sum, zip(drawn.answered, drawn.returned, drawn.unreturned, strict=True)), default=0)
    axes.set_ylim(0, max(tallest * 1.12, 1))
    axes.tick_params(labelsize=16, labelcolor=INK, length=0)
    axes.grid(axis="y", color=FAINT, linewidth=1)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(INK)
    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, frameon=False, fontsize=14.5, labelcolor=INK,
        handlelength=1.1, handletextpad=0.4, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip
    legend.set_in_layout(False)  # long words must not make the bars narrow
