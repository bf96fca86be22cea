"""`flask hl7 serve`: the MLLP listener."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Sequence

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from query_mgr.charts import inbox
from query_mgr.charts.mllp import Listener, secure_context
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
    listener, stopping = Listener(FeedInbox(app)), asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    port = await listener.start(host, port, secure)
    click.echo(f"Taking HL7 v2 at {host}:{port}{' over TLS' if secure else ''}   (Ctrl-C stops it)")
    await stopping.wait()
    await listener.stop()


class FeedInbox:
    """The inbox of this application's feeds, for a thread that has no application context of its own."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def receive(self, frames: Sequence[bytes]) -> list[list[bytes]]:
        """Keep what frames hold and return the acknowledgements of each."""
        with self._app.app_context():
            return inbox.receive(frames)

    def catch_up(self) -> bool:
        """Take some of what was kept into charts; return whether there was any."""
        with self._app.app_context():
            return inbox.catch_up("hl7 feed")
