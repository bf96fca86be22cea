"""What `make test` needs that pip cannot install: a browser, and PostgreSQL where none answers.

Run as `python -m tests.prepare`. In CI everything must be there; elsewhere one line says what is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests import services


def main() -> int:
    """Install what is missing where we may; return the exit code."""
    missing = []
    if not services.chromium():
        missing += _install_chromium()
    if not services.postgresql_url():
        missing.append("PostgreSQL (no server answers and none could be started)")
    for what in missing:
        print(f"make test: left out: {what}")
    return 1 if missing and os.environ.get("CI") else 0


def _install_chromium() -> list[str]:
    advice = "browser tests (run: apt-get install -y chromium)"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [advice]
    print("make test: installing Debian's chromium for the browser tests (once) ...")
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(
            command,
            check=False,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    return [] if services.chromium() else [advice]


if __name__ == "__main__":
    sys.exit(main())
