"""find the messages that wait for their chart without looking at all others

Revision ID: 0015
Revises: 0014
"""
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    waits = sa.text("status = 'received'")
    op.create_index("ix_feed_message_received", "feed_message", ["id"], sqlite_where=waits, postgresql_where=waits)


def downgrade():
    op.drop_index("ix_feed_message_received", "feed_message")
