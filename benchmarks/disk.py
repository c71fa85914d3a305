"""What a call takes on disk for good, with its indexes, case, card and ratings, beside the bytes of its events.

The events' own bodies are kept for some weeks only, and left aside.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame import Pair, Row
from benchmarks.rig import year
from benchmarks.rig.inbox import bodies

ROWS = (Row("disk per call, SQLite", "the bytes of its five events and its history", " B", at_most=1.0),)
SIZE = year.Size(200_000, 40_000)
NOW = datetime(2026, 3, 30, 15, 0, tzinfo=UTC)
#: What is not about one call: contacts are as many as people make, and the inbox is emptied.
ASIDE = "SELECT sum(pgsize) FROM dbstat WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE tbl_name IN ({}))"
NOT_OF_CALLS = ("inbox", "contacts", "employees")


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    """Nothing of it changes from round to round."""
    found = Pair(_stored(), _events())
    for _ in range(count):
        yield (found,)


def _stored() -> float:
    with TemporaryDirectory() as folder, closing(sqlite3.connect(year.sqlite(Path(folder), SIZE, NOW))) as connection:
        others = ", ".join(f"'{one}'" for one in NOT_OF_CALLS)
        [(size,)] = connection.execute(ASIDE.format(others))
        return float(size) / SIZE.calls


def _events() -> float:
    """The mean of a call's events together."""
    calls = 1000
    told = list(bodies(calls, NOW))
    return sum(map(len, told)) / calls
