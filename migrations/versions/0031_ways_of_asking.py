"""queries sent together, asked again, co-signed and spoken

Revision ID: 0031
Revises: 0030
"""
import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _person(name, table, nullable=False):
    person = sa.ForeignKey("user_account.id", name=f"fk_{table}_{name}_user_account")
    return sa.Column(name, sa.Integer(), person, nullable=nullable)


def _query(table):
    query = sa.ForeignKey("query.id", name=f"fk_{table}_query_id_query", ondelete="CASCADE")
    return sa.Column("query_id", sa.Integer(), query, nullable=False)


def upgrade():
    op.create_table(
        "query_bundle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_query_bundle"),
        sa.UniqueConstraint("ref", name="uq_query_bundle_ref"),
    )
    # As SQL: through Alembic, SQLite would copy the table to add a reference, and dropping the old one would cascade.
    for column, table in (("parent_id", "query"), ("bundle_id", "query_bundle")):
        name = f"fk_query_{column}_{table}"
        op.execute(f"ALTER TABLE query ADD COLUMN {column} INTEGER CONSTRAINT {name} REFERENCES {table} (id)")
        op.create_index(f"ix_query_{column}", "query", [column])
    op.add_column("query", sa.Column("earlier", sa.JSON(), nullable=True))
    op.add_column("query", sa.Column("channel", sa.String(10), nullable=False, server_default="written"))
    op.add_column("query", sa.Column("repeat_reason", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "query_cosigning",
        sa.Column("id", sa.Integer(), nullable=False),
        _query("query_cosigning"),
        _person("asked_by_id", "query_cosigning"),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        _person("decided_by_id", "query_cosigning", nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_query_cosigning"),
    )
    op.create_index("ix_query_cosigning_query_id", "query_cosigning", ["query_id"])
    op.create_table(
        "query_talk",
        sa.Column("id", sa.Integer(), nullable=False),
        _query("query_talk"),
        sa.Column("asked_by", sa.String(160), nullable=False),
        sa.Column("talked_at", TIME, nullable=False),
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        _person("recorded_by_id", "query_talk"),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_query_talk"),
        sa.UniqueConstraint("query_id", name="uq_query_talk_query_id"),
    )


def downgrade():
    op.drop_table("query_talk")
    op.drop_table("query_cosigning")
    for column in ("repeat_reason", "channel", "earlier"):
        op.drop_column("query", column)
    for column in ("bundle_id", "parent_id"):
        op.drop_index(f"ix_query_{column}", "query")
        op.drop_column("query", column)
    op.drop_table("query_bundle")
