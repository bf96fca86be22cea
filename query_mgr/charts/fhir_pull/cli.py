"""`flask charts pull`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from config.settings import Settings
from query_mgr.charts.fhir_pull.authorization import Authorization, read_key
from query_mgr.charts.fhir_pull.problems import AnsweredError, PullError
from query_mgr.charts.fhir_pull.run import Asked, Run, pull
from query_mgr.charts.fhir_pull.search import instant
from query_mgr.charts.fhir_pull.server import Patience, Server
from query_mgr.charts.report import Report
from query_mgr.platform.web import current_settings


@click.command("pull")
@click.option("--since", help="A date, or a time with offset, instead of where the last run ended.")
@click.option("--all", "everything", is_flag=True, help="Everything, whatever was fetched before.")
def pull_(since: str | None, everything: bool) -> None:
    """Fetch what changed from the FHIR server of the settings, and import it.

    Prints one JSON line a chart and a last one for the run; exits 1 if a chart was rejected or the run stopped. A run
    that stopped, or was killed, is gone on with by the next one.
    """
    settings = current_settings()
    if since and everything:
        raise click.UsageError("--since and --all exclude each other")
    asked = Asked(everything, _moment(since, settings) if since else None)
    try:
        run = Run(server_of(settings), settings.instance_dir / "fhir_pull", settings.fhir_export, _print)
        row = pull(run, asked)
    except PullError as error:
        raise click.ClickException(str(error)) from None
    summary = {
        "pulled": run.server.host,
        "method": row.method,
        "since": instant(row.since_at) if row.since_at else None,
        "until": instant(row.until_at) if row.until_at else None,
        "resources": row.resources,
        "rejected": row.rejected,
        "warnings": run.warnings,
    }
    click.echo(json.dumps(summary, ensure_ascii=False))
    if row.rejected:
        raise SystemExit(1)


def _print(report: Report) -> None:
    click.echo(json.dumps(asdict(report), ensure_ascii=False))


def _moment(written: str, settings: Settings) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.UsageError("--since must look like 2026-11-02 or 2026-11-02T14:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.time_zone))).astimezone(UTC)


def server_of(settings: Settings, patience: Patience | None = None) -> Server:
    """Return the server that the settings name. Raises PullError where something is missing or cannot be read."""
    if not settings.fhir_base_url:
        raise PullError("QUERY_MGR_FHIR_BASE_URL is not set; config/example.env shows what a pull needs")
    hosts = frozenset(filter(None, (each.strip().lower() for each in settings.fhir_file_hosts.split(","))))
    server = Server(settings.fhir_base_url, file_hosts=hosts, patience=patience)
    if settings.fhir_client_id:
        if not settings.fhir_private_key:
            raise PullError("QUERY_MGR_FHIR_PRIVATE_KEY is not set; a client id needs a key")
        server.authorization = Authorization(
            settings.fhir_client_id,
            settings.fhir_token_url or discovered(server),
            read_key(Path(settings.fhir_private_key)),
            settings.fhir_key_id,
            settings.fhir_scopes,
        )
    return server


def discovered(server: Server) -> str:
    """Return the token endpoint that the server names, if it is on the same host. Raises PullError."""
    hint = "set QUERY_MGR_FHIR_TOKEN_URL"
    try:
        found = server.json(f"{server.base_url}/.well-known/smart-configuration", "its SMART configuration")
    except AnsweredError as error:
        raise PullError(f"{error}; {hint}") from None
    url = found.get("token_endpoint")
    if not isinstance(url, str):
        raise PullError(f"{server.host} names no token endpoint; {hint}")
    try:
        server.check(url, "its token endpoint")
    except PullError:
        raise PullError(
            f"{server.host} names a token endpoint on another host; if that is right, {hint}"
        ) from None
    return url
