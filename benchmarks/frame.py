"""What a benchmark is, and how its rounds become a line of `docs/performance.md`.

A benchmark is a module of this folder. `ROWS` names what it compares; `rounds(count)` yields, round by round, one
`Pair` for each of them. Both figures of a pair are taken in the same round, one after the other, so that a busy
machine slows both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pair:
    """What one round found: ours, and what it is measured by."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. Of `at_least` and `at_most` one is given: what the ratio may be."""

    what: str
    against: str
    unit: str = ""
    """Of both figures, as it is written behind them."""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def wanted(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    def holds(self, ratio: float) -> bool:
        """Whether `ratio` is what was wanted."""
        return ratio >= self.at_least if self.at_least is not None else ratio <= (self.at_most or 0)


class Benchmark(Protocol):
    """What a module here offers."""

    ROWS: Sequence[Row]

    def rounds(self, count: int) -> Iterator[Sequence[Pair]]: ...


HEAD = (
    "| what | against | ours | theirs | ratio | spread | wanted | |",
    "|---|---|---|---|---|---|---|---|",
)


def line(row: Row, pairs: Sequence[Pair]) -> str:
    """The median of the rounds, and how far they lay apart."""
    ratios = sorted(pair.ratio for pair in pairs)
    middle = median(ratios)
    ours, theirs = (median(figures) for figures in zip(*((one.ours, one.theirs) for one in pairs), strict=True))
    cells = (
        row.what,
        row.against,
        figure(ours) + row.unit,
        figure(theirs) + row.unit,
        figure(middle),
        f"{figure(ratios[0])} to {figure(ratios[-1])} in {len(pairs)}",
        row.wanted,
        "holds" if row.holds(middle) else "**missed**",
    )
    return "| " + " | ".join(cells) + " |"


def figure(value: float) -> str:
    """Three significant figures, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def merged(document: str, lines: Sequence[str], begin: str, end: str) -> str:
    """`document` with `lines` in the table between the marks; lines of benchmarks that were not run stay."""
    before, _, rest = document.partition(begin)
    table, _, after = rest.partition(end)
    kept = [one for one in table.splitlines() if one.startswith("| ") and one not in HEAD]
    ours = {_what(one): one for one in lines}
    known = {_what(one) for one in kept}
    rows = [ours.get(_what(one), one) for one in kept] + [one for one in lines if _what(one) not in known]
    return before + "\n".join([begin, *HEAD, *rows, end]) + after


def _what(line: str) -> tuple[str, ...]:
    """What tells a line from others: the first two cells."""
    return tuple(cell.strip() for cell in line.split("|")[1:3])
