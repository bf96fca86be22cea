"""the identity each row was sent under, stays that rows wait for, and pairs that may be one person

Revision ID: 0021
Revises: 0020
"""
import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_OWNED = ("encounter", "document", "fact", "sent_code")
_LINKED = ("document", "fact", "sent_code")


def upgrade():
    for table in _OWNED:
        op.add_column(table, sa.Column("own_patient_key", sa.String(200)))
    is_set = sa.text("awaited_key IS NOT NULL")
    for table in _LINKED:
        op.add_column(table, sa.Column("awaited_key", sa.String(200)))
        op.create_index(
            f"ix_{table}_awaited", table, ["awaited_key"], sqlite_where=is_set, postgresql_where=is_set
        )
    op.create_index("ix_patient_birth_on", "patient", ["birth_on"])
    op.create_table(
        "identity_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("first_key", sa.String(200), nullable=False),
        sa.Column("second_key", sa.String(200), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_pair"),
        sa.UniqueConstraint("ref", name="uq_identity_pair_ref"),
        sa.UniqueConstraint("first_key", "second_key", name="uq_identity_pair_keys"),
    )
    op.create_index("ix_identity_pair_second_key", "identity_pair", ["second_key"])
    op.create_index("ix_identity_pair_verdict", "identity_pair", ["verdict"])


def downgrade():
    op.drop_table("identity_pair")
    op.drop_index("ix_patient_birth_on", "patient")
    for table in _LINKED:
        op.drop_index(f"ix_{table}_awaited", table)
        op.drop_column(table, "awaited_key")
    for table in _OWNED:
        op.drop_column(table, "own_patient_key")
