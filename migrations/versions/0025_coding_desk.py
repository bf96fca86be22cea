"""procedures and service lines, how far an encounter's coding is, its versions, and what the scrubber caught

Revision ID: 0025
Revises: 0024
"""
import sqlalchemy as sa
from alembic import op

from query_mgr.platform.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("code_assignment") as table:
        table.add_column(sa.Column("served_on", sa.Date))
        table.add_column(sa.Column("provider_id", sa.Integer))
        table.add_column(sa.Column("modifiers", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("units", sa.Float))
        table.add_column(sa.Column("claim", sa.String(12), nullable=False, server_default=""))
        table.add_column(sa.Column("place", sa.String(2), nullable=False, server_default=""))
        table.add_column(sa.Column("revenue", sa.String(4), nullable=False, server_default=""))
        table.add_column(sa.Column("dose", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("wasted", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("pointers", sa.JSON, nullable=False, server_default="[]"))
        table.create_foreign_key("fk_code_assignment_provider_id", "provider", ["provider_id"], ["id"])
    op.create_table(
        "encounter_coding",
        sa.Column("encounter_id", sa.Integer, sa.ForeignKey("encounter.id"), primary_key=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("pend_reason", sa.String(20), nullable=False),
        sa.Column("pend_note", sa.String(500), nullable=False),
        sa.Column("wake_on", sa.Date),
        sa.Column("coder", sa.String(255), nullable=False),
        sa.Column("disposition", sa.String(2), nullable=False),
        sa.Column("admitting_code", sa.String(12), nullable=False),
        sa.Column("payer_key", sa.String(60), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("handed_off_at", UtcDateTime),
    )
    op.create_index("ix_encounter_coding_status", "encounter_coding", ["status"])
    op.create_table(
        "coding_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("encounter_id", sa.Integer, sa.ForeignKey("encounter.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("encounter_id", "number"),
    )
    op.create_table(
        "caught_error",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("encounter_id", sa.Integer, sa.ForeignKey("encounter.id"), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("edit", sa.String(60), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("codes", sa.JSON, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("found_at", UtcDateTime, nullable=False),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("settled_by", sa.String(255), nullable=False),
        sa.UniqueConstraint("encounter_id", "key"),
    )
    op.create_index("ix_caught_error_edit", "caught_error", ["edit"])
    op.create_table(
        "frequent_set",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_frequent_set_user_id", "frequent_set", ["user_id"])


def downgrade():
    for table in ("frequent_set", "caught_error", "coding_version", "encounter_coding"):
        op.drop_table(table)
    op.execute("DELETE FROM code_assignment WHERE system <> 'icd10cm'")
    with op.batch_alter_table("code_assignment") as table:
        table.drop_constraint("fk_code_assignment_provider_id", type_="foreignkey")
        for column in ("pointers", "wasted", "dose", "revenue", "place", "claim", "units", "modifiers", "provider_id",
                       "served_on"):
            table.drop_column(column)
