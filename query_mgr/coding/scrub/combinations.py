"""Edits on combination codes: two codes on a claim for what the classification says in one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Check, Rows, alone, claim_of, codes, each, pair, pairs, table
from query_mgr.coding.scrub.notes import excluded
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit, hit

_HYPERTENSION = codes("I10")
_HEART = codes("I50", "I51.4", "I51.5", "I51.7", "I51.89", "I51.9")
_CKD = codes("N18")
_HYPERTENSIVE = codes("I11", "I12", "I13", "I15")
_DIABETES = codes("E08-E11", "E13")
_ON_DIALYSIS, _NEEDS_DIALYSIS = codes("Z99.2"), codes("N18.6", "N17")
_STAGED = codes("N18.1", "N18.2", "N18.3", "N18.4", "N18.5", "N18.6")
_PRESSURE, _BMI, _PREGNANT = codes("L89"), codes("Z68"), codes("O00-O9A", "Z33.1", "Z34")
_ROWS = table("combinations")


def _pairs(name: str) -> Check:
    """Return the check of one list of `tables/combinations.yaml`."""
    return pairs(Rows(_ROWS[name], "one", "other", "unless"), "{0} and {1} are both coded; {meant}.")


def _possible(case: Case) -> Iterator[Hit]:
    """Find two codes that one may say, unless a note keeps them apart already."""
    line = {one.code: one for one in case.diagnoses}
    for found in _POSSIBLE(case):
        first, second = (line[code] for code in found.codes)
        if not excluded(first, second):
            yield found


_POSSIBLE = _pairs("possible")


def _diabetes_with(case: Case) -> Iterator[Hit]:
    """Find a complication that is assumed to come from the diabetes on the claim, without the code that says so."""
    claim = claim_of(case)
    diabetes = claim.first(_DIABETES)
    if diabetes is None:
        return
    category = diabetes.code[:3]
    for row, (shows,) in _WITH.on(claim):
        if not any(category + one in claim.index for one in row["tail"]):
            one = claim.under(shows)[0]
            yield hit(diabetes, f"{diabetes.code} stands beside {one.code} ({row['meant']}); the classification takes the "
                      f"two as related and has {category}{row['tail'][0]} for it.", "", one.code)  # fmt: skip


_WITH = Rows(table("diabetes_with"), "shows")


def _hypertension_twice(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    if claim.has(_HYPERTENSIVE) and claim.has(_HYPERTENSION):
        one, other = claim.under(_HYPERTENSION)[0], claim.under(_HYPERTENSIVE)[0]
        yield hit(one, f"{one.code} says again the hypertension that {other.code} includes.", "", other.code)


def _dialysis(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    if claim.has(_ON_DIALYSIS) and not claim.has(_NEEDS_DIALYSIS):
        for one in claim.under(_CKD):
            yield hit(
                one, f"{one.code} and Z99.2: chronic kidney disease on chronic dialysis is N18.6.", "", "Z99.2"
            )


def _stages(case: Case) -> Iterator[Hit]:
    found = claim_of(case).under(_STAGED)
    other = next((one for one in found[1:] if one.code[:5] != found[0].code[:5]), None)
    if other is not None:
        yield hit(found[0], f"{found[0].code} and {other.code} are two stages of one disease; the stage that is "
                  "documented last, or N18.6 alone, is coded.", "", other.code)  # fmt: skip


def _ulcers(case: Case) -> Iterator[Hit]:
    """Find two stages of a pressure ulcer of one site, unless it grew worse after admission (POA Y and N)."""
    seen: dict[str, Diagnosis] = {}
    for one in claim_of(case).under(_PRESSURE):
        site = one.code[:-1]
        known = seen.setdefault(site, one)
        if known is not one and known.code != one.code and {known.poa, one.poa} != {"Y", "N"}:
            yield hit(one, f"{known.code} and {one.code} are two stages of a pressure ulcer at one site; two are coded "
                      "only where the one of admission (POA Y) grew into another (POA N).", "", known.code)  # fmt: skip


#: per substance: dependence, abuse, use
_SUBSTANCES = {f"F{n}": tuple(codes(f"F{n}.{kind}") for kind in ("2", "1", "9")) for n in range(10, 20)}


def _substances(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for category in claim.index.keys() & _SUBSTANCES.keys():
        found = [claim.first(kind) for kind in _SUBSTANCES[category]]
        there = [one for one in found if one is not None]
        if len(there) > 1:
            yield hit(there[1], f"{there[0].code} and {there[1].code}: of use, abuse and dependence of one substance only "
                      "the gravest is coded.", "", there[0].code)  # fmt: skip


def _bmi(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_BMI):
        if not claim.has(_WEIGHT):
            yield hit(one, f"{one.code} is coded without a diagnosis that it belongs to, such as obesity or malnutrition.",
                      "add")  # fmt: skip
        if claim.has(_PREGNANT):
            yield hit(one, f"{one.code} is coded on a pregnant patient; BMI codes are not used in pregnancy.")


#: diagnoses of weight and nutrition that a provider documents and a BMI belongs to
_WEIGHT = codes("E34.3", "E40-E46", "E64.0", "E65", "E66", "E67", "E68", "E88.8", "E88.A", "F50", "K90", "K91.2", "K95",
                "O26", "O99.2", "P05", "P92", "Q87.1", "R62", "R63", "R64", "Z71.3", "Z98.84")  # fmt: skip


def _bmi_age(case: Case) -> Iterator[Hit]:
    age = case.age_years
    if age is None:
        return
    for one in claim_of(case).under(_BMI):
        is_pediatric = one.code.startswith("Z68.5")
        if is_pediatric and not 2 <= age <= 19:
            yield hit(one, f"{one.code} is for ages 2 to 19; the patient is {age}.")
        elif not is_pediatric and age < 20:
            yield hit(one, f"{one.code} is for adults of 20 years or more; the patient is {age}.")


def _obesity_class(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    bmi = claim.first(_ADULT_BMI)
    if bmi is None:
        return
    for prefix, allowed, words in _CLASSES:
        for one in claim.under(prefix):
            if not bmi.code.startswith(allowed):
                yield hit(one, f"{one.code} ({words}) and {bmi.code} do not fit together.", "", bmi.code)


_ADULT_BMI = codes("Z68.1", "Z68.2", "Z68.3", "Z68.4")
_CLASSES = (
    (codes("E66.3"), ("Z68.25", "Z68.26", "Z68.27", "Z68.28", "Z68.29"), "overweight, BMI 25 to 29.9"),
    (codes("E66.811"), ("Z68.30", "Z68.31", "Z68.32", "Z68.33", "Z68.34"), "class 1, BMI 30 to 34.9"),
    (codes("E66.812"), ("Z68.35", "Z68.36", "Z68.37", "Z68.38", "Z68.39"), "class 2, BMI 35 to 39.9"),
    (codes("E66.813"), ("Z68.4",), "class 3, BMI 40 or more"),
)


def _fracture(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    osteoporosis = claim.first(_OSTEOPOROSIS)
    if osteoporosis is None:
        return
    for one in claim.under(_FRAGILE):
        if one.code.endswith("A"):
            yield hit(one, f"{one.code} on a patient with osteoporosis ({osteoporosis.code}): a fracture from a minor fall "
                      "that would not break a healthy bone is M80.", "", osteoporosis.code)  # fmt: skip


_OSTEOPOROSIS = codes("M81")
#: where a bone with osteoporosis breaks: spine, upper end of the arm, wrist, hip
_FRAGILE = codes("S22.0", "S32.0", "S42.2", "S52.5", "S72.0", "S72.1")


EDITS = (
    Edit("hypertension-ckd", "Hypertension and chronic kidney disease coded apart", "warning",
         f"{GUIDELINES}, section I.C.9.a.2",
         pair(_HYPERTENSION, _CKD, "{0} and {1} are taken as related: I12, or I13 with heart disease, unless the record "
              "says that they are not.", unless=_HYPERTENSIVE),
         "Replace I10 by I12.- (or I13.-) and keep the stage as a second code."),
    Edit("hypertension-heart", "Hypertension and heart disease coded apart", "warning",
         f"{GUIDELINES}, section I.C.9.a.1",
         pair(_HYPERTENSION, _HEART, "{0} and {1} are taken as related: I11, unless the record says that they are not.",
              unless=codes("I09.81", "I97.13", "I11", "I12", "I13", "I15")),
         "Replace I10 by I11.0 (with heart failure) or I11.9."),
    Edit("hypertension-heart-ckd", "Hypertensive heart and kidney disease coded apart", "warning",
         f"{GUIDELINES}, section I.C.9.a.3",
         each(pair(codes("I11"), codes("I12", "N18"), "{0} and {1}: hypertension with heart and kidney disease is I13."),
              pair(codes("I12"), _HEART, "{0} and {1}: hypertension with heart and kidney disease is I13.")),
         "Replace them by I13.-, with the type of heart failure and the stage as further codes."),
    Edit("hypertension-mismatch", "Hypertensive disease that another code contradicts", "warning",
         f"{GUIDELINES}, sections I.C.9.a.1 to I.C.9.a.3, and the tabular's titles and notes at I11-I13",
         _pairs("hypertension"), "Choose the code whose title fits the heart failure and the stage."),
    Edit("hypertension-twice", "Hypertension said twice", "warning", f"{GUIDELINES}, sections I.B.9 and I.C.9.a",
         _hypertension_twice, "Remove I10, and keep the code that includes it."),
    Edit("hypertensive-crisis", "Hypertensive crisis without the hypertensive disease", "advice",
         f"{GUIDELINES}, section I.C.9.a.10",
         alone(codes("I16"), codes("I10-I15", "I1A", "O10-O16"), "{0} is coded without the hypertensive disease."),
         "Add the code of the hypertensive disease, if one is identified."),
    Edit("diabetes-with", "Diabetes and its complication coded apart", "warning", f"{GUIDELINES}, section I.A.15",
         _diabetes_with, "Use the diabetes code that includes the complication, unless the record gives another cause."),
    Edit("insulin-without-diabetes", "Insulin without diabetes", "advice", f"{GUIDELINES}, section I.C.4.a.3",
         alone(codes("Z79.4"), codes("E08-E13", "E89.1", "O24", "P70"), "{0} is coded, but no diabetes."),
         "Add the diabetes, if the record has it."),
    Edit("combination-heart", "Heart and vessel conditions with a combination code", "warning",
         f"{GUIDELINES}, sections I.B.9 and I.C.9.b", _pairs("heart"), "Use the combination code alone."),
    Edit("combination-lung", "Lung conditions with a combination code", "warning",
         f"{GUIDELINES}, sections I.B.9 and I.C.10", _pairs("lung"), "Use the combination code."),
    Edit("combination-digestive", "Digestive and urinary conditions with a combination code", "warning",
         f"{GUIDELINES}, sections I.A.15 and I.B.9", _pairs("abdomen"), "Use the combination code."),
    Edit("combination-possible", "Two codes that one may say", "advice", f"{GUIDELINES}, sections I.A.15 and I.B.9",
         _possible, "Check whether the record links the two; if it does, use the combination code."),
    Edit("dialysis-stage", "Dialysis without end-stage kidney disease", "warning", f"{GUIDELINES}, section I.C.14.a.1",
         _dialysis, "Check the stage: CKD that needs chronic dialysis is N18.6."),
    Edit("ckd-two-stages", "Two stages of chronic kidney disease", "warning", f"{GUIDELINES}, section I.C.14.a.1",
         _stages, "Keep the stage that is documented last."),
    Edit("pressure-ulcer-two-stages", "One pressure ulcer in two stages", "warning",
         f"{GUIDELINES}, section I.C.12.a.6", _ulcers, "Keep the highest stage, or set POA Y and N if it grew worse."),
    Edit("substance-hierarchy", "Use, abuse and dependence of one substance", "warning",
         f"{GUIDELINES}, section I.C.5.b.2", _substances, "Keep dependence before abuse, abuse before use."),
    Edit("bmi-alone", "BMI without a diagnosis, or in pregnancy", "warning",
         f"{GUIDELINES}, sections I.B.14 and I.C.21.c.3", _bmi,
         "Add the diagnosis that the provider documents, or remove the BMI code."),
    Edit("bmi-age", "BMI code of another age", "error", "ICD-10-CM tabular, note at category Z68", _bmi_age,
         "Use Z68.1 to Z68.45 from 20 years on, Z68.5- from 2 to 19 years."),
    Edit("obesity-without-bmi", "Obesity without the BMI", "advice", "ICD-10-CM tabular, use additional code at E66",
         alone(codes("E66"), codes("Z68", "O"), "{0} asks for the BMI as a second code, if it is known."),
         "Add the BMI code from the record; a nurse or dietitian may document it."),
    Edit("obesity-class", "Obesity class and BMI that do not fit", "advice",
         f"{GUIDELINES}, section I.B.14, and CDC, Adult BMI Categories", _obesity_class,
         "Check BMI and class; ask the provider if the record disagrees with itself."),
    Edit("osteoporosis-fracture", "Traumatic fracture with known osteoporosis", "advice",
         f"{GUIDELINES}, section I.C.13.d.2", _fracture, "Use M80.- if the fall would not break a healthy bone."),
)  # fmt: skip
