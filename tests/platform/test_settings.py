"""A wrong setting stops the start with one line that says what to do (assurance §4 item 108)."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import SettingsError, load


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("COLOUR", "blue", "QUERY_MGR_COLOUR is not a setting"),
        ("PORT", "eighty", "must be a whole number"),
        ("PORT", "99999", "between 1 and 65535"),
        ("DEMO", "maybe", "must be 1 or 0"),
        ("BASE_URL", "queries.example.org", "must look like https://"),
        ("TIME_ZONE", "Mars/Olympus", "no IANA time zone"),
        ("SECRET_KEY", "short", "at least 32 characters"),
        ("DATABASE_URL", "mysql://x", "sqlite:/// or postgresql://"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, name: str, value: str, says: str) -> None:
    environ = {"QUERY_MGR_INSTANCE_DIR": str(tmp_path), f"QUERY_MGR_{name}": value}
    with pytest.raises(SettingsError, match=says):
        load(environ)


def test_real_charts_need_https(tmp_path: Path) -> None:
    environ = {
        "QUERY_MGR_INSTANCE_DIR": str(tmp_path),
        "QUERY_MGR_DEMO": "0",
        "QUERY_MGR_BASE_URL": "http://queries.example.org",
    }
    with pytest.raises(SettingsError, match="https"):
        load(environ)


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    environ = {"QUERY_MGR_INSTANCE_DIR": str(tmp_path)}
    assert load(environ).secret_key == load(environ).secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
