"""what became of an indicator's source after it was picked

Revision ID: 0006
Revises: 0005
"""
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("query_indicator") as table:
        table.add_column(sa.Column("source_state", sa.String(10), nullable=False, server_default=""))
    op.create_index("ix_query_indicator_source_ref", "query_indicator", ["source_ref"])


def downgrade():
    op.drop_index("ix_query_indicator_source_ref", "query_indicator")
    with op.batch_alter_table("query_indicator") as table:
        table.drop_column("source_state")
