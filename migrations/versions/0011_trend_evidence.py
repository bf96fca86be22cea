"""several readings of one test as one clinical indicator

Revision ID: 0011
Revises: 0010
"""
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "query_indicator_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("fact_ref", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_query_indicator_reading"),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["query_indicator.id"], name="fk_query_indicator_reading_indicator_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_query_indicator_reading_indicator_id", "query_indicator_reading", ["indicator_id"])
    op.create_index("ix_query_indicator_reading_fact_ref", "query_indicator_reading", ["fact_ref"])


def downgrade():
    op.drop_table("query_indicator_reading")
