"""object identifiers of authorities without "urn:oid:", as all formats write them now

Revision ID: 0014
Revises: 0013
"""
import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = (("patient", "source_key"), ("provider", "source_key"), ("patient_alias", "source_key"))


def upgrade():
    for table, column in _COLUMNS:
        # A key that another format already brought stays apart: joining two patients is a merge, and a human's decision.
        op.execute(
            sa.text(
                f"UPDATE {table} SET {column} = substr({column}, 9) WHERE {column} LIKE 'urn:oid:%' AND NOT EXISTS "
                f"(SELECT 1 FROM {table} AS other WHERE other.{column} = substr({table}.{column}, 9))"
            )
        )
    op.execute(
        sa.text(
            "UPDATE patient_alias SET survivor_key = substr(survivor_key, 9) WHERE survivor_key LIKE 'urn:oid:%' "
            "AND NOT EXISTS (SELECT 1 FROM patient WHERE patient.source_key = patient_alias.survivor_key)"
        )
    )


def downgrade():
    pass  # the shorter keys name the same authorities
