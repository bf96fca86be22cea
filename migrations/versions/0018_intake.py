"""a ledger of everything that came in, and what of it waits

Revision ID: 0018
Revises: 0017
"""
import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("feed", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("replay_of", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
        sa.UniqueConstraint("ref", name="uq_intake_ref"),
        sa.UniqueConstraint("feed", "digest", name="uq_intake_feed_digest"),
    )
    op.create_index("ix_intake_feed_seen", "intake", ["feed", "last_seen_at"])
    op.create_index("ix_intake_digest", "intake", ["digest"])
    op.create_index("ix_intake_replay_of", "intake", ["replay_of"])
    op.create_table(
        "intake_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("where", sa.String(200), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settlement", sa.String(10), nullable=False),
        sa.Column("settled_by", sa.String(200), nullable=False),
        sa.Column("settled_reason", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_part"),
        sa.UniqueConstraint("ref", name="uq_intake_part_ref"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_intake_part_intake_id"),
    )
    op.create_index("ix_intake_part_intake_id", "intake_part", ["intake_id"])
    op.create_index("ix_intake_part_created_at", "intake_part", ["created_at"])
    op.create_index("ix_intake_part_open", "intake_part", ["settled_at", "id"])
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("feed", sa.String(120), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("files_total", sa.Integer(), nullable=False),
        sa.Column("files_done", sa.Integer(), nullable=False),
        sa.Column("statuses", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
        sa.UniqueConstraint("ref", name="uq_import_run_ref"),
    )


def downgrade():
    op.drop_table("import_run")
    op.drop_table("intake_part")
    op.drop_table("intake")
