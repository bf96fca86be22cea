"""when documents and facts came, and when somebody last looked at them

Revision ID: 0019
Revises: 0018
"""
import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("document", sa.Column("arrived_at", sa.DateTime(timezone=True)))
    op.add_column("document", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.add_column("fact", sa.Column("arrived_at", sa.DateTime(timezone=True)))
    op.create_index("ix_fact_encounter_id_arrived_at", "fact", ["encounter_id", "arrived_at"])
    op.drop_index("ix_fact_encounter_name", "fact")
    op.create_index("ix_fact_encounter_name", "fact", ["encounter_id", "kind", "name", "observed_at", "status"])
    op.drop_index("ix_fact_patient_id", "fact")
    op.create_index("ix_fact_patient_id_kind", "fact", ["patient_id", "kind"])
    op.create_table(
        "look",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("user_id", "kind", "subject_id", name="pk_look"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_look_user_id", ondelete="CASCADE"),
    )


def downgrade():
    op.drop_table("look")
    op.drop_index("ix_fact_patient_id_kind", "fact")
    op.create_index("ix_fact_patient_id", "fact", ["patient_id"])
    op.drop_index("ix_fact_encounter_name", "fact")
    op.create_index("ix_fact_encounter_name", "fact", ["encounter_id", "kind", "name", "status", "observed_at"])
    op.drop_index("ix_fact_encounter_id_arrived_at", "fact")
    with op.batch_alter_table("fact") as batch:
        batch.drop_column("arrived_at")
    with op.batch_alter_table("document") as batch:
        batch.drop_column("changed_at")
        batch.drop_column("arrived_at")
