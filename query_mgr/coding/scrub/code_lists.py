"""Questions about one code that several edits ask. Pure; `code` may have its dot."""

from __future__ import annotations

import re
from datetime import date

from query_mgr.coding.scrub.code_tables import CodeTable, tables

#: seventh characters of a later encounter or a sequela; A, B and C are the initial encounter
_LATER = frozenset("DEFGHJKMNPQRS")
_NAMED_SIDE = re.compile(r"\b(?:right|left|bilateral)\b")
#: parts of the body that ICD-10-CM tells apart by side
_PAIRED = r"""
    achilles tendon|acetabulum|acoustic nerve|adrenal gland|ankle|arm|artificial (?:arm|hip|knee|leg|wrist)|axilla|breast|
    broad ligament|bronchus|buttock|calcaneus|calf|carpus|cheek|choroid|ciliary body|clavicle|conjunctiva|ear|ear drum|
    elbow|extremity|eye|eyeball|eyelid|external ear|fallopian tube|(?:female|male) breast|femur|fibula|finger|flank|foot|
    forearm|(?:front|back) wall of thorax|hand|heel|hip|humerus|ilium|(?:index|middle|ring|little|single) finger|
    innominate or subclavian|ischium|kidney|knee|lacrimal (?:canaliculi|gland|passage|punctum|sac)|leg|
    (?:great|lesser) toe|limb|(?:lower|upper) (?:arm|extremity|eyelid|leg|limb)|lung|main bronchus|meniscus|metacarpal|
    metatarsal|middle and inner ear|midfoot|multiple fingers|nasolacrimal duct|optic nerve|orbit|ovary|palm|patella|pelvis|
    pubis|pulmonary blood vessels|quadriceps|radial (?:head|styloid process)|radius|renal (?:artery|pelvis|vein)|retina|
    rotator cuff|round ligament|scapula|scapular region|shoulder|side|spermatic cord|talus|testicle|testis|thigh|thumb|
    tibia|tibial (?:spine|tuberosity)|toe|ulna|ureter|wrist|(?:radial|ulnar) collateral ligament|
    (?:radiocarpal|ulnocarpal) (?:\(palmar\) )?ligament|
    (?:acromioclavicular|sternoclavicular|temporomandibular|ulnohumeral) joint|
    (?:carotid|cerebellar|iliac|uterine|vertebral|(?:anterior|middle|posterior) cerebral) artery|
    (?:femoral|iliac|(?:external |internal )?jugular|peroneal|popliteal|subclavian|uterine) vein
"""
_UNSPECIFIED_PART = re.compile(r"\bunspecified (?:" + re.sub(r"\s*\n\s*", "", _PAIRED) + r")\b")
_PART_UNSPECIFIED = re.compile(
    r"\b(?:arm|leg|hip|eye|lung|cerebrum),? unspecified\b|\btesticular pain, unspecified\b"
)


def is_unspecified_side(code: str, title: str) -> bool:
    """Return whether a title leaves open the side of a paired part: "... of unspecified femur", "unspecified eye".

    False where the title names a side for one part and leaves another open, and for external causes.
    Source: ICD-10-CM Official Guidelines, section I.B.13.
    """
    text = title.lower()
    if "unspecified" not in text or is_external_cause(code) or _NAMED_SIDE.search(text):
        return False
    return bool(_UNSPECIFIED_PART.search(text) or _PART_UNSPECIFIED.search(text))


def names_no_side(title: str) -> bool:
    """Return whether a title says "unspecified" and names no side."""
    text = title.lower()
    return "unspecified" in text and not _NAMED_SIDE.search(text)


def is_external_cause(code: str) -> bool:
    """Return whether a code is of chapter 20, V00-Y99, which says how and never what. Guidelines, section I.C.20.a."""
    return code[:1] in ("V", "W", "X", "Y")


def is_manifestation(code: str, on: date = date.max) -> bool:
    """Return whether a code is a manifestation code on a date: its underlying disease is coded first.

    Source: CMS, Definitions of Medicare Code Edits, "Manifestation code as principal diagnosis"; ICD-10-CM Official
    Guidelines, section I.A.13. Most have "in diseases classified elsewhere" in the title; E08, D63.1 or K82.A have not.
    """
    return principal("manifestation").holds(_bare(code), on)


def poa_exempt(code: str, on: date) -> bool:
    """Return whether a code needs no POA indicator (it is reported as 1, or left blank on an electronic claim).

    Source: ICD-10-CM Official Guidelines, appendix I; CMS, POA Exempt List for fiscal year 2025, which the rows of
    `tables/poa_exempt.csv` sum up. The same rows are used for the years beside it: a list changes by some dozens of
    codes a year, nearly all of them new codes of a category that is exempt already.
    """
    bare = _bare(code)
    value = tables("poa_exempt.csv")["exempt"].value(bare, on)
    if value == "later":
        return len(bare) == 7 and bare[6] in _LATER
    return value == "yes"


def principal(name: str) -> CodeTable:
    """Return a list of `tables/mce_principal.csv`: unacceptable, manifestation, questionable, ..."""
    return tables("mce_principal.csv")[name]


def _bare(code: str) -> str:
    return code.replace(".", "")
