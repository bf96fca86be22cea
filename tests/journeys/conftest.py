"""A running demo hospital and a browser, shared by all journeys."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import services
from tests.coding.handoff.builders import Receiver

STARTS_WITHIN = 480  # seconds: migrations, code set and half a year of queries, on a busy machine
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Hospital:
    """A demo hospital that answers at `url`."""

    url: str
    environ: dict[str, str]
    database: Path

    def flask(self, *words: str, database: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run `flask --app app` with these words on this hospital, or on a copy of its database."""
        environ = dict(self.environ)
        if database:
            environ["QUERY_MGR_DATABASE_URL"] = f"sqlite:///{database}"
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=services.ROOT,
            env=environ,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="package")
def billing() -> Iterator[Receiver]:
    """A billing system that takes messages over MLLP."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="package")
def hospital(tmp_path_factory: pytest.TempPathFactory, billing: Receiver) -> Iterator[Hospital]:
    """`make run` without make: web and worker with the demo hospital, stopped as Ctrl-C stops it."""
    folder = tmp_path_factory.mktemp("hospital")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("QUERY_MGR_")}
    environ |= {
        "QUERY_MGR_INSTANCE_DIR": str(folder),
        "QUERY_MGR_PORT": str(port),
        "QUERY_MGR_BASE_URL": url,
        "QUERY_MGR_WORKER_POLL_SECONDS": "0.1",
        "QUERY_MGR_BILLING_MESSAGES": "bar",
        "QUERY_MGR_BILLING_HL7_HOST": "127.0.0.1",
        "QUERY_MGR_BILLING_HL7_PORT": str(billing.port),
    }
    with (folder / "serve.log").open("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=services.ROOT,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(url, server, folder / "serve.log")
            yield Hospital(url, environ, folder / "query_mgr.sqlite")
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0
            log_text = (folder / "serve.log").read_text()
            assert log_text.rstrip().endswith("query_mgr has stopped.")
            assert not re.search(r"\b[a-z2-7]{52}\b", log_text), "a link's token in the log of the server"
        finally:
            server.kill()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz"):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    path = services.chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium, and CI leaves nothing out")
        pytest.skip("no chromium: apt-get install chromium")
    expect.set_options(timeout=20_000)  # a machine that runs other tests beside this one
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
