"""the first schema."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.create_index("ix_acts_at", ["at"], unique=False)

    op.create_table(
        "bindings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
        sa.UniqueConstraint("chat_id", "thread_id", "pbx_id", name=op.f("uq_bindings_chat_id_thread_id_pbx_id")),
    )
    op.create_table(
        "call_aliases",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("alias", sa.String(length=120), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pbx_id", "alias", name=op.f("pk_call_aliases")),
    )
    op.create_table(
        "call_backs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("employee", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=True),
        sa.Column("over_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
    )
    with op.batch_alter_table("call_backs", schema=None) as batch_op:
        batch_op.create_index("ix_call_backs_case", ["case_id"], unique=False)
        batch_op.create_index(
            "ix_call_backs_underway",
            ["client"],
            unique=False,
            sqlite_where=sa.text("state IN ('asking', 'ringing', 'unknown')"),
            postgresql_where=sa.text("state IN ('asking', 'ringing', 'unknown')"),
        )

    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("wait_s", sa.Integer(), nullable=True),
        sa.Column("talk_s", sa.Integer(), nullable=True),
        sa.Column("our_number", sa.String(length=32), nullable=True),
        sa.Column("our_number_name", sa.Text(), nullable=True),
        sa.Column("employee", sa.String(length=120), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("destination", sa.String(length=20), nullable=True),
        sa.Column("recording_url", sa.Text(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("followup", sa.String(length=16), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("pbx_id", "call_id", name=op.f("uq_calls_pbx_id_call_id")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(
            "ix_calls_case_id",
            ["case_id"],
            unique=False,
            sqlite_where=sa.text("case_id IS NOT NULL"),
            postgresql_where=sa.text("case_id IS NOT NULL"),
        )
        batch_op.create_index("ix_calls_client", ["client", "ended_at"], unique=False)
        batch_op.create_index("ix_calls_started_at", ["pbx_id", "started_at"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("last_missed_at", Instant(), nullable=False),
        sa.Column("missed_count", sa.Integer(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("our_number", sa.String(length=32), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closing_call", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("employee", sa.String(length=120), nullable=True),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("handled_by", sa.BigInteger(), nullable=True),
        sa.Column("handled_at", Instant(), nullable=True),
        sa.Column("handled_reason", sa.String(length=40), nullable=True),
        sa.Column("expired_at", Instant(), nullable=True),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_client", ["client", "opened_at"], unique=False)
        batch_op.create_index(
            "ix_cases_open",
            ["pbx_id", "last_missed_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('not_returned', 'not_reached')"),
            postgresql_where=sa.text("state IN ('not_returned', 'not_reached')"),
        )
        batch_op.create_index("ix_cases_opened_at", ["pbx_id", "opened_at"], unique=False)

    op.create_table(
        "chats",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chats")),
    )
    op.create_table(
        "contacts",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("responsible", sa.String(length=120), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contacts")),
    )
    op.create_table(
        "employees",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("pbx_id", "login", name=op.f("pk_employees")),
    )
    op.create_table(
        "firings",
        sa.Column("what", sa.String(length=160), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_firings")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("unknown", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("pbx_id", "key", name=op.f("uq_inbox_pbx_id_key")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_odd",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index(
            "ix_inbox_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'new'"),
            postgresql_where=sa.text("state = 'new'"),
        )
        batch_op.create_index("ix_inbox_received_at", ["received_at"], unique=False)

    op.create_table(
        "kept",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", Instant(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("pbx_id", "name", name=op.f("pk_kept")),
    )
    op.create_table(
        "link_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_requests")),
    )
    op.create_table(
        "links",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("linked_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "pbx_id", name=op.f("pk_links")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_login", ["pbx_id", "login"], unique=False)

    op.create_table(
        "live_calls",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("employee", sa.String(length=120), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("our_number", sa.String(length=32), nullable=True),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pbx_id", "call_id", name=op.f("pk_live_calls")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_notices_kind_subject")),
    )
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_people")),
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=True),
        sa.Column("client", sa.String(length=32), nullable=True),
        sa.Column("employee", sa.String(length=120), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("pbx_id", "key", name=op.f("uq_ratings_pbx_id_key")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index("ix_ratings_at", ["pbx_id", "at"], unique=False)
        batch_op.create_index("ix_ratings_call", ["pbx_id", "call_id"], unique=False)

    op.create_table(
        "timers",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_timers")),
    )
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.create_index("ix_timers_due_at", ["due_at"], unique=False)

    op.create_table(
        "updates",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_updates")),
    )
    with op.batch_alter_table("updates", schema=None) as batch_op:
        batch_op.create_index(
            "ix_updates_open",
            ["update_id"],
            unique=False,
            sqlite_where=sa.text("state = 'new'"),
            postgresql_where=sa.text("state = 'new'"),
        )

    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("sending_since", Instant(), nullable=True),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("leftover_id", sa.Integer(), nullable=True),
        sa.Column("roll_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "notice_id", "chat_id", "thread_id", name=op.f("uq_deliveries_notice_id_chat_id_thread_id")
        ),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index("ix_deliveries_message", ["chat_id", "message_id"], unique=False)
        batch_op.create_index(
            "ix_deliveries_roll",
            ["roll_id"],
            unique=False,
            sqlite_where=sa.text("roll_id IS NOT NULL"),
            postgresql_where=sa.text("roll_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_roll",
            sqlite_where=sa.text("roll_id IS NOT NULL"),
            postgresql_where=sa.text("roll_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_deliveries_message")
        batch_op.drop_index(
            "ix_deliveries_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("deliveries")
    with op.batch_alter_table("updates", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_updates_open", sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'")
        )

    op.drop_table("updates")
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.drop_index("ix_timers_due_at")

    op.drop_table("timers")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index("ix_ratings_call")
        batch_op.drop_index("ix_ratings_at")

    op.drop_table("ratings")
    op.drop_table("people")
    op.drop_table("notices")
    op.drop_table("live_calls")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index("ix_links_login")

    op.drop_table("links")
    op.drop_table("link_requests")
    op.drop_table("kept")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_received_at")
        batch_op.drop_index(
            "ix_inbox_open", sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'")
        )
        batch_op.drop_index(
            "ix_inbox_odd", sqlite_where=sa.text("state = 'failed'"), postgresql_where=sa.text("state = 'failed'")
        )

    op.drop_table("inbox")
    op.drop_table("firings")
    op.drop_table("employees")
    op.drop_table("contacts")
    op.drop_table("chats")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_opened_at")
        batch_op.drop_index(
            "ix_cases_open",
            sqlite_where=sa.text("state IN ('not_returned', 'not_reached')"),
            postgresql_where=sa.text("state IN ('not_returned', 'not_reached')"),
        )
        batch_op.drop_index("ix_cases_client")

    op.drop_table("cases")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index("ix_calls_started_at")
        batch_op.drop_index("ix_calls_client")
        batch_op.drop_index(
            "ix_calls_case_id",
            sqlite_where=sa.text("case_id IS NOT NULL"),
            postgresql_where=sa.text("case_id IS NOT NULL"),
        )

    op.drop_table("calls")
    with op.batch_alter_table("call_backs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_call_backs_underway",
            sqlite_where=sa.text("state IN ('asking', 'ringing', 'unknown')"),
            postgresql_where=sa.text("state IN ('asking', 'ringing', 'unknown')"),
        )
        batch_op.drop_index("ix_call_backs_case")

    op.drop_table("call_backs")
    op.drop_table("call_aliases")
    op.drop_table("bindings")
    with op.batch_alter_table("acts", schema=None) as batch_op:
        batch_op.drop_index("ix_acts_at")

    op.drop_table("acts")
