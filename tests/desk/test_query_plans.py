"""No statement of a day's work reads a whole table of those that grow: each is explained by both databases."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from sqlalchemy import event, text

from desk import binding, board, calling, ledger, reconcile, regular_summaries, retention, timers, totalling
from storage import chats
from storage.database import Database, Tx
from storage.one_hop import Answer, Connection
from tests.desk import phones
from tests.desk.past import happened, phone
from tests.office import ANNA, CLIENT, IGOR, Office

GROWING = {"calls", "cases", "inbox", "contacts", "deliveries", "notices"}
#: Hold only what is open, due or waiting: read whole, they are small.
PARTIAL = {"ix_cases_open", "ix_cases_unreturned", "ix_deliveries_due", "ix_deliveries_roll", "ix_inbox_open"} | {
    "ix_inbox_odd"
}
#: A statement and its first parameters.
Asked = dict[str, Any]


@contextmanager
def listening(db: Database) -> Iterator[Asked]:
    asked: Asked = {}

    def note(_: object, __: object, statement: str, parameters: Any, ___: object, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many else parameters)

    carried_out = Connection.asked

    async def prepared(driver: Connection, statement: str, parameters: Sequence[Any]) -> Answer:
        asked.setdefault(statement, parameters)
        return await carried_out(driver, statement, parameters)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    with mock.patch.object(Connection, "asked", prepared):
        yield asked
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def a_day(office: Office) -> None:
    """Calls, cards, presses, questions, and what the clock does.

    Who looks for a contact by a part of the name on the board waits for all names to be read: no index knows parts.
    """
    team, desk = office.team, office.desk
    await phones.says(office, "event", type="INCOMING", callid="one", phone=CLIENT, direction="in", user="maria")
    await phones.missed(office, callid="one")
    await phones.missed(office, callid="hidden", phone="")
    await phones.missed(office, phone=phone(2))
    await office.presses(IGOR, office.cards()[0], "Mine")
    await office.presses(IGOR, office.cards()[0], "Call back")
    await phones.we_called(office, "NotAvailable")
    await phones.got_through(office)
    await phones.says(office, "rating", rating="2", callid="one", phone=CLIENT)
    await phones.says(office, "contact", phone=CLIENT, callid="two", diversion="74950000001")
    for question in (
        "/history today",
        f"/history +{CLIENT}",
        "/missed",
        "/summary this_month",
        "/summary me",
        "/status",
    ):
        await office.says(ANNA, team, question)
    await office.says(ANNA, ANNA, f"/contact +{CLIENT} Olga | maria")
    await office.says(ANNA, await of_a_part(office), "/summary today")
    async with office.http.get(f"{office.url}/metrics") as response:
        assert response.status == 200
    async with desk.db.read() as tx:
        await board.mark(tx, ["main"])
        await board.gathered(desk, tx, ["main"])
        await board.search(desk, tx, ["main"], "0001")
    happened(office, ago=timedelta(minutes=10), phone=phone(3))
    await reconcile.reconcile(desk, "main", timedelta(hours=2))
    await office.later(days=8)
    await the_clock(office)


async def of_a_part(office: Office) -> int:
    """A chat whose summaries are counted from the calls of one department."""
    chat_id = office.world.add_group("Sales", [ANNA]).id
    await office.bind(chat_id, "summary")
    async with office.desk.db.write() as tx:
        [bound] = await chats.bindings_of_chat(tx, chat_id)
        await binding.choose_filter(tx, bound, "departments", [phones.SALES["groupRealName"]])
    return chat_id


async def the_clock(office: Office) -> None:
    desk = office.desk
    async with desk.db.write() as tx:
        await ledger.expire_untouched(desk, tx)
        await calling.give_up_stale(desk, tx)
    await regular_summaries.due(desk)
    await totalling.keep_up(desk)
    await timers.run_due(desk)
    await retention.forget_old(desk)
    await office.settle()


async def faults(tx: Tx, statement: str, parameters: Any) -> list[str]:
    """The growing tables that the database would read whole."""
    if tx.dialect.name == "sqlite":
        rows = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [one for row in rows for one in _of_sqlite(row[-1], statement)]
    rows = await tx.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    [(told,)] = rows
    [plan] = json.loads(told) if isinstance(told, str) else told
    return list(_of_postgres(plan["Plan"]))


def _of_sqlite(step: str, statement: str) -> Iterator[str]:
    """A step is ``SCAN cases USING INDEX ix_cases_open``; a maximum is SEARCHed for, without an index in all rows.

    All that is of one PBX is as good as all, but for some first rows of it.
    """
    of_one_pbx = "" if " LIMIT " in statement else r"|SEARCH(?=.*\(pbx_id=\?\)$)"
    found = re.match(rf"(?:SCAN|SEARCH(?= \w+$){of_one_pbx}) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    if found is None:
        return
    named = re.search(rf"\b(\w+) AS {found[1]}\b", statement)
    if (named[1] if named else found[1]) in GROWING and found[2] not in PARTIAL:
        yield step


def _of_postgres(node: dict[str, Any], *, few: bool = False) -> Iterator[str]:
    """A scan without a condition on an index; of some first rows (`few`) in an index's order it is none."""
    few = few or node["Node Type"] == "Limit"
    few = few and node["Node Type"] not in ("Sort", "Aggregate", "Hash")
    table, index = node.get("Relation Name"), node.get("Index Name")
    is_whole = node["Node Type"] == "Seq Scan" or (
        node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") and "Index Cond" not in node
    )
    grows = table in GROWING or (index or "").removeprefix("ix_").split("_")[0] in GROWING
    if grows and is_whole and index not in PARTIAL and not (few and index):
        yield f"{node['Node Type']} {table} {index}"
    for part in node.get("Plans", ()):
        yield from _of_postgres(part, few=few)


async def all_faults(db: Database, asked: Asked) -> list[str]:
    """PostgreSQL is kept from what only pays with tables as small as a test's."""
    found = []
    async with db.read() as tx:
        if not db.is_sqlite:
            for way in ("seqscan", "hashjoin", "mergejoin"):
                await tx.execute(text(f"SET LOCAL enable_{way} = off"))
        for statement, parameters in asked.items():
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                found += [f"{fault}: {statement}" for fault in await faults(tx, statement, parameters)]
    return found


async def test_nothing_reads_a_table_whole_that_grows(team: Office) -> None:
    await team.connected()
    with listening(team.desk.db) as asked:
        await a_day(team)
    about = {one for one in GROWING for statement in asked if re.search(rf"(FROM|UPDATE|JOIN) {one}\b", statement)}
    assert about == GROWING
    assert not (wrong := await all_faults(team.desk.db, asked)), "\n".join(wrong)


async def test_a_statement_that_does_is_found_out(team: Office) -> None:
    db = team.desk.db
    with listening(db) as asked:
        async with db.read() as tx:
            for bad in (
                "SELECT count(*) FROM calls WHERE department = 'Sales'",
                "SELECT id FROM cases WHERE employee = 'igor' ORDER BY id",
                "SELECT max(updated_at) FROM contacts",
                *(["SELECT max(touched_at) FROM cases WHERE pbx_id = 'main'"] if db.is_sqlite else ()),
                "SELECT id FROM inbox WHERE state = 'done' AND attempts > 1",
                "SELECT n.id FROM notices AS n JOIN deliveries AS d ON d.error = n.kind",
            ):
                await tx.execute(text(bad))
    assert {fault.split(": ")[1] for fault in await all_faults(db, asked)} == {
        statement for statement in asked if statement.startswith("SELECT")
    }
