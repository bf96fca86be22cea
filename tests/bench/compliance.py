"""B9: the whole compliance lint, beside one alternation of all the names it knows over the same text."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from query_mgr.clinical.library import load
from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption, lint
from tests.bench.timing import Row, in_turn

_SENTENCE = (
    "The progress notes describe dyspnea on exertion, edema of both legs and weight gain of 4 kg since admission. "
)
_PLANTED = "reimbursement"
_FOUND = {"financial_or_quality_impact"}


def a_draft(number: int, length: int) -> Draft:
    """Return a query of about `length` characters that no cache has seen, with one word that it must not hold."""
    at = datetime(2026, 5, 3, 8, 0, tzinfo=UTC)
    body = f"On day {number} of the stay. " + _SENTENCE * (length // len(_SENTENCE)) + f"This affects {_PLANTED}."
    return Draft(
        title="Clarification of heart failure",
        body=body,
        question="Based on your clinical judgment, please clarify the type and acuity of the heart failure.",
        query_type="multiple_choice",
        purpose="acuity",
        condition="heart_failure",
        options=tuple(
            DraftOption(*one)
            for one in (
                ("a", "Acute systolic heart failure", "clinical"),
                ("b", "Chronic systolic heart failure", "clinical"),
                ("c", "Other (please specify)", "other"),
                ("d", "Unable to determine", "undetermined"),
            )
        ),
        indicators=(
            DraftIndicator(
                text="BNP 1,840 pg/mL; furosemide 40 mg IV twice daily; EF 30 %", observed_at=at,
                source_label="Progress note, R. Medina (attending)", author_role="attending", scope="current",
                source_kind="document",
            ),
        ),
        documentation=("Assessment: heart failure. Continue furosemide 40 mg IV.",),
        admitted_at=datetime(2026, 5, 1, tzinfo=UTC),
        discharged_at=None,
    )  # fmt: skip


def run(rounds: int, length: int = 2500) -> list[Row]:
    """Time the lint and the floor, and the lint on ten times the text."""
    names = sorted({name for one in load().values() for name in one.mentions} | {_PLANTED}, key=len, reverse=True)
    anything = re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in names)})\b", re.IGNORECASE)

    def ours(number: int, length: int = length) -> None:
        found = lint(a_draft(number, length))
        assert {one.rule for one in found} == _FOUND, found
        assert _PLANTED in found[0].excerpt

    def floor(number: int) -> None:
        draft = a_draft(number, length)
        said = " ".join((draft.title, draft.body, draft.question, *(option.label for option in draft.options)))
        assert _PLANTED in [found[0] for found in anything.finditer(said)]

    whole = Row("B9", "compliance lint / one alternation", length, *in_turn(ours, floor, rounds), 10.0)
    linear = in_turn(
        lambda number: ours(number + rounds + 1, 10 * length), lambda number: ours(-number - 1), rounds
    )
    return [whole, Row("B9", "compliance lint, 10x text / 1x text", 10 * length, *linear, 11.0)]
