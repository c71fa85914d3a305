"""flat as the data grows."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('not_returned', 'not_reached')")
UNRETURNED = sa.text("state IN ('not_returned', 'not_reached', 'expired')")

#: What the triggers write, where there are totals of it: a moment of one call, or all that a case stretches over.
OUTDATED = """INSERT INTO outdated (pbx_id, what, first_at, last_at)
SELECT {row}.pbx_id, '{what}', {first}, {last} WHERE EXISTS (SELECT 1 FROM totals
WHERE pbx_id = {row}.pbx_id AND end_at > {first} AND start_at <= {last});"""
#: The call that a rating is about: history told of its stars, and they are not counted twice.
OF_THE_CALL = "(SELECT started_at FROM calls WHERE pbx_id = {row}.pbx_id AND call_id = {row}.call_id)"
CALL = (
    "pbx_id, call_id, direction, outcome, started_at, answered_at, ended_at, wait_s, talk_s, our_number, "
    "our_number_name, employee, department, rating"
)
CASE = "pbx_id, state, opened_at, last_missed_at, missed_count, closed_at, closing_call, employee"


def outdates(what: str, row: str, first: str, last: str | None = None) -> str:
    first = first.format(row=row)
    return OUTDATED.format(what=what, row=row, first=first, last=last.format(row=row) if last else first)


def of_call(row: str) -> str:
    return outdates("calls", row, "{row}.started_at")


def of_case(row: str) -> str:
    return outdates("cases", row, "{row}.opened_at", "{row}.last_missed_at")


def of_rating(row: str) -> str:
    return outdates("calls", row, "{row}.at") + outdates("calls", row, OF_THE_CALL)


#: Name, table, when, and what is outdated then.
TRIGGERS = (
    ("calls_added", "calls", "INSERT", of_call("NEW")),
    ("calls_changed", "calls", f"UPDATE OF {CALL}", of_call("OLD") + of_call("NEW")),
    ("calls_assigned", "calls", "UPDATE OF case_id", outdates("cases", "NEW", "{row}.started_at")),
    ("calls_gone", "calls", "DELETE", of_call("OLD")),
    ("cases_added", "cases", "INSERT", of_case("NEW")),
    ("cases_changed", "cases", f"UPDATE OF {CASE}", of_case("OLD") + of_case("NEW")),
    ("cases_gone", "cases", "DELETE", of_case("OLD")),
    ("ratings_added", "ratings", "INSERT", of_rating("NEW")),
    ("ratings_changed", "ratings", "UPDATE", of_rating("OLD") + of_rating("NEW")),
    ("ratings_gone", "ratings", "DELETE", of_rating("OLD")),
)


def create_triggers() -> None:
    for name, table, when, body in TRIGGERS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {body} END")
        else:
            function = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            op.execute(f"{function} $$ BEGIN {body} RETURN NULL; END $$")
            op.execute(f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def drop_triggers() -> None:
    for name, table, *_ in TRIGGERS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}")


def upgrade() -> None:
    op.create_table(
        "totals",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("pbx_id", "end_at", "start_at", "part", name=op.f("pk_totals")),
    )
    op.create_table(
        "outdated",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outdated")),
    )
    op.drop_index("ix_cases_open", "cases")
    op.create_index("ix_cases_open", "cases", ["pbx_id", "opened_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_cases_unreturned",
        "cases",
        ["pbx_id", "last_missed_at"],
        sqlite_where=UNRETURNED,
        postgresql_where=UNRETURNED,
    )
    op.create_index("ix_notices_created_at", "notices", ["created_at"])
    create_triggers()


def downgrade() -> None:
    drop_triggers()
    op.drop_index("ix_notices_created_at", "notices")
    op.drop_index("ix_cases_unreturned", "cases")
    op.drop_index("ix_cases_open", "cases")
    op.create_index("ix_cases_open", "cases", ["pbx_id", "last_missed_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_table("outdated")
    op.drop_table("totals")
