"""`flask serve`: web and worker in one process group, for `make run` and small hospitals."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from query_mgr.platform.web import current_settings

_preparations: list[Callable[[], None]] = []
_greetings: list[Callable[[], str]] = []


def before_serving(step: Callable[[], None]) -> Callable[[], None]:
    """Register `step` to run, in order of registration, before the first page is served."""
    if step not in _preparations:
        _preparations.append(step)
    return step


def greeting(line: Callable[[], str]) -> Callable[[], str]:
    """Register a text that is printed once the address answers."""
    if line not in _greetings:
        _greetings.append(line)
    return line


@click.command("serve", help="Prepare the database, then run web and worker until Ctrl-C.")
@click.option("--worker/--no-worker", default=True, help="Run the worker beside the web server.")
@with_appcontext
def serve(worker: bool) -> None:
    """Run until SIGINT or SIGTERM, then stop both processes."""
    from waitress import create_server

    for step in _preparations:
        step()
    settings = current_settings()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        server = create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=8,
            ident=None,
            # A body waits on the disk until it is whole; beyond this no page of ours gets to say that it is too long.
            max_request_body_size=8 * max(app.config["MAX_CONTENT_LENGTH"], settings.fhir_post_max_mb << 20),
        )
    except OSError as error:
        raise click.ClickException(
            f"port {settings.port} on {settings.host} is taken ({error.strerror}); set QUERY_MGR_PORT"
        ) from None
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        raise KeyboardInterrupt

    for one in (signal.SIGTERM, signal.SIGINT):  # a shell's background job starts with SIGINT ignored
        signal.signal(one, stop)
    keeper = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True) if worker else None
    if keeper:
        keeper.start()
    click.echo(f"\n  query_mgr answers at http://{settings.host}:{settings.port}/   (Ctrl-C stops it)\n")
    for line in _greetings:
        click.echo(line())
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        stopping.set()
        server.close()
        if keeper:
            keeper.join(15)
    click.echo("query_mgr has stopped.")


def _keep_worker(stopping: threading.Event) -> None:
    """Run the worker as a child and start it again if it dies, at most once a second."""
    while not stopping.is_set():
        child = subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "worker"])
        while not stopping.is_set() and child.poll() is None:
            stopping.wait(0.2)
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        stopping.wait(1.0)
