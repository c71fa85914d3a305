"""What a VATS posts about calls, in any order and as often as it likes, ends in the same stored cases.

`tests/desk/test_any_order.py` asks the same of the ledger; here it is the whole way, over intake, inbox and worker.
"""

import asyncio
import itertools
import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage.tables import cases, inbox
from tests.clocks import NOON
from tests.desk.test_any_order import told
from tests.office import WEBHOOK_TOKEN, Office, an_office

CLIENTS = itertools.count(79_100_000_000)
#: `type`, `status`, and seconds of ringing and talk.
ENDS = st.sampled_from(
    [
        ("in", "Missed", 20, 0),
        ("in", "Cancel", 3, 0),
        ("in", "Success", 8, 60),
        ("out", "Success", 10, 90),
        ("out", "Missed", 30, 0),
        ("out", "Busy", 2, 0),
        ("out", "NotAvailable", 1, 0),
    ]
)
STEPS = ("INCOMING", "ACCEPTED", "COMPLETED", "CANCELLED")


#: Ten minutes before noon and five after that.
MISSED, CALLED_BACK = (
    {"callid": f"call-{way}", "start": f"20260318T{at}Z", "cmd": "history", "type": way, "status": status}
    for way, at, status in (("in", "085000", "Missed"), ("out", "085500", "Success"))
)


@st.composite
def posts(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Every call's last word, and some of its steps."""
    said: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        direction, status, wait, talk = draw(ENDS)
        start = (NOON - timedelta(minutes=draw(st.integers(5, 55)), seconds=number)).strftime("%Y%m%dT%H%M%SZ")
        call = {"callid": f"call{number}", "user": draw(st.sampled_from(["", "anna", "igor"])), "start": start}
        end = {"cmd": "history", "type": direction, "status": status, "wait": wait, "duration": wait + talk}
        said.append({**call, **end})
        if direction == "in":
            steps = draw(st.lists(st.sampled_from(STEPS), max_size=2, unique=True))
            said += [{**call, "cmd": "event", "type": step} for step in steps]
    return said


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """The posts as they should come, and again: shuffled, some twice, several before the worker looks."""
    said = draw(posts())
    again = draw(st.permutations([*said, *draw(st.lists(st.sampled_from(said), max_size=3))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(again)), max_size=3)))
    return said, [again[i:j] for i, j in itertools.pairwise([0, *cuts, len(again)])]


def test_any_order_and_repetition_of_posts_end_in_the_same_cases(sqlite_url: str) -> None:
    with asyncio.Runner() as runner:
        building = an_office(sqlite_url)
        office = runner.run(building.__aenter__())

        @settings(max_examples=25, database=None, suppress_health_check=list(HealthCheck))
        @given(tellings())
        @example(([MISSED], [[MISSED, MISSED]]))
        @example(([MISSED, CALLED_BACK], [[CALLED_BACK], [MISSED, CALLED_BACK]]))
        def holds(telling: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]) -> None:
            in_order, in_pieces = telling
            expected = runner.run(stand(office, [[one] for one in in_order]))
            assert runner.run(stand(office, in_pieces)) == expected

        try:
            holds()
            assert runner.run(states(office)) >= {"not_returned", "returned"}, "the stories say too little"
            assert runner.run(failed(office)) == 0
        finally:
            runner.run(building.__aexit__(None, None, None))


async def stand(office: Office, pieces: list[list[dict[str, Any]]]) -> list[Any]:
    """A client of its own, told of piece by piece; the cases it ends in."""
    client = str(next(CLIENTS))
    pbx = office.desk.pbxes["main"]
    for piece in pieces:
        for post in piece:
            named = {**post, "callid": f"{client} {post['callid']}", "phone": client, "crm_token": WEBHOOK_TOKEN}
            await office.app.intake.take(pbx, json.dumps(named).encode())
        await office.app.worker.settle()
    return await told(office.desk, f"+{client}")


async def states(office: Office) -> set[str]:
    async with office.desk.db.read() as tx:
        return set((await tx.execute(select(cases.c.state))).scalars())


async def failed(office: Office) -> int:
    async with office.desk.db.read() as tx:
        found = await tx.execute(select(func.count()).select_from(inbox).where(inbox.c.state == "failed"))
        return int(found.scalar_one())
