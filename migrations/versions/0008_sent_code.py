"""codes that other systems of the hospital already assigned

Revision ID: 0008
Revises: 0007
"""
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "sent_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("source_key", sa.String(200), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer()),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code_system", sa.String(60), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("sequence", sa.Integer()),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("poa", sa.String(1), nullable=False),
        sa.Column("modifiers", sa.String(40), nullable=False),
        sa.Column("units", sa.Float()),
        sa.Column("served_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sent_code"),
        sa.UniqueConstraint("ref", name="uq_sent_code_ref"),
        sa.UniqueConstraint("source_key", name="uq_sent_code_source_key"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_sent_code_patient_id"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name="fk_sent_code_encounter_id"),
    )
    op.create_index("ix_sent_code_patient_id", "sent_code", ["patient_id"])
    op.create_index("ix_sent_code_encounter_id", "sent_code", ["encounter_id"])


def downgrade():
    op.drop_table("sent_code")
