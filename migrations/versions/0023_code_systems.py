"""several code systems: where an edition came from, and the dates and texts of a code itself

Revision ID: 0023
Revises: 0022
"""
import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_NEW = {
    "code_set": (
        sa.Column("file_name", sa.String(200), nullable=False, server_default=""),
        sa.Column("file_hash", sa.String(64), nullable=False, server_default=""),
        sa.Column("is_sample", sa.Boolean(), nullable=False, server_default=sa.false()),
    ),
    "code": (
        sa.Column("short_title", sa.String(100), nullable=False, server_default=""),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("own", sa.JSON(), nullable=False, server_default="{}"),
    ),
}


def upgrade():
    # Columns are added in place: a copied table would lose the triggers that keep the full-text index.
    for table, columns in _NEW.items():
        for column in columns:
            op.add_column(table, column)


def downgrade():
    for table, columns in _NEW.items():
        for column in columns:
            op.drop_column(table, column.name)
