"""interface messages as they came, and what they speak of

Revision ID: 0005
Revises: 0004
"""
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "feed_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(200), nullable=False),
        sa.Column("control_id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("patient_key", sa.String(200), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True)),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_message"),
        sa.UniqueConstraint("ref", name="uq_feed_message_ref"),
        sa.UniqueConstraint("digest", name="uq_feed_message_digest"),
    )
    op.create_index("ix_feed_message_patient", "feed_message", ["patient_key", "event_at"])
    op.create_index("ix_feed_message_control", "feed_message", ["sender", "control_id"])
    op.create_index("ix_feed_message_received_at", "feed_message", ["received_at"])
    op.create_table(
        "feed_subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_subject"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["feed_message.id"], name="fk_feed_subject_message_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_feed_subject_message_id", "feed_subject", ["message_id"])
    op.create_index("ix_feed_subject_key", "feed_subject", ["key"])


def downgrade():
    op.drop_table("feed_subject")
    op.drop_table("feed_message")
