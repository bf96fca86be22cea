"""follow-up policy and calendars, the clock of a query, what was done, who is away, covers and stands in

Revision ID: 0037
Revises: 0038
"""
import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0038"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _to(column, target, table, nullable=False, cascade=False):
    name = f"fk_{table}_{column}_{target}"
    reference = sa.ForeignKey(f"{target}.id", name=name, ondelete="CASCADE" if cascade else None)
    return sa.Column(column, sa.Integer(), reference, nullable=nullable)


def _id():
    return sa.Column("id", sa.Integer(), nullable=False)


def _ref():
    return sa.Column("ref", sa.String(16), nullable=False)


def _keys(table, ref=True):
    found = [sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]
    return found + ([sa.UniqueConstraint("ref", name=f"uq_{table}_ref")] if ref else [])


def _made():
    return [
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
    ]


def upgrade():
    op.add_column("query", sa.Column("priority", sa.String(10), nullable=False, server_default="routine"))
    op.create_table(
        "follow_up_policy", _id(), _ref(),
        sa.Column("site", sa.String(160), nullable=False),
        sa.Column("service_line", sa.String(80), nullable=False),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=True),
        *_made(), *_keys("follow_up_policy"),
        sa.UniqueConstraint("site", "service_line", "priority", "version",
                            name="uq_follow_up_policy_site_service_line_priority_version"),
    )
    op.create_table(
        "site_calendar", _id(), _ref(),
        sa.Column("site", sa.String(160), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        *_made(), *_keys("site_calendar"),
        sa.UniqueConstraint("site", "version", name="uq_site_calendar_site_version"),
    )
    op.create_table(
        "department_lead", _id(),
        sa.Column("site", sa.String(160), nullable=False),
        sa.Column("service_line", sa.String(80), nullable=False),
        _to("provider_id", "provider", "department_lead"),
        *_keys("department_lead", ref=False),
        sa.UniqueConstraint("site", "service_line", name="uq_department_lead_site_service_line"),
    )
    op.create_table(
        "query_follow_up",
        _to("query_id", "query", "query_follow_up", cascade=True),
        sa.Column("policy_ref", sa.String(16), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("unfollowed_because", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("query_id", name="pk_query_follow_up"),
    )
    op.create_index("ix_query_follow_up_next", "query_follow_up", ["next_at"])
    op.create_table(
        "query_clock_event", _id(),
        _to("query_id", "query", "query_clock_event", cascade=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("at", TIME, nullable=False),
        *_keys("query_clock_event", ref=False),
    )
    op.create_index("ix_query_clock_event_query_id", "query_clock_event", ["query_id"])
    op.create_table(
        "follow_up_step", _id(),
        _to("query_id", "query", "follow_up_step", cascade=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(30), nullable=False),
        sa.Column("recipient", sa.String(10), nullable=False),
        sa.Column("to_kind", sa.String(10), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        *_keys("follow_up_step", ref=False),
        sa.UniqueConstraint("query_id", "round", "key", name="uq_follow_up_step_query_id_round_key"),
    )
    op.create_index("ix_follow_up_step_waiting", "follow_up_step", ["outcome", "to_kind", "to_id"])
    op.create_table(
        "provider_absence", _id(), _ref(),
        _to("provider_id", "provider", "provider_absence"),
        sa.Column("since_at", TIME, nullable=False),
        sa.Column("until_at", TIME, nullable=True),
        _to("cover_id", "provider", "provider_absence", nullable=True),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("noted_by", sa.String(255), nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        *_keys("provider_absence"),
    )
    op.create_index("ix_provider_absence_provider_id", "provider_absence", ["provider_id"])
    op.create_table(
        "duty_roster",
        _to("provider_id", "provider", "duty_roster"),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("on_days", sa.Integer(), nullable=False),
        sa.Column("off_days", sa.Integer(), nullable=False),
        sa.Column("works_weekends", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name="pk_duty_roster"),
    )
    op.create_table(
        "answer_grant", _id(), _ref(),
        _to("grantor_id", "provider", "answer_grant"),
        _to("delegate_id", "provider", "answer_grant"),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.String(255), nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        *_keys("answer_grant"),
    )
    for column in ("grantor_id", "delegate_id"):
        op.create_index(f"ix_answer_grant_{column}", "answer_grant", [column])
    op.create_table(
        "provider_pool", _id(), _ref(), sa.Column("name", sa.String(80), nullable=False),
        *_keys("provider_pool"), sa.UniqueConstraint("name", name="uq_provider_pool_name"),
    )
    op.create_table(
        "provider_pool_member",
        _to("pool_id", "provider_pool", "provider_pool_member", cascade=True),
        _to("provider_id", "provider", "provider_pool_member"),
        sa.PrimaryKeyConstraint("pool_id", "provider_id", name="pk_provider_pool_member"),
    )
    # As SQL: through Alembic, SQLite would copy the table to add a reference, and dropping the old one would cascade.
    op.execute(
        "ALTER TABLE query ADD COLUMN pool_id INTEGER "
        "CONSTRAINT fk_query_pool_id_provider_pool REFERENCES provider_pool (id)"
    )
    op.create_table(
        "answer_cosignature", _id(),
        _to("answer_id", "answer", "answer_cosignature"),
        _to("asked_id", "provider", "answer_cosignature"),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("signed_at", TIME, nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("manifest_hash", sa.String(64), nullable=False),
        *_keys("answer_cosignature", ref=False),
        sa.UniqueConstraint("answer_id", name="uq_answer_cosignature_answer_id"),
    )


def downgrade():
    op.drop_table("answer_cosignature")
    op.drop_column("query", "pool_id")
    for table in ("provider_pool_member", "provider_pool", "answer_grant", "duty_roster", "provider_absence",
                  "follow_up_step", "query_clock_event", "query_follow_up", "department_lead", "site_calendar",
                  "follow_up_policy"):
        op.drop_table(table)
    op.drop_column("query", "priority")
