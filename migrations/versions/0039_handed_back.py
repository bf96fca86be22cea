"""queries that go back to their coder, what was shown before, and answers that come later

Revision ID: 0039
Revises: 0037
"""
import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "query_handed_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_proven", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("named_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(255), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["query_id"], ["query.id"], name=op.f("fk_query_handed_back_query_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_query_handed_back_provider_id")),
        sa.ForeignKeyConstraint(["named_id"], ["provider.id"], name=op.f("fk_query_handed_back_named_id")),
        sa.ForeignKeyConstraint(["to_id"], ["provider.id"], name=op.f("fk_query_handed_back_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_handed_back")),
    )
    op.create_index("ix_query_handed_back_query_id", "query_handed_back", ["query_id"])
    op.create_table(
        "query_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_html", sa.Text(), nullable=False),
        sa.Column("snapshot_hash", sa.String(64), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["query_id"], ["query.id"], name=op.f("fk_query_revision_query_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_query_revision_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_revision")),
        sa.UniqueConstraint("query_id", "revision", name=op.f("uq_query_revision_query_id_revision")),
    )
    op.create_table(
        "answer_later",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_answer_later_query_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_answer_later_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_later")),
        sa.UniqueConstraint("ref", name=op.f("uq_answer_later_ref")),
    )
    op.create_index("ix_answer_later_query_id", "answer_later", ["query_id"])


def downgrade():
    op.drop_table("answer_later")
    op.drop_table("query_revision")
    op.drop_table("query_handed_back")
