"""uploads that wait for a decision

Revision ID: 0015
Revises: 0014
"""
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
        sa.UniqueConstraint("ref", name="uq_upload_ref"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_upload_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_upload_user_id", "upload", ["user_id"])
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"])


def downgrade():
    op.drop_table("upload")
