"""a version of each encounter's facts, so that what was worked out from them is known to be true still

Revision ID: 0024
Revises: 0023
"""
import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("encounter", sa.Column("facts_version", sa.String(16), nullable=False, server_default=""))
    op.execute("UPDATE encounter SET facts_version = ref")  # random already, and of no two databases


def downgrade():
    op.drop_column("encounter", "facts_version")
