"""Edits that read the record, on cases made by hand. Each edit's own pair of cases is in the demo's edit cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from query_mgr.coding.concept import concepts
from query_mgr.coding.mentioned import mentions_in
from query_mgr.coding.scrub import record
from query_mgr.coding.scrub.case import Case, Diagnosis, Statement
from query_mgr.coding.scrub.registry import Finding, run
from query_mgr.coding.sides import siblings_in


def stated(text: str, *, by_provider: bool = True, ref: str = "doc1") -> list[Statement]:
    return [
        Statement(
            one.concept, concepts()[one.concept].codes, one.state, one.sentence, ref, "Note, A. Adams, Oct 29",
            one.start, one.end, one.says, by_provider,
        )
        for one in mentions_in(text)
    ]  # fmt: skip


def a_case(code: str, *texts: str, title: str = "", kind: str = "inpatient", **more: Any) -> Case:
    statements = tuple(one for at, text in enumerate(texts) for one in stated(text, ref=f"doc{at}"))
    known: dict[str, Any] = {"statements": statements, "is_read": True}
    return Case(
        "e", kind, date(2026, 10, 28), date(2026, 11, 1), date(2026, 11, 1),
        diagnoses=(Diagnosis("d1", code, title or code, 1),), **{**known, **more},
    )  # fmt: skip


def found(case: Case) -> list[str]:
    return [one.edit for one in run(case, record.EDITS)]


def only(case: Case) -> Finding:
    (one,) = run(case, record.EDITS)
    return one


def test_a_finding_quotes_the_passage_and_its_link_opens_it() -> None:
    case = a_case("J18.9", "Chest film clear. No evidence of pneumonia.")
    one = only(case)
    assert one.edit == "code-contradicted"
    assert "“No evidence of pneumonia” (Note, A. Adams, Oct 29)" in one.message
    assert (one.place, one.at, one.start, one.end) == ("chart", "doc0", 33, 42)


@pytest.mark.parametrize(
    "texts",
    [
        ("No pneumonia.", "Pneumonia of the right lower lobe."),  # stated later
        ("Pneumonia.", "Pneumonia resolved, no pneumonia on film."),  # stated earlier
        ("No aspiration pneumonia.",),  # only a kind of it
        ("No worsening pneumonia.",),
        ("No pneumonia.", "Possible pneumonia."),  # the latest word leaves it open
    ],
)
def test_a_record_that_leaves_a_doubt_contradicts_nothing(texts: tuple[str, ...]) -> None:
    assert "code-contradicted" not in found(a_case("J18.9", *texts))


def test_a_denied_wider_condition_contradicts_its_kinds() -> None:
    assert found(a_case("J69.0", "Pneumonia was ruled out.")) == ["code-contradicted"]


def test_a_nurse_who_states_it_keeps_a_denial_from_being_a_contradiction() -> None:
    case = a_case("J18.9", "No pneumonia.")
    others = stated("Pneumonia, on antibiotics.", by_provider=False)
    assert found(a_case("J18.9", statements=(*case.statements, *others))) == []


def test_an_unread_record_says_nothing() -> None:
    assert found(a_case("J18.9", "No pneumonia.", is_read=False)) == []


def test_uncertain_counts_for_inpatients_and_not_for_outpatients() -> None:
    assert found(a_case("J18.9", "Probable pneumonia.")) == []
    assert found(a_case("J18.9", "Probable pneumonia.", kind="emergency")) == ["uncertain-outpatient"]
    assert found(a_case("J44.9", "History of COPD. Possible COPD flare.", kind="emergency")) == []


def test_silence_means_nothing_where_no_provider_wrote_or_the_concept_is_unknown() -> None:
    assert found(a_case("E87.6", "Hypertension. COPD.")) == ["code-unsupported"]
    assert found(a_case("E87.6", "Hypertension.")) == []
    assert found(a_case("E87.6")) == []
    assert found(a_case("Z79.4", "Hypertension. COPD.")) == []
    assert found(a_case("R10.9", "Hypertension. COPD.")) == []  # called in too many ways


def test_a_narrower_diagnosis_supports_the_wider_code() -> None:
    assert found(a_case("J18.9", "Hypertension. Aspiration pneumonia.")) == []
    assert found(a_case("D64.9", "Hypertension. Iron deficiency anemia.")) == []


def test_what_others_may_document_is_not_asked_of_the_provider() -> None:
    notes = tuple(stated("Malnutrition.", by_provider=False))
    assert found(a_case("E46", statements=notes)) == ["only-by-others"]
    assert found(a_case("E46", statements=(*notes, *stated("Malnutrition, supplements.")))) == []


def test_a_condition_that_does_not_go_away_is_no_past_one() -> None:
    assert found(a_case("I63.9", "History of stroke.")) == ["only-history"]
    assert found(a_case("I50.9", "History of heart failure.")) == []
    assert found(a_case("E87.6", "History of hypokalemia.")) == []  # no code of its history


def test_a_relatives_illness_is_not_the_patients() -> None:
    assert found(a_case("C50.919", "Mother had breast cancer.")) == ["only-family"]


TITLES = {"I50.23": "Acute on chronic systolic heart failure", "I50.33": "x", "N18.4": "stage 4", "N18.31": "3a",
          "N17.0": "ATN", "E43": "severe", "L89.153": "stage 3", "D62": "Acute", "I48.0": "Paroxysmal"}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "texts", "instead"),
    [
        ("I50.9", ("HFrEF on carvedilol.", "Acute on chronic heart failure, diuresis."), "I50.23"),
        ("N18.9", ("CKD stage 3.", "CKD, stage 3a."), "N18.31"),
        ("N17.9", ("AKI.", "ATN, muddy brown casts."), "N17.0"),
        ("E46", ("Malnutrition, severe.",), "E43"),
        ("D64.9", ("Anemia.", "ABLA after surgery."), "D62"),
        ("I48.91", ("Paroxysmal atrial fibrillation.",), "I48.0"),
    ],
)
def test_the_record_names_the_specific_code(code: str, texts: tuple[str, ...], instead: str) -> None:
    one = only(a_case(code, *texts, titles=TITLES))
    assert (one.edit, one.codes, one.place) == ("detail-documented", (code, instead), "chart")


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("I50.9", ("Acute on chronic heart failure.",)),  # no type, no code
        ("I50.9", ("Systolic heart failure.", "Diastolic heart failure.")),
        ("N18.9", ("CKD stage 3b.", "CKD stage 4.")),
        ("N17.9", ("AKI.", "Possible ATN.")),
        ("N17.9", ("ATN.", "ATN ruled out.")),
        ("D64.9", ("Anemia, not acute blood loss anemia.",)),
        ("N17.9", ("AKI.", "Sediment sent for evaluation of ATN.")),
    ],
)
def test_what_is_disputed_or_not_stated_names_no_code(code: str, texts: tuple[str, ...]) -> None:
    assert "detail-documented" not in found(a_case(code, *texts, titles=TITLES))


def test_a_code_that_cannot_be_reported_on_the_date_or_is_there_is_not_named() -> None:
    assert found(a_case("N18.9", "CKD stage 4.", titles={})) == []
    case = a_case("N18.9", "CKD stage 4.", titles=TITLES)
    assert found(case) == ["detail-documented"]
    both = (*case.diagnoses, Diagnosis("d2", "N18.4", "stage 4", 2))
    assert found(replace(case, diagnoses=both)) == []


def test_a_stage_may_come_from_a_nurse_but_the_ulcer_from_the_provider() -> None:
    nurse = stated("Pressure ulcer of the sacrum, stage 3.", by_provider=False, ref="n")
    provider = stated("Sacral pressure ulcer.")
    title = "Pressure ulcer of sacral region, unspecified stage"
    assert found(a_case("L89.159", title=title, statements=(*provider, *nurse), titles=TITLES)) == [
        "detail-documented"
    ]
    assert found(a_case("L89.159", title=title, statements=tuple(nurse), titles=TITLES)) == ["only-by-others"]


KNEE = {"M25.569": "Pain in unspecified knee", "M25.561": "Pain in right knee", "M25.562": "Pain in left knee"}
SIDES = {"M25.569": {"right": "M25.561", "left": "M25.562"}}


@pytest.mark.parametrize(
    ("texts", "code"),
    [(("Left knee pain.",), "M25.562"), (("Pain in the right knee.",), "M25.561"), (("Knee pain.",), ""),
     (("Left knee pain.", "Right knee pain."), ""), (("Bilateral knee pain.",), ""), (("No left knee pain.",), "")],
)  # fmt: skip
def test_the_side_is_named_where_the_record_knows_one(texts: tuple[str, ...], code: str) -> None:
    case = a_case("M25.569", *texts, title=KNEE["M25.569"], sides=SIDES, titles=KNEE)
    assert [one.codes[-1] for one in run(case, record.EDITS) if one.edit == "side-documented"] == (
        [code] if code else []
    )


def test_the_side_of_another_part_does_not_count() -> None:
    title = "Acute embolism and thrombosis of unspecified deep veins of unspecified lower extremity"
    more: dict[str, Any] = {
        "title": title,
        "sides": {"I82.409": {"left": "I82.402"}},
        "titles": {"I82.402": "left"},
    }
    assert "side-documented" in found(a_case("I82.409", "DVT of the left leg.", **more))
    assert "side-documented" not in found(a_case("I82.409", "DVT of the left arm.", **more))


def test_siblings_of_an_unspecified_side_are_read_from_titles() -> None:
    assert siblings_in("M25.569", KNEE["M25.569"], KNEE) == {"right": "M25.561", "left": "M25.562"}
    near = {"M79.604": "Pain in right leg", "M79.605": "Pain in left leg", "M79.603": "Pain in arm, unspecified"}
    assert siblings_in("M79.606", "Pain in leg, unspecified", near) == {"right": "M79.604", "left": "M79.605"}
    ears = {"H60.91": "Unspecified otitis externa, right ear", "H60.92": "Unspecified otitis externa, left ear",
            "H60.93": "Unspecified otitis externa, bilateral"}  # fmt: skip
    assert siblings_in("H60.90", "Unspecified otitis externa, unspecified ear", ears) == {
        "right": "H60.91", "left": "H60.92", "bilateral": "H60.93",
    }  # fmt: skip
    assert siblings_in("J18.9", "Pneumonia, unspecified organism", {"J18.1": "Lobar pneumonia"}) == {}
