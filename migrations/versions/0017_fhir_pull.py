"""what was fetched from which FHIR server

Revision ID: 0017
Revises: 0016
"""
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "fhir_pull",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("base_url", sa.String(300), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True)),
        sa.Column("until_at", sa.DateTime(timezone=True)),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("status_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("resources", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fhir_pull"),
        sa.UniqueConstraint("ref", name="uq_fhir_pull_ref"),
    )
    op.create_index("ix_fhir_pull_base_url_state", "fhir_pull", ["base_url", "state"])


def downgrade():
    op.drop_table("fhir_pull")
