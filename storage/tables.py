"""Every table, for SQLite and PostgreSQL alike. Times are UTC, kept as whole milliseconds since 1970.

What belongs to a PBX carries its `pbx_id`. Clients are E.164 numbers, NULL where the caller hid it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime as milliseconds: small, exact, and the same on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


#: SQLite only counts up an INTEGER primary key.
Id = BigInteger().with_variant(Integer, "sqlite")
#: Telegram's ids need more than 32 bits.
TelegramId = BigInteger


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _one_of(column: Column[str], *words: str) -> ColumnElement[bool]:
    """Written out: a partial index serves only the statements that say its condition in so many words."""
    return column.in_([literal_column(f"'{word}'") for word in words])


# What came from a PBX

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("key", String(80), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary),
    Column("state", String(8), nullable=False, default="new"),  # new | done | failed
    Column("unknown", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    UniqueConstraint("pbx_id", "key"),
)
Index("ix_inbox_open", inbox.c.id, sqlite_where=inbox.c.state == "new", postgresql_where=inbox.c.state == "new")
Index(
    "ix_inbox_odd", inbox.c.state, sqlite_where=inbox.c.state == "failed", postgresql_where=inbox.c.state == "failed"
)
Index("ix_inbox_received_at", inbox.c.received_at)

calls = Table(
    "calls",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("call_id", String(120), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("client", String(32)),
    Column("started_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("ended_at", Instant, nullable=False),
    Column("wait_s", Integer),
    Column("talk_s", Integer),
    Column("our_number", String(32)),
    Column("our_number_name", Text),
    Column("employee", String(120)),
    Column("department", Text),
    Column("destination", String(20)),
    Column("recording_url", Text),
    Column("rating", Integer),
    Column("followup", String(16)),
    Column("source", Text),
    Column("status", String(40), nullable=False, default=""),
    Column("via", String(10), nullable=False, default="event"),  # event | recovered | import
    Column("case_id", Id),
    UniqueConstraint("pbx_id", "call_id"),
)
Index("ix_calls_client", calls.c.client, calls.c.ended_at)
Index("ix_calls_started_at", calls.c.pbx_id, calls.c.started_at)
Index(
    "ix_calls_case_id",
    calls.c.case_id,
    sqlite_where=calls.c.case_id.isnot(None),
    postgresql_where=calls.c.case_id.isnot(None),
)

#: Two ids of one conversation: after a transfer, or when a webhook and an export name a call differently.
call_aliases = Table(
    "call_aliases",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("alias", String(120), primary_key=True),
    Column("call_id", String(120), nullable=False),
    Column("at", Instant, nullable=False),
)

#: Calls still going on, as far as events tell: one row per call, forgotten when it is over.
live_calls = Table(
    "live_calls",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("call_id", String(120), primary_key=True),
    Column("client", String(32)),
    Column("direction", String(8)),
    Column("stage", String(12), nullable=False),
    Column("employee", String(120)),  # who talks or dials
    Column("ringing", JSON, nullable=False, default=list, server_default=text("'[]'")),  # whose phones ring
    Column("department", Text),
    Column("our_number", String(32)),
    Column("began_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("at", Instant, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("key", String(80), nullable=False),
    Column("call_id", String(120)),
    Column("client", String(32)),
    Column("employee", String(120)),
    Column("stars", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("pbx_id", "key"),
)
Index("ix_ratings_at", ratings.c.pbx_id, ratings.c.at)
Index("ix_ratings_call", ratings.c.pbx_id, ratings.c.call_id)

#: Recordings that Telegram has already: sent again by their file id, never stored by us.
recordings = Table(
    "recordings",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("call_id", String(120), primary_key=True),
    Column("file_id", Text, nullable=False),
    Column("kind", String(10), nullable=False),  # audio | document
    Column("at", Instant, nullable=False),
)

# What calls amount to

#: The figures of a stretch of time at one PBX, added up once it was over. `mark` names who adds it up; until that is
#: done there are no figures. What differs from the rows since is in `outdated`.
totals = Table(
    "totals",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("end_at", Instant, primary_key=True),
    Column("start_at", Instant, primary_key=True),
    Column("part", String(8), primary_key=True),  # calls | hours | people | cases (storage.totals)
    Column("mark", BigInteger, nullable=False),
    Column("figures", Text),
)

#: Stretches within which a call, a case or a rating has changed: written by triggers, where there are totals of it.
outdated = Table(
    "outdated",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("what", String(8), nullable=False),  # calls: all parts | cases: only those
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# What we owe clients

cases = Table(
    "cases",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("client", String(32)),
    Column("state", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_missed_at", Instant, nullable=False),
    Column("missed_count", Integer, nullable=False, default=1),
    Column("attempt_count", Integer, nullable=False, default=0),
    Column("department", Text),
    Column("our_number", String(32)),
    Column("closed_at", Instant),
    Column("closing_call", Id),
    Column("employee", String(120)),  # who returned it or was reached
    Column("claimed_by", TelegramId),
    Column("claimed_at", Instant),
    Column("claim_minutes", Integer),  # so long a claim holds without an attempt; 0: for good
    Column("claim_until", Instant),  # without an attempt until then the claim lapses
    Column("handed_by", TelegramId),  # who gave it to `claimed_by`, if another did
    Column("lapsed_by", TelegramId),  # whose claim ended last
    Column("lapsed_at", Instant),
    Column("released_by", TelegramId),  # who ended it, if it did not lapse by itself
    Column("handled_by", TelegramId),
    Column("handled_at", Instant),
    Column("handled_reason", String(40)),
    Column("expired_at", Instant),
    Column("touched_at", Instant, nullable=False),
    Column("recovered", Boolean, nullable=False, default=False),
)
#: Somebody still waits for a call. Nobody has reached the client, and perhaps nobody will.
is_open = _one_of(cases.c.state, "not_returned", "not_reached")
is_unreturned = _one_of(cases.c.state, "not_returned", "not_reached", "expired")
Index("ix_cases_client", cases.c.client, cases.c.opened_at)
Index("ix_cases_open", cases.c.pbx_id, cases.c.opened_at, sqlite_where=is_open, postgresql_where=is_open)
Index(
    "ix_cases_unreturned",
    cases.c.pbx_id,
    cases.c.last_missed_at,
    sqlite_where=is_unreturned,
    postgresql_where=is_unreturned,
)
Index("ix_cases_opened_at", cases.c.pbx_id, cases.c.opened_at)

#: A step of a chat's escalation about a case, once taken: whom it called upon, and in which notices.
escalations = Table(
    "escalations",
    metadata,
    _id(),
    Column("case_id", Id, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("chat_id", TelegramId, nullable=False),
    Column("thread_id", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False),  # 0 is the first
    Column("whom", String(20), nullable=False),  # responsible | head | managers
    Column("users", JSON, nullable=False, default=list),  # the Telegram users who are mentioned
    Column("notices", JSON, nullable=False, default=list),  # none if there was nobody to call upon
    Column("at", Instant, nullable=False),
    UniqueConstraint("case_id", "chat_id", "thread_id", "step"),
)

#: Calls we asked a PBX to make for somebody: written down before asking, so that none is repeated blindly.
call_backs = Table(
    "call_backs",
    metadata,
    _id(),
    Column("pbx_id", String(40), nullable=False),
    Column("client", String(32), nullable=False),
    Column("employee", String(120), nullable=False),
    Column("user_id", TelegramId, nullable=False),
    Column("case_id", Id),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),  # asking | ringing | refused | unknown | over
    Column("call_id", String(120)),
    Column("over_at", Instant),
)
is_underway = _one_of(call_backs.c.state, "asking", "ringing", "unknown")
Index("ix_call_backs_underway", call_backs.c.client, sqlite_where=is_underway, postgresql_where=is_underway)
Index("ix_call_backs_case", call_backs.c.case_id)

# What chats show

notices = Table(
    "notices",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),  # case | rating | line | summary … (desk.views)
    Column("subject", String(80), nullable=False),
    Column("pbx_id", String(40)),
    Column("data", JSON, nullable=False, default=dict),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("kind", "subject"),
)
Index("ix_notices_created_at", notices.c.created_at)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("notice_id", Id, ForeignKey("notices.id", ondelete="CASCADE"), nullable=False),
    Column("chat_id", TelegramId, nullable=False),
    Column("thread_id", Integer, nullable=False, default=0),
    Column("message_id", Integer),
    Column("sent_at", Instant),
    Column("shown_version", Integer, nullable=False, default=0),
    Column("due_at", Instant),
    Column("held_until", Instant),  # quiet hours: not shown for the first time before then
    Column("anew", Boolean, nullable=False, default=False),  # to be sent again, at the bottom
    Column("sending_since", Instant),
    Column("uncertain", Boolean, nullable=False, default=False),  # may be in the chat twice
    Column("leftover_id", Integer),  # the message it had before it moved down, still to be deleted
    Column("roll_id", Id),  # the notice that lists it with others
    Column("alone", Boolean, nullable=False, default=False),  # somebody asked for a message of its own
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    UniqueConstraint("notice_id", "chat_id", "thread_id"),
)
Index(
    "ix_deliveries_due",
    deliveries.c.due_at,
    sqlite_where=deliveries.c.due_at.isnot(None),
    postgresql_where=deliveries.c.due_at.isnot(None),
)
Index("ix_deliveries_message", deliveries.c.chat_id, deliveries.c.message_id)
Index(
    "ix_deliveries_roll",
    deliveries.c.roll_id,
    sqlite_where=deliveries.c.roll_id.isnot(None),
    postgresql_where=deliveries.c.roll_id.isnot(None),
)

chats = Table(
    "chats",
    metadata,
    Column("chat_id", TelegramId, primary_key=True, autoincrement=False),
    Column("type", String(12), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("gone", Boolean, nullable=False, default=False),
    Column("settings", JSON, nullable=False, default=dict),
)

bindings = Table(
    "bindings",
    metadata,
    _id(),
    Column("chat_id", TelegramId, nullable=False),
    Column("thread_id", Integer, nullable=False, default=0),
    Column("pbx_id", String(40), nullable=False),
    Column("notices", JSON, nullable=False),
    Column("filters", JSON, nullable=False, default=dict, server_default=text("'{}'")),  # desk.routing
    Column("since", Instant, nullable=False),
    UniqueConstraint("chat_id", "thread_id", "pbx_id"),
)

# People

people = Table(
    "people",
    metadata,
    Column("user_id", TelegramId, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("language", String(2)),
    Column("reachable", Boolean, nullable=False, default=False),  # has started the private chat
    Column("settings", JSON, nullable=False, default=dict),
    Column("role", String(10)),  # what an administrator has said; else the PBX's own role counts
)

links = Table(
    "links",
    metadata,
    Column("user_id", TelegramId, primary_key=True, autoincrement=False),
    Column("pbx_id", String(40), primary_key=True),
    Column("login", String(120), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("linked_by", TelegramId, nullable=False),
)
Index("ix_links_login", links.c.pbx_id, links.c.login)

link_requests = Table(
    "link_requests",
    metadata,
    _id(),
    Column("user_id", TelegramId, nullable=False),
    Column("pbx_id", String(40), nullable=False),
    Column("login", String(120), nullable=False),
    Column("chat_id", TelegramId, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # open | granted | refused
)

employees = Table(
    "employees",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("login", String(120), primary_key=True),
    Column("name", Text, nullable=False),
    Column("extension", String(20)),
    Column("email", Text),
    Column("role", String(10), nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("aliases", JSON, nullable=False),
    Column("gone", Boolean, nullable=False, default=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("responsible", String(120)),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", TelegramId),
)

#: What people have noted about a client: a message of theirs, answered to a card.
notes = Table(
    "notes",
    metadata,
    _id(),
    Column("client", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("user_id", TelegramId, nullable=False),  # who wrote it
    Column("saved_by", TelegramId, nullable=False),  # who made a note of it
    Column("at", Instant, nullable=False),
    Column("pbx_id", String(40)),
    Column("case_id", Id),
    Column("chat_id", TelegramId, nullable=False),
    Column("message_id", Integer, nullable=False),
    UniqueConstraint("chat_id", "message_id"),
)
Index("ix_notes_client", notes.c.client, notes.c.at)

acts = Table(
    "acts",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("user_id", TelegramId, nullable=False),
    Column("what", String(20), nullable=False),
    Column("pbx_id", String(40)),
    Column("about", Text, nullable=False, default=""),
)
Index("ix_acts_at", acts.c.at)

# The program's own memory

updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary),
    Column("state", String(8), nullable=False, default="new"),  # new | done | failed
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
)
Index(
    "ix_updates_open",
    updates.c.update_id,
    sqlite_where=updates.c.state == "new",
    postgresql_where=updates.c.state == "new",
)

timers = Table(
    "timers",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("subject", String(160), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("data", JSON, nullable=False, default=dict),
)
Index("ix_timers_due_at", timers.c.due_at)

#: What has fired already: claimed by insert, so that nothing fires twice whatever restarts.
firings = Table(
    "firings",
    metadata,
    Column("what", String(160), primary_key=True),
    Column("at", Instant, nullable=False),
)

#: Durable small values of a PBX (poll cursors, rotated tokens) or of the program (pbx_id "").
kept = Table(
    "kept",
    metadata,
    Column("pbx_id", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False, server_default=text("0")),
)
