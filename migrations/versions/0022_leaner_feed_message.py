"""an index less to keep with every message; nothing looks messages up by when they came

Revision ID: 0022
Revises: 0021
"""
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index("ix_feed_message_received_at", "feed_message")


def downgrade():
    op.create_index("ix_feed_message_received_at", "feed_message", ["received_at"])
