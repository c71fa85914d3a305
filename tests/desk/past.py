"""Calls that the PBX's history knows and of which no event came, in a line each."""

from datetime import datetime, timedelta
from itertools import count

from sandbox.vats_rest import HistoryRow
from tests.office import CLIENT, Office

_IDS = count(1)
OUR_NUMBER = "74950000001"


def happened(
    office: Office,
    status: str = "Missed",
    phone: str = CLIENT,
    *,
    ago: timedelta | None = None,
    at: datetime | None = None,
    type: str = "in",
    uid: str = "",
    user: str = "",
    wait: int = 20,
    talk: int = 0,
    rating: int | None = None,
) -> str:
    """A row of the export; its id. `ago` or `at` is when it began."""
    start = at or office.clock.now() - (ago or timedelta())
    row = HistoryRow(
        uid=uid or f"past-{next(_IDS)}",
        type=type,
        status=status,
        client=phone,
        diversion=OUR_NUMBER,
        telnum_name="Реклама",
        start=start,
        wait=wait,
        duration=talk,
        ended=start + timedelta(seconds=wait + talk),
        destination="group",
        user=user,
        group="sales",
        rating=rating,
    )
    office.pbx.office.history.append(row)
    return row.uid


def phone(number: int) -> str:
    """One made-up client after the other."""
    return f"7910000{number:04}"
