"""indexes for the list of queries, latest change first

Revision ID: 0003
Revises: 0002
"""
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_query_updated", "query", ["updated_at", "id"])
    op.create_index("ix_query_status_updated", "query", ["status", "updated_at", "id"])


def downgrade():
    op.drop_index("ix_query_status_updated", "query")
    op.drop_index("ix_query_updated", "query")
