"""YAML files of our own, read by libyaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

#: libyaml's reader is ten times quicker; a PyYAML built without it has only its own
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path: Path) -> Any:
    """Return what the file's one document holds, in plain types. Raises OSError, yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (a SafeLoader)


def load_all(path: Path) -> list[Any]:
    """Return what each document of the file holds. Raises as `load` does."""
    return list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=LOADER))
