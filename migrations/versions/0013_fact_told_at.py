"""when the document was made that told a fact last

Revision ID: 0013
Revises: 0012
"""
import sqlalchemy as sa
from alembic import op

from query_mgr.platform.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("fact", sa.Column("told_at", UtcDateTime(), nullable=True))


def downgrade():
    with op.batch_alter_table("fact") as batch:
        batch.drop_column("told_at")
