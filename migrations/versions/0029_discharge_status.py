"""the discharge status that the feeds give

Revision ID: 0029
Revises: 0028
"""
import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("encounter", sa.Column("disposition", sa.String(2), nullable=False, server_default=""))


def downgrade():
    op.drop_column("encounter", "disposition")
