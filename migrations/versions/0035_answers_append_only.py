"""answers that nothing changes, and what is added to them

Revision ID: 0035
Revises: 0034

Triggers refuse to change or delete an answer or an amendment. SQLite replaces a row without asking the delete trigger,
so that an insert onto a row that is there is refused as well.
"""
import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

#: table -> what makes two rows the same
KEYS = {
    "answer": "ref = NEW.ref OR op_id = NEW.op_id OR (query_id = NEW.query_id AND revision = NEW.revision)",
    "answer_amendment": "ref = NEW.ref OR op_id = NEW.op_id OR (answer_id = NEW.answer_id AND number = NEW.number)",
}


def upgrade():
    op.add_column("query_link", sa.Column("purpose", sa.String(10), nullable=False, server_default="answer"))
    op.create_table(
        "answer_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("option_key", sa.String(40), nullable=False),
        sa.Column("option_label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("manifest_hash", sa.String(64), nullable=False),
        sa.Column("op_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_answer_amendment_answer_id")),
        sa.ForeignKeyConstraint(["signer_id"], ["provider.id"], name=op.f("fk_answer_amendment_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_amendment")),
        sa.UniqueConstraint("ref", name=op.f("uq_answer_amendment_ref")),
        sa.UniqueConstraint("op_id", name=op.f("uq_answer_amendment_op_id")),
        sa.UniqueConstraint("answer_id", "number", name=op.f("uq_answer_amendment_answer_id_number")),
    )
    op.create_table(
        "amendment_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("followed", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.String(255), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["answer_amendment.id"], name=op.f("fk_amendment_review_amendment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment_review")),
        sa.UniqueConstraint("amendment_id", name=op.f("uq_amendment_review_amendment_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in KEYS:
            for what, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
                op.execute(
                    f"CREATE TRIGGER {table}_append_only_{each.lower()} BEFORE {what} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
                )
        return
    for table, same in KEYS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for what in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} {refuse}")
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR {same}) {refuse}"
        )


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        for table in KEYS:
            for each in ("row", "statement"):
                op.execute(f"DROP TRIGGER {table}_append_only_{each} ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
    else:
        for table in KEYS:
            for what in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{what}")
    op.drop_table("amendment_review")
    op.drop_table("answer_amendment")
    with op.batch_alter_table("query_link") as batch_op:
        batch_op.drop_column("purpose")
