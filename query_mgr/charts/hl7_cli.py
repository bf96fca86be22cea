"""`flask hl7 serve`: the MLLP listener."""

from __future__ import annotations

import asyncio
import signal
import ssl

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from query_mgr.charts import feeds
from query_mgr.charts.mllp import Answer, Listener, secure_context
from query_mgr.platform.web import current_settings

hl7_cli = AppGroup("hl7", help="HL7 v2 over MLLP.")


@hl7_cli.command("serve")
def serve() -> None:
    """Take HL7 v2 messages over MLLP until SIGINT or SIGTERM; each is on the disk before it is acknowledged."""
    settings, app = current_settings(), current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        secure = secure_context(settings)
    except OSError as error:
        raise click.ClickException(f"QUERY_MGR_HL7_TLS_CERTIFICATE: {error.strerror or error}") from None
    try:
        asyncio.run(_run(app, settings.hl7_host, settings.hl7_port, secure))
    except OSError as error:
        place = f"port {settings.hl7_port} on {settings.hl7_host}"
        raise click.ClickException(f"{place}: {error.strerror}; set QUERY_MGR_HL7_PORT") from None
    click.echo("The MLLP listener has stopped.")


async def _run(app: Flask, host: str, port: int, secure: ssl.SSLContext | None) -> None:
    listener, stopping = Listener(answer_for(app)), asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    port = await listener.start(host, port, secure)
    click.echo(f"Taking HL7 v2 at {host}:{port}{' over TLS' if secure else ''}   (Ctrl-C stops it)")
    await stopping.wait()
    await listener.stop()


def answer_for(app: Flask) -> Answer:
    """Return what answers the frames of this application's feed."""

    def answer(frame: bytes, peer: str) -> list[bytes]:
        with app.app_context():
            return feeds.answer(frame, by=f"hl7 {peer}")

    return answer
