"""the edition of the brief that a query was checked under

Revision ID: 0034
Revises: 0033
"""
import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("query", sa.Column("lint_edition", sa.String(30), nullable=False, server_default=""))


def downgrade():
    op.drop_column("query", "lint_edition")
