"""The edition of the brief that this site's findings cite: one that ships, or the site's own (docs/interfaces/lint.md)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from config.settings import PREFIX, Settings, SettingsError
from query_mgr.platform.web import current_settings
from query_mgr.queries.lint.editions import Edition, EditionError, edition
from query_mgr.queries.lint.rules import RULE_IDS

#: of the instance directory: where a site's own editions stand
FOLDER = "editions"


def edition_in_force() -> Edition:
    """Return the edition that the settings name, read once."""
    settings = current_settings()
    return _edition(settings.lint_edition, settings.instance_dir / FOLDER)


@lru_cache(maxsize=8)
def _edition(name: str, folder: Path) -> Edition:
    return edition(name, RULE_IDS, folder)


def check(settings: Settings) -> None:
    """Refuse to start with an edition that cannot be used. Raises SettingsError naming file, line and key."""
    try:
        _edition(settings.lint_edition, settings.instance_dir / FOLDER)
    except EditionError as wrong:
        raise SettingsError(f"{PREFIX}LINT_EDITION={settings.lint_edition}: {wrong}") from None
