"""identities of patients that were merged into others

Revision ID: 0007
Revises: 0006
"""
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "patient_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(200), nullable=False),
        sa.Column("survivor_key", sa.String(200), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patient_alias"),
        sa.UniqueConstraint("source_key", name="uq_patient_alias_source_key"),
    )
    op.create_index("ix_patient_alias_survivor_key", "patient_alias", ["survivor_key"])


def downgrade():
    op.drop_table("patient_alias")
