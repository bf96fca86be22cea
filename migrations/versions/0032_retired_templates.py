"""templates that a site offers to nobody any more

Revision ID: 0032
Revises: 0031
"""
import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    person = sa.ForeignKey("user_account.id", name="fk_retired_template_retired_by_id_user_account")
    op.create_table(
        "retired_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("retired_by_id", sa.Integer(), person, nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retired_template"),
        sa.UniqueConstraint("key", name="uq_retired_template_key"),
    )


def downgrade():
    op.drop_table("retired_template")
