"""The codes of ../shared: ICD-10-CM of April 2026 with titles, and a list of ICD-10-PCS."""

from __future__ import annotations

import csv
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _tabular(shared: Path) -> tuple[dict[str, Any], ...]:
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(row for row in map(json.loads, lines) if row["kind"] == "code")


@cache
def diagnoses(shared: Path) -> dict[str, str]:
    """Return the billable ICD-10-CM codes, without dot, with their titles."""
    return {row["code"].replace(".", ""): row["desc"] for row in _tabular(shared) if row.get("billable")}


@cache
def headers(shared: Path) -> tuple[str, ...]:
    """Return the ICD-10-CM categories and subcategories that cannot be reported, without dot."""
    return tuple(row["code"].replace(".", "") for row in _tabular(shared) if not row.get("billable"))


@cache
def procedures(shared: Path) -> dict[str, str]:
    """Return the ICD-10-PCS codes with their titles; about fiscal year 2024."""
    with gzip.open(shared / "data/icd10pcs/icd10pcs.csv.gz", "rt", encoding="utf-8") as lines:
        return {row["code"]: row["long"] for row in csv.DictReader(lines)}


def dotted(bare: str) -> str:
    """Return a code as the product writes it."""
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"
