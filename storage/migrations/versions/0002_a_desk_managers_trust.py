"""a desk managers trust."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("pbx_id", sa.String(length=40), nullable=True),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint("chat_id", "message_id", name=op.f("uq_notes_chat_id_message_id")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index("ix_notes_client", ["client", "at"], unique=False)

    op.create_table(
        "recordings",
        sa.Column("pbx_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=120), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("pbx_id", "call_id", name=op.f("pk_recordings")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("whom", sa.String(length=20), nullable=False),
        sa.Column("users", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_escalations_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint(
            "case_id", "chat_id", "thread_id", "step", name=op.f("uq_escalations_case_id_chat_id_thread_id_step")
        ),
    )
    with op.batch_alter_table("bindings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("filters", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claim_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("claim_until", Instant(), nullable=True))
        batch_op.add_column(sa.Column("handed_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("lapsed_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("lapsed_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("released_by", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_until", Instant(), nullable=True))

    with op.batch_alter_table("live_calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ringing", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("answered_at", Instant(), nullable=True))

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("role")

    with op.batch_alter_table("live_calls", schema=None) as batch_op:
        batch_op.drop_column("answered_at")
        batch_op.drop_column("ringing")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("held_until")

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("released_by")
        batch_op.drop_column("lapsed_at")
        batch_op.drop_column("lapsed_by")
        batch_op.drop_column("handed_by")
        batch_op.drop_column("claim_until")
        batch_op.drop_column("claim_minutes")

    with op.batch_alter_table("bindings", schema=None) as batch_op:
        batch_op.drop_column("filters")

    op.drop_table("escalations")
    op.drop_table("recordings")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index("ix_notes_client")

    op.drop_table("notes")
