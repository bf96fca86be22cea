"""The measurements that criteria speak of, read from labs.yaml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from query_mgr.platform import yamls

FILE = Path(__file__).parent / "labs.yaml"


@dataclass(frozen=True)
class Lab:
    """A measurement: how charts name it, its unit, and factors from other units to that one."""

    key: str
    names: tuple[str, ...]
    unit: str
    factors: Mapping[str, float]


@functools.cache
def labs() -> Mapping[str, Lab]:
    """Return the measurements by key, read once from labs.yaml."""
    content = yamls.load(FILE)
    return {
        key: Lab(key, tuple(raw["names"]), raw["unit"], raw.get("factors", {})) for key, raw in content.items()
    }
