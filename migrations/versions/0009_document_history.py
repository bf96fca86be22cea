"""what documents said before, how they belong together, and the files that came with them

Revision ID: 0009
Revises: 0008
"""
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("document", sa.Column("related_key", sa.String(200)))
    op.add_column("document", sa.Column("relation", sa.String(10), nullable=False, server_default=""))
    op.add_column("document", sa.Column("own_status", sa.String(20), nullable=False, server_default="final"))
    op.execute("UPDATE document SET own_status = status")
    op.create_index("ix_document_related_key", "document", ["related_key"])
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("authored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_version"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_document_version_document_id"),
    )
    op.create_index("ix_document_version_document_id", "document_version", ["document_id"])
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("ref", name="uq_attachment_ref"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_attachment_document_id"),
    )
    op.create_index("ix_attachment_document_id", "attachment", ["document_id"])


def downgrade():
    op.drop_table("attachment")
    op.drop_table("document_version")
    with op.batch_alter_table("document") as batch:
        batch.drop_index("ix_document_related_key")
        batch.drop_column("own_status")
        batch.drop_column("relation")
        batch.drop_column("related_key")
