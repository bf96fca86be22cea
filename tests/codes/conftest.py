"""The whole code set, loaded once for each engine of a test run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from query_mgr.codes.loader import load_default
from query_mgr.platform.db import db
from tests.conftest import settings_for


@pytest.fixture(scope="module")
def all_codes(engine: str, prepared: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that holds the edition that comes with query_mgr."""
    folder = tmp_path_factory.mktemp("codes")
    url = prepared[engine] if engine == "postgresql" else f"sqlite:///{folder / 'codes.sqlite'}"
    if engine == "sqlite":
        (folder / "codes.sqlite").write_bytes(Path(prepared[engine].removeprefix("sqlite:///")).read_bytes())
    application = create_app(settings_for(folder, url))
    with application.app_context():
        load_default()
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def published(shared: Path) -> dict[str, bool]:
    """Every code of the published list -> whether it is billable."""
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["code"]: row["billable"] for row in map(json.loads, lines)}
