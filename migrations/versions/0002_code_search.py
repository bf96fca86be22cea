"""full-text search over codes

Revision ID: 0002
Revises: 0001

SQLite keeps an FTS5 index beside the table, maintained by triggers; PostgreSQL a generated tsvector.
"""
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
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
    op.execute(
        "CREATE TRIGGER code_search_insert AFTER INSERT ON code BEGIN "
        "INSERT INTO code_search(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
    op.execute(
        "CREATE TRIGGER code_search_delete AFTER DELETE ON code BEGIN "
        "INSERT INTO code_search(code_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END"
    )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE code DROP COLUMN search_vector")
        return
    for name in ("code_search_insert", "code_search_delete"):
        op.execute(f"DROP TRIGGER {name}")
    op.execute("DROP TABLE code_search")
