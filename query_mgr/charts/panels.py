"""Where a test stands among the results: by panel, in the order in which laboratories print them. Pure."""

from __future__ import annotations

import functools
import re

OTHER = "Other"
#: panel -> its tests in order, as patterns over the name in lower case
_PANELS: dict[str, dict[str, tuple[str, ...]]] = {
    "lab": {
        "Chemistry": (
            r"sodium", r"potassium", r"chloride", r"bicarbonate|carbon dioxide|\bt?co2", r"urea|\bbun\b", r"creatinine",
            r"\be?gfr|glomerular", r"glucose", r"anion gap", r"calcium", r"magnesium", r"phosph(?:ate|orus)\b",
            r"lactate\b|lactic acid\b", r"osmolal", r"uric acid|urate",
        ),
        "Liver, pancreas and protein": (
            r"\b(?:pre)?albumin", r"protein", r"bilirubin", r"alanine|\balt\b", r"aspartate|\bast\b",
            r"alkaline phosphatase", r"gamma|\bggt\b", r"lipase", r"amylase", r"ammonia",
        ),
        "Heart": (r"troponin", r"natriuretic|\bbnp\b", r"creatine kinase|\bck\b", r"cholesterol|\b[hl]dl\b|triglyc"),
        "Hematology": (
            r"leukocytes|white blood|\bwbc\b", r"hemoglobin(?! a1c)|\bhgb\b", r"hematocrit|\bhct\b",
            r"platelet", r"erythrocyte(?!.*sedim)|red blood|\brbc\b|\bmc[vh]c?\b|\brdw\b", r"neutrophil|bands",
            r"lymphocyte|monocyte|eosinophil|basophil|granulocyte", r"reticulocyte|haptoglobin|\bldh\b|lactate dehydrogenase",
            r"ferritin|\biron\b|transferrin|\btibc\b", r"b12|cobalamin|folate",
        ),
        "Coagulation": (r"\binr\b", r"prothrombin", r"\ba?ptt\b|thromboplastin", r"fibrinogen", r"d-?dimer|anti-?xa"),
        "Blood gas": (r"\bph\b", r"p\W?co2|carbon dioxide", r"p\W?o2\b|oxygen", r"base (?:excess|deficit)", r"fio2"),
        "Inflammation": (r"c.reactive|\bcrp\b", r"procalcitonin", r"sedimentation|\besr\b"),
        "Hormones": (r"a1c", r"thyro|\btsh\b|\bt[34]\b", r"cortisol"),
        "Urine": (r"urine|urinal",),
        "Microbiology": (r"culture|gram stain|bacteria|organism|suscept|\bpcr\b|antigen|virus|sars|influenza|difficile",),
    },
    "vital": {
        "Vital signs": (
            r"temp", r"heart rate|pulse\b", r"respirat", r"systolic", r"diastolic", r"blood pressure|arterial pressure|\bmap\b",
            r"saturation|spo2", r"fio2|oxygen", r"weight", r"height", r"bmi|mass index", r"pain", r"glasgow|\bgcs\b",
        ),
    },
}  # fmt: skip
#: asked before the others: "Creatinine, urine" is urine first, and "Blood culture" no blood count
_FIRST = (
    ("Microbiology", re.compile(_PANELS["lab"]["Microbiology"][0])),
    ("Urine", re.compile(_PANELS["lab"]["Urine"][0])),
    ("Hormones", re.compile(r"a1c")),
    ("Blood gas", re.compile(r"arterial blood|, (?:arterial|venous)|blood gas|p\W?[co]o?2\b|base (?:excess|deficit)|^ph$|^ph,")),
)  # fmt: skip


@functools.lru_cache(maxsize=4096)
def place_of(kind: str, name: str) -> tuple[int, str, int]:
    """Return (order of the panel, its title, order within it) of a test by its short name."""
    lowered, panels = name.lower(), _PANELS.get(kind, {})
    titles = list(panels)
    first = [title for title, pattern in _FIRST if pattern.search(lowered)] if kind == "lab" else []
    for title in (*first, *titles):
        for order, pattern in enumerate(panels[title]):
            if re.search(pattern, lowered):
                return titles.index(title), title, order
        if title in first:
            return titles.index(title), title, 99
    return 99, OTHER if panels else {"finding": "Findings and scores"}.get(kind, OTHER), 99
