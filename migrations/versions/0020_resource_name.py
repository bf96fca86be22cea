"""by what names the files of a sender refer to patients and providers

Revision ID: 0020
Revises: 0019
"""
import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "resource_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source_key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resource_name"),
        sa.UniqueConstraint("name", "source_key", name="uq_resource_name_name_source_key"),
    )


def downgrade():
    op.drop_table("resource_name")
