"""what is handed to billing, message by message, and what billing sends back

Revision ID: 0027
Revises: 0026
"""
import sqlalchemy as sa
from alembic import op

from query_mgr.platform.db import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "hand_off",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("encounter_id", sa.Integer, sa.ForeignKey("encounter.id"), nullable=False),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("coding_version.id"), nullable=False),
        sa.Column("channel", sa.String(30), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("is_correction", sa.Boolean, nullable=False),
        sa.Column("outbox_ref", sa.String(16), nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("is_uncertain", sa.Boolean, nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("answer_text", sa.Text, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("settled_by", sa.String(255), nullable=False),
        sa.UniqueConstraint("version_id", "channel"),
    )
    op.create_index("ix_hand_off_encounter_id", "hand_off", ["encounter_id"])
    op.create_index("ix_hand_off_state", "hand_off", ["state", "id"])
    op.create_table(
        "billing_return",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("encounter_id", sa.Integer, sa.ForeignKey("encounter.id"), nullable=False),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("coding_version.id")),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("returned_by", sa.String(255), nullable=False),
        sa.Column("returned_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_billing_return_encounter_id", "billing_return", ["encounter_id"])


def downgrade():
    op.drop_table("billing_return")
    op.drop_table("hand_off")
