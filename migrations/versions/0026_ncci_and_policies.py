"""the edits of the National Correct Coding Initiative, payers, and their policies by version

Revision ID: 0026
Revises: 0025
"""
import sqlalchemy as sa
from alembic import op

from query_mgr.platform.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "ncci_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("setting", sa.String(20), nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("part", sa.SmallInteger, nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("loaded_at", UtcDateTime, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.Column("rationales", sa.JSON, nullable=False),
        sa.Column("is_sample", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("kind", "setting", "effective_from", "part"),
    )
    # On SQLite the rows of these two lie in the order of their key: they are found by nothing else, and a quarter has
    # more than a million of them.
    op.create_table(
        "ncci_pair",
        sa.Column("file_id", sa.Integer, sa.ForeignKey("ncci_file.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("column1", sa.String(5), primary_key=True),
        sa.Column("column2", sa.String(5), primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("deleted_on", sa.Date, nullable=False),
        sa.Column("modifier", sa.SmallInteger, nullable=False),
        sa.Column("rationale", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ncci_unit_limit",
        sa.Column("file_id", sa.Integer, sa.ForeignKey("ncci_file.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("indicator", sa.SmallInteger, nullable=False),
        sa.Column("rationale", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ncci_addon",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file_id", sa.Integer, sa.ForeignKey("ncci_file.id", ondelete="CASCADE"), nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("code", sa.String(5), nullable=False),
        sa.Column("type", sa.SmallInteger, nullable=False),
        sa.Column("primary_code", sa.String(5), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("deleted_on", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_ncci_addon_file_id_code", "ncci_addon", ["file_id", "code"])
    op.create_table(
        "payer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("also_called", sa.JSON, nullable=False),
        sa.Column("is_example", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "payer_policy",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(16), nullable=False, unique=True),
        sa.Column("payer_id", sa.Integer, sa.ForeignKey("payer.id"), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("effective_to", sa.Date),
        sa.Column("terms", sa.JSON, nullable=False),
        sa.Column("citation", sa.String(300), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source_url", sa.String(300), nullable=False),
        sa.Column("change_note", sa.String(300), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("payer_id", "number", "version"),
    )


def downgrade():
    for table in ("payer_policy", "payer", "ncci_addon", "ncci_unit_limit", "ncci_pair", "ncci_file"):
        op.drop_table(table)
