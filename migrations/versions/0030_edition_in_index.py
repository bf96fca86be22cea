"""the edition of a phrase in PostgreSQL's index, so that a search there reads no other edition's rows

Revision ID: 0030
Revises: 0029
"""
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def _index(words):
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE code_entry DROP COLUMN search_vector")
    op.execute(
        "ALTER TABLE code_entry ADD COLUMN search_vector tsvector "
        f"GENERATED ALWAYS AS (to_tsvector('simple', {words})) STORED"
    )
    op.execute("CREATE INDEX ix_code_search_vector ON code_entry USING gin (search_vector)")


def upgrade():
    _index("words || ' edition' || code_set_id")


def downgrade():
    _index("words")
