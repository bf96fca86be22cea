"""A handful of codes for tests."""

from __future__ import annotations

from query_mgr.codes.loader import CodeRow, load_rows

ROWS = (
    CodeRow("I10", "Essential (primary) hypertension", True, None, {}),
    CodeRow("I50", "Heart failure", False, None, {"code_first": "heart failure due to hypertension (I11.0)"}),
    CodeRow("I50.2", "Systolic (congestive) heart failure", False, "I50",
            {"inclusion_terms": ["Heart failure with reduced ejection fraction [HFrEF]"]}),
    CodeRow("I50.20", "Unspecified systolic (congestive) heart failure", True, "I50.2", {}),
    CodeRow("I50.21", "Acute systolic (congestive) heart failure", True, "I50.2", {}),
    CodeRow("I50.22", "Chronic systolic (congestive) heart failure", True, "I50.2", {}),
    CodeRow("I50.23", "Acute on chronic systolic (congestive) heart failure", True, "I50.2", {}),
    CodeRow("I50.9", "Heart failure, unspecified", True, "I50", {}),
    CodeRow("N17", "Acute kidney failure", False, None, {}),
    CodeRow("N17.9", "Acute kidney failure, unspecified", True, "N17", {}),
    CodeRow("E11", "Type 2 diabetes mellitus", False, None, {}),
    CodeRow("E11.9", "Type 2 diabetes mellitus without complications", True, "E11", {}),
)  # fmt: skip


def some_codes() -> None:
    """Load a few codes through the loader."""
    load_rows(ROWS, "test")
