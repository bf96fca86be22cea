"""what the second person wants changed in a site template

Revision ID: 0004
Revises: 0003
"""
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("site_template") as table:
        table.add_column(sa.Column("note", sa.String(500), nullable=False, server_default=""))


def downgrade():
    with op.batch_alter_table("site_template") as table:
        table.drop_column("note")
