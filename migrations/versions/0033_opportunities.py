"""documentation gaps that were found, and which charts wait to be read again

Revision ID: 0033
Revises: 0032
"""
import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("condition", sa.String(80), nullable=False),
        sa.Column("probe", sa.String(120), nullable=False),
        sa.Column("template", sa.String(80), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("criteria_source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("suppressed_because", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("evidence_at", sa.DateTime(timezone=True)),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("dismissed_reason", sa.Text(), nullable=False),
        sa.Column("dismissed_by", sa.String(200), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.Column("dismissed_evidence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity"),
        sa.UniqueConstraint("ref", name="uq_opportunity_ref"),
        sa.UniqueConstraint("encounter_id", "kind", "condition", name="uq_opportunity_encounter_id_kind_condition"),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name="fk_opportunity_encounter_id_encounter", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_opportunity_open", "opportunity", ["is_open", "weight", "evidence_at"])
    op.create_table(
        "opportunity_scan",
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(16), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("encounter_id", name="pk_opportunity_scan"),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name="fk_opportunity_scan_encounter_id_encounter", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "opportunity_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("refs", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity_due"),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name="fk_opportunity_due_encounter_id_encounter", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_opportunity_due_encounter_id", "opportunity_due", ["encounter_id"])
    # What is on file already is read once, as if it came today.
    op.execute("INSERT INTO opportunity_due (encounter_id) SELECT id FROM encounter")


def downgrade():
    op.drop_table("opportunity_due")
    op.drop_table("opportunity_scan")
    op.drop_table("opportunity")
