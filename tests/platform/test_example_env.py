"""The documented settings are the settings."""

from __future__ import annotations

from dataclasses import fields

from config.settings import PREFIX, ROOT, Settings


def test_the_example_lists_every_setting_and_nothing_else() -> None:
    lines = (ROOT / "config/example.env").read_text().splitlines()
    listed = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert listed == [PREFIX + field.name.upper() for field in fields(Settings)]
