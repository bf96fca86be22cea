"""step-up sessions, remembered devices, factors, invitations, fetched links, rate limits, sensitive stays

Revision ID: 0038
Revises: 0036
"""
import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None


def _time(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table):
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _of(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade():
    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _time("until", False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_count"),
    )
    op.create_index("ix_rate_count_until", "rate_count", ["until"])
    op.create_table(
        "link_fetch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(10), nullable=False),
        _time("first_at", False),
        _time("last_at", False),
        _key("link_fetch"),
        _of("link_fetch", "link_id", "query_link"),
        sa.UniqueConstraint("link_id", "agent", name="uq_link_fetch_link_id_agent"),
    )
    op.create_table(
        "step_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(10), nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=True),
        _time("begun_at", False),
        _time("seen_at", False),
        _time("proven_at"),
        _time("fresh_at"),
        _time("ended_at"),
        _key("step_up"),
        _of("step_up", "link_id", "query_link"),
        _of("step_up", "provider_id", "provider"),
        sa.UniqueConstraint("secret_hash", name="uq_step_up_secret_hash"),
    )
    op.create_index("ix_step_up_begun_at", "step_up", ["begun_at"])
    op.create_table(
        "provider_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        _time("made_at", False),
        _time("seen_at", False),
        _time("revoked_at"),
        _key("provider_device"),
        _of("provider_device", "provider_id", "provider"),
        sa.UniqueConstraint("ref", name="uq_provider_device_ref"),
        sa.UniqueConstraint("secret_hash", name="uq_provider_device_secret_hash"),
    )
    op.create_index("ix_provider_device_provider_id", "provider_device", ["provider_id"])
    op.create_table(
        "provider_factor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(200), nullable=True),
        sa.Column("subject", sa.String(1400), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=False),
        _time("made_at", False),
        _time("confirmed_at"),
        _time("used_at"),
        _time("revoked_at"),
        _key("provider_factor"),
        _of("provider_factor", "provider_id", "provider"),
        sa.UniqueConstraint("ref", name="uq_provider_factor_ref"),
        sa.UniqueConstraint("issuer", "subject", name="uq_provider_factor_issuer_subject"),
    )
    op.create_index("ix_provider_factor_provider_id", "provider_factor", ["provider_id"])
    op.create_table(
        "provider_invite",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("call_code_hash", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.String(255), nullable=False),
        _time("asked_at", False),
        _time("approved_at"),
        _time("expires_at"),
        _time("used_at"),
        _time("ended_at"),
        _key("provider_invite"),
        _of("provider_invite", "provider_id", "provider"),
        sa.UniqueConstraint("ref", name="uq_provider_invite_ref"),
        sa.UniqueConstraint("token_hash", name="uq_provider_invite_token_hash"),
    )
    op.create_index("ix_provider_invite_provider_id", "provider_invite", ["provider_id"])
    op.add_column("provider", sa.Column("epoch", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("encounter", sa.Column("sensitivity", sa.String(40), nullable=False, server_default=""))
    op.drop_column("query_link", "failed_pins")
    op.drop_column("query_link", "locked_until")


def downgrade():
    op.add_column("query_link", sa.Column("locked_until", sa.DateTime(timezone=True)))
    op.add_column("query_link", sa.Column("failed_pins", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("encounter", "sensitivity")
    op.drop_column("provider", "epoch")
    for table in ("provider_invite", "provider_factor", "provider_device", "step_up", "link_fetch", "rate_count"):
        op.drop_table(table)
