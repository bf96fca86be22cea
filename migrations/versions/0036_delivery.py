"""what becomes of messages, mail servers and the mail that comes back

Revision ID: 0036
Revises: 0035
"""
import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("crashes", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("failure_class", sa.String(20), nullable=False, server_default=""))
        batch.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    days = "datetime(created_at, '+3 days')" if op.get_bind().dialect.name == "sqlite" else "created_at + interval '3 days'"
    op.execute(f"UPDATE outbox_message SET due_at = {days}")
    # What failed before there was a page for it was seen to on the query's own page.
    op.execute("UPDATE outbox_message SET state = 'dropped' WHERE state = 'failed'")
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.drop_index("ix_outbox_message_due")
        batch.create_index("ix_outbox_message_state_due", ["state", "due_at", "id"])
    op.create_table(
        "mail_relay",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("failure_class", sa.String(20), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closings", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_until", sa.DateTime(timezone=True)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("next_send_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_mail_relay"),
    )
    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outbox_ref", sa.String(16)),
        sa.Column("status_code", sa.String(12), nullable=False),
        sa.Column("recipient", sa.String(255), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_mail"),
        sa.UniqueConstraint("ref", name="uq_inbound_mail_ref"),
        sa.UniqueConstraint("digest", name="uq_inbound_mail_digest"),
    )
    op.create_index("ix_inbound_mail_state", "inbound_mail", ["state"])


def downgrade():
    op.drop_table("inbound_mail")
    op.drop_table("mail_relay")
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_index("ix_outbox_message_state_due")
        batch.create_index("ix_outbox_message_due", ["state", "next_attempt_at"])
        batch.drop_column("due_at")
        batch.drop_column("failure_class")
        batch.drop_column("crashes")
