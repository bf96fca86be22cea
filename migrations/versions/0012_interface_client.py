"""systems that post charts, and what they posted

Revision ID: 0012
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "interface_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_interface_client"),
        sa.UniqueConstraint("name", name="uq_interface_client_name"),
        sa.UniqueConstraint("key_hash", name="uq_interface_client_key_hash"),
    )
    op.create_table(
        "fhir_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fhir_submission"),
        sa.UniqueConstraint("ref", name="uq_fhir_submission_ref"),
        sa.UniqueConstraint("client_id", "digest", name="uq_fhir_submission_client_id_digest"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["interface_client.id"], name="fk_fhir_submission_client_id"
        ),
    )
    op.create_index("ix_fhir_submission_received_at", "fhir_submission", ["received_at"])


def downgrade():
    op.drop_table("fhir_submission")
    op.drop_table("interface_client")
