"""search within an encounter: its documents by full text, its facts by name

Revision ID: 0010
Revises: 0009

SQLite keeps an FTS5 index beside the table, maintained by triggers; a later change that makes the table `document` anew
(batch mode) must make view and triggers anew too. PostgreSQL needs none: the encounter's own index
leaves few enough rows to look through.
"""
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEW = "INSERT INTO document_search(rowid, scope, text) VALUES (new.id, 'e' || coalesce(new.encounter_id, 0), new.text);"
_OLD = (
    "INSERT INTO document_search(document_search, rowid, scope, text) "
    "VALUES ('delete', old.id, 'e' || coalesce(old.encounter_id, 0), old.text);"
)


def upgrade():
    op.create_index("ix_fact_encounter_name", "fact", ["encounter_id", "kind", "name", "status", "observed_at"])
    if op.get_bind().dialect.name == "postgresql":
        return
    op.execute("CREATE VIEW document_search_source AS SELECT id, 'e' || coalesce(encounter_id, 0) AS scope, text FROM document")
    op.execute(
        "CREATE VIRTUAL TABLE document_search USING fts5(scope, text, content='document_search_source', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(f"CREATE TRIGGER document_search_insert AFTER INSERT ON document BEGIN {_NEW} END")
    op.execute(
        f"CREATE TRIGGER document_search_update AFTER UPDATE ON document "
        f"WHEN old.text <> new.text OR old.encounter_id IS NOT new.encounter_id BEGIN {_OLD} {_NEW} END"
    )
    op.execute(f"CREATE TRIGGER document_search_delete AFTER DELETE ON document BEGIN {_OLD} END")
    op.execute("INSERT INTO document_search(document_search) VALUES ('rebuild')")


def downgrade():
    op.drop_index("ix_fact_encounter_name", "fact")
    if op.get_bind().dialect.name == "postgresql":
        return
    for name in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER document_search_{name}")
    op.execute("DROP TABLE document_search")
    op.execute("DROP VIEW document_search_source")
