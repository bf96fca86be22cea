"""find the messages that wait for their chart without looking at all others

Revision ID: 0016
Revises: 0015
"""
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    waits = sa.text("status = 'received'")
    op.create_index("ix_feed_message_received", "feed_message", ["id"], sqlite_where=waits, postgresql_where=waits)


def downgrade():
    op.drop_index("ix_feed_message_received", "feed_message")
