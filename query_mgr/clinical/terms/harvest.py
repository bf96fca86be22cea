"""Write icd10cm.txt: the diagnoses that ICD-10-CM titles and inclusion terms name, by organ system.

Run as `python -m query_mgr.clinical.terms.harvest` after a new edition of the code set. Signs, injuries, encounters and
titles that gather several diagnoses ("other", "unspecified", "due to") are left out.
Source: ICD-10-CM tabular list, chapters 1 to 17, April 2026 (National Center for Health Statistics, public domain).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import simple_icd_10_cm

FILE = Path(__file__).with_name("icd10cm.txt")
#: the first code of each run of categories and the system it is of; "" for what names no diagnosis
_SYSTEMS = (
    ("A00", "infection"), ("C00", "tumors"), ("C81", "blood"), ("C97", "tumors"), ("D50", "blood"), ("E00", "glands"),
    ("F01", "mind"), ("G00", "brain"), ("G10", "nerves"), ("G20", "brain"), ("G35", "nerves"), ("G40", "brain"),
    ("G50", "nerves"), ("G89", "brain"), ("H00", "eye and ear"), ("I00", "heart"), ("I60", "brain"), ("I70", "vessels"),
    ("J00", "lungs"), ("K00", "gut"), ("K70", "liver"), ("K88", "gut"), ("L00", "skin"), ("M00", "bones and joints"),
    ("N00", "kidney"), ("N60", "birth and newborn"), ("N99", "kidney"), ("O00", "birth and newborn"), ("Q00", "brain"),
    ("Q10", "eye and ear"), ("Q20", "heart"), ("Q30", "lungs"), ("Q35", "gut"), ("Q50", "birth and newborn"),
    ("Q60", "kidney"), ("Q65", "bones and joints"), ("Q80", "skin"), ("Q85", "birth and newborn"), ("R00", ""),
)  # fmt: skip
_CODE = re.compile(r"[A-Z]\d\w(?:\.\w{0,2})?")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|['\u2019]s\b")
#: words of titles that gather, and of what is found, done or carried rather than diagnosed
_NO_NAME = re.compile(
    r"\b(?:other|unspecified|and|or|elsewhere|classified|due|with|without|not|following|encounter|associated|nos|affected|maternal|care|"
    r"affecting|complicating|status|history|pregnancy|labor|delivery|puerperium|trimester|fetus|mother|screening|caus\w+|by|from|resulting|"
    r"specified|multiple|sites?|initial|subsequent|left|right|bilateral|upper|lower|quadrant|eyelid|age|adults?|use|effects?|counseling|"
    r"behaviou?r|factors?|problems?|nec|as|which|device|implant|graft|tooth|teeth|occlusal|dental|restoration|gingival|jaws?|pain|swelling|"
    r"stiffness|weakness|effusion|mass|lump|nodules?|tinnitus|itching|pruritus|cramps?|spasms?|discharge|rash|incontinence|retention|dryness|"
    r"hypertrophy|atrophy|fatigue|edema|scars?|cysts?|hemorrhage|bleeding|ulcer|wound|contracture|deformit\w+|acquired|absen\w+|loss|lack|"
    r"exposure|infestation|constipation|diarrhea|pallor|snoring|sleepiness|leakage|redness|stool|urine|frequency|tremor|fever|shift|perforation|"
    r"laceration|puncture|obstruction|stenosis|stricture|occlusion|rupture|calculus|stones?|dilat\w+|prolapse|hypotension|\w+cardia|fistula|"
    r"adhesions?|abnormal\w*|disturbances?|findings?|levels?|elevated|decreased|increased|low|high|light|small|large|short|long|thin|normal|"
    r"delayed|late|early|excessive|poor|slow|open|closed|traumatic|foreign|twins?|complications?|sequelae|family|infections?|injury|lesions?|"
    r"polyps?|hernia|carriers?|conditions?|supervision|second|third|stage|distress|finger|smok\w+|drink\w+|remission|relapse|diseases?(?= of)|"
    r"disorders(?= of)|neoplasm|malformation|anomal\w+|hypoplasia|aplasia|erosion|furuncle|detachment|opacit\w+|hair|nail|\w+ing|\w+uria|\w+algia|\w+dynia)\b"
)
_ALONE = frozenset({
    "abscess", "gangrene", "cardiac", "endocrine", "hypertonic", "infant", "irregular", "lobulated", "thoracic",
    "sedative", "streptococcus", "transgender", "transsexualism", "fissured", "greyness", "malleus", "callus",
    "depression", "obesity", "overweight", "dementia", "sepsis", "photophobia", "diplopia", "anisocoria",
    "mydriasis", "miosis", "nystagmus", "melena", "hematemesis", "indigestion", "galactorrhea", "papilledema",
    "cardiomegaly", "epiphora", "otorrhea", "otorrhagia", "cicatrix", "osteophyte", "amenorrhea",
    "obliteration", "agenesis", "pannus", "hypersomnia", "myoclonus", "dyspareunia", "stillbirth", "clavus",
    "freckles", "paranoia", "hemiplegia", "malposition", "ankylosis", "dependence", "abuse", "withdrawal",
    "disorder", "syndrome", "disease", "senility", "stress", "anger", "torsion", "mutism", "prematurity",
    "immaturity", "hemorrhoids", "bruxism", "coryza", "ganglion", "hirsutism", "menometrorrhagia",
    "metrorrhagia", "oligomenorrhea", "polymenorrhea", "leukoplakia", "ptyalism", "exostosis", "rheumatism",
    "colic", "dandruff", "dyslalia", "lalling",
})  # fmt: skip
_LONGEST, _SHORTEST = 4, 6


def harvest() -> dict[str, list[str]]:
    """Return the names by system, each once, in alphabetical order."""
    found: dict[str, str] = {}
    for code in simple_icd_10_cm.get_all_codes():
        if _CODE.fullmatch(code) and (system := _system(code)):
            for name in _names(code):
                found.setdefault(name, system)
    by_system = defaultdict(list)
    for name in sorted(found):
        by_system[found[name]].append(name)
    return dict(by_system)


def _system(code: str) -> str:
    return [system for first, system in _SYSTEMS if first <= code[:3]][-1]


def _names(code: str) -> Iterator[str]:
    for title in (simple_icd_10_cm.get_description(code), *simple_icd_10_cm.get_inclusion_term(code)):
        name = " ".join(_ASIDE.sub(" ", title.lower()).split(",")[0].split(";")[0].split()).strip(" -.")
        words = re.findall(r"[^\W_]+", name)
        if _NO_NAME.search(name) or not 1 <= len(words) <= _LONGEST or len(name) < _SHORTEST:
            continue
        if len(words) > 1 or (name not in _ALONE and name.isalpha()):
            yield name


if __name__ == "__main__":
    lines = [f"{system}: {', '.join(names)}" for system, names in sorted(harvest().items())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
