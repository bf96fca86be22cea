"""a search index of the codes in the order of rank, and what each coder uses

Revision ID: 0028
Revises: 0027

What the search reads becomes rows of its own, one for each phrase of a code, whose row number is their rank. They are
derived: after this the first search makes them of the codes that are loaded (or `flask codes reindex`).
"""
import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute("ALTER TABLE code DROP COLUMN search_vector")
    else:
        for name in ("code_search_insert", "code_search_delete"):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE code_search")
    # Columns are dropped and added in place: nothing is copied.
    op.drop_column("code", "search_text")
    op.add_column("code_set", sa.Column("indexed_as", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("code_set", sa.Column("divisions", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "code_entry",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code_set_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("title", sa.String(400), nullable=False),
        sa.Column("term", sa.String(400), nullable=False),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_set_id"], ["code_set.id"], name=op.f("fk_code_entry_code_set_id_code_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_code_entry")),
    )
    op.create_index(op.f("ix_code_entry_code_set_id"), "code_entry", ["code_set_id"])
    op.create_table(
        "code_word",
        sa.Column("code_set_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(400), nullable=False),
        sa.Column("phrases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_set_id"], ["code_set.id"], name=op.f("fk_code_word_code_set_id_code_set"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_set_id", "word", name=op.f("pk_code_word")),
    )
    op.create_table(
        "code_use",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(20), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_favourite", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_code_use_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "system", "code", name=op.f("pk_code_use")),
    )
    if is_postgresql:
        op.execute(
            "ALTER TABLE code_entry ADD COLUMN search_vector tsvector "
            "GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED"
        )
        op.execute("CREATE INDEX ix_code_search_vector ON code_entry USING gin (search_vector)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE code_search USING fts5(words, content='code_entry', content_rowid='place', "
        "tokenize='unicode61', detail='none', columnsize=0)"
    )
    op.execute(
        "CREATE TRIGGER code_entry_delete AFTER DELETE ON code_entry BEGIN "
        "INSERT INTO code_search(code_search, rowid, words) VALUES ('delete', old.place, old.words); END"
    )


def downgrade():
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if not is_postgresql:
        op.execute("DROP TRIGGER code_entry_delete")
        op.execute("DROP TABLE code_search")
    for table in ("code_use", "code_word", "code_entry"):
        op.drop_table(table)
    for column in ("divisions", "indexed_as"):
        op.drop_column("code_set", column)
    op.add_column("code", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE code SET search_text = lower(title)")
    if is_postgresql:
        op.execute(
            "ALTER TABLE code ADD COLUMN search_vector tsvector "
            "GENERATED ALWAYS AS (to_tsvector('english', search_text)) STORED"
        )
        op.execute("CREATE INDEX ix_code_search_vector ON code USING gin (search_vector)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE code_search USING fts5("
        "search_text, content='code', content_rowid='id', tokenize='porter unicode61', prefix='2 3')"
    )
    op.execute("INSERT INTO code_search(code_search) VALUES ('rebuild')")
    op.execute(
        "CREATE TRIGGER code_search_insert AFTER INSERT ON code BEGIN "
        "INSERT INTO code_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER code_search_delete AFTER DELETE ON code BEGIN "
        "INSERT INTO code_search(code_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END"
    )
