"""The composition root: `create_app()` for gunicorn and `flask --app app ...`."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_login import current_user

from config import settings as config
from query_mgr.accounts.cli import accounts_cli
from query_mgr.accounts.permissions import NotAllowedError, may
from query_mgr.accounts.routes import accounts
from query_mgr.accounts.security import init_security
from query_mgr.audit.cli import audit_cli
from query_mgr.charts import uploads
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.fhir_api.cli import client_cli
from query_mgr.charts.fhir_api.routes import fhir
from query_mgr.charts.fhir_pull.cli import pull_
from query_mgr.charts.hl7_cli import hl7_cli
from query_mgr.charts.identity_routes import identities
from query_mgr.charts.intake import retention
from query_mgr.charts.intake.routes import interfaces
from query_mgr.charts.upload_routes import uploading
from query_mgr.clinical.cli import clinical_cli
from query_mgr.codes.cli import codes_cli
from query_mgr.codes.routes import codes
from query_mgr.coding import scrubbing
from query_mgr.coding.cli import coding_cli
from query_mgr.coding.handoff import sending as handoff
from query_mgr.coding.loading import load_cli, tables
from query_mgr.coding.payers.routes import policies
from query_mgr.delivery import attention, imap, intake, schedule
from query_mgr.delivery.cli import mail_cli
from query_mgr.delivery.routes import delivery, has_mailbox
from query_mgr.delivery.worker import worker
from query_mgr.demo import serve as demo_serve
from query_mgr.desk.access_routes import access_desk
from query_mgr.desk.asking_routes import asking_desk
from query_mgr.desk.billing_routes import billing_desk
from query_mgr.desk.chart_routes import chart_desk
from query_mgr.desk.check_routes import check_desk
from query_mgr.desk.coding_routes import coding_desk
from query_mgr.desk.coding_tools import coding_tools
from query_mgr.desk.composer_routes import query_desk
from query_mgr.desk.condition_routes import condition_desk
from query_mgr.desk.cover_routes import cover_desk
from query_mgr.desk.follow_up_routes import follow_up_desk
from query_mgr.desk.label_routes import label_desk
from query_mgr.desk.lint_routes import lint_desk
from query_mgr.desk.opportunity_routes import opportunity_desk
from query_mgr.desk.routes import desk
from query_mgr.desk.template_routes import template_desk
from query_mgr.insight.routes import insight
from query_mgr.platform import limits, web
from query_mgr.platform.db import db, migrate
from query_mgr.platform.serve import serve
from query_mgr.queries import edition as lint_edition
from query_mgr.queries import events, evidence, holding
from query_mgr.queries.cli import queries_cli
from query_mgr.queries.followup import notices as follow_up_notices
from query_mgr.queries.followup import running as follow_up
from query_mgr.queries.library import problems as library_problems
from query_mgr.queries.opportunities import store as opportunities
from query_mgr.queries.opportunities.cli import opportunities_command
from query_mgr.queries.template_cli import templates_cli
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond import countersigning
from query_mgr.respond import later as respond_later
from query_mgr.respond import mail as respond_mail
from query_mgr.respond.cli import answers_cli
from query_mgr.respond.site import respond
from query_mgr.respond.stepup import sessions, telling

#: what the navigation offers: label, endpoint, the permission it needs
MENU = (
    ("Today", "desk.today", "chart.view"),
    ("Queries", "query_desk.queries", "query.view"),
    ("To ask", "opportunity_desk.opportunities", "query.compose"),
    ("Codes", "codes.index", "codes.search"),
    ("Co-sign", "asking_desk.waiting", "query.cosign"),
    ("Follow-up", "follow_up_desk.coming", "follow_up.view"),
    ("Policies", "policies.index", "policy.view"),
    ("Billing", "billing_desk.billing", "coding.hand_off"),
    ("Templates", "template_desk.library", "template.view"),
    ("Conditions", "condition_desk.library", "template.view"),
    ("Figures", "insight.figures", "insight.view"),
    ("Interfaces", "interfaces.overview", "feed.view"),
    ("Providers", "accounts.providers", "provider.view"),
    ("Mailbox", "delivery.mailbox", "mailbox.view"),
    ("Delivery", "delivery.outbox", "delivery.view"),
)


def create_app(settings: config.Settings | None = None) -> Flask:
    """Return the application with every slice registered.

    Raises config.SettingsError where it must not start.
    """
    settings = settings or config.load()
    lint_edition.check(settings)
    app = Flask(
        "query_mgr",
        root_path=str(config.ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(settings.instance_dir),
    )
    web.configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    init_security(app, settings)
    for blueprint in (
        accounts,
        delivery,
        codes,
        respond,
        desk,
        chart_desk,
        query_desk,
        access_desk,
        asking_desk,
        label_desk,
        follow_up_desk,
        cover_desk,
        lint_desk,
        opportunity_desk,
        coding_desk,
        coding_tools,
        billing_desk,
        template_desk,
        condition_desk,
        check_desk,
        insight,
        fhir,
        uploading,
        interfaces,
        identities,
        policies,
    ):
        app.register_blueprint(blueprint)
    scrubbing.register()
    evidence.register()
    holding.register()
    handoff.register()
    intake.register_notice()
    respond_mail.register()
    respond_later.register()
    countersigning.register()
    telling.register()
    events.when_moved(follow_up.note_move)
    follow_up_notices.register()
    reconcile.register()
    demo_serve.register()
    library_problems.register()
    opportunities.register()
    schedule.register("opportunities", 5, opportunities.refresh_due)
    schedule.register("follow-up", 20, follow_up.run_due)
    schedule.register("expired uploads", 60, uploads.forget_expired)
    schedule.register("expired payloads", 600, retention.forget_expired)
    schedule.register("settled messages", 60, attention.forget_settled)
    schedule.register("bounce mailbox", 60, imap.fetch)
    schedule.register("expired counts", 600, limits.forget_expired)
    schedule.register("visits that are over", 3600, sessions.forget_old)
    app.register_error_handler(NotAllowedError, web.not_allowed)
    app.context_processor(_navigation)
    queries_cli.add_command(templates_cli)
    charts_cli.add_command(client_cli)
    charts_cli.add_command(pull_)
    queries_cli.add_command(opportunities_command)
    coding_cli.add_command(load_cli)
    coding_cli.add_command(tables)
    for command in (
        accounts_cli,
        answers_cli,
        audit_cli,
        charts_cli,
        clinical_cli,
        codes_cli,
        coding_cli,
        hl7_cli,
        mail_cli,
        queries_cli,
        serve,
        worker,
    ):
        app.cli.add_command(command)
    return app


def _navigation() -> dict[str, object]:
    shown = [entry for entry in MENU if entry[1] != "delivery.mailbox" or has_mailbox()]
    return {"menu": shown, "may_do": lambda action: may(current_user.role_names, action)}
