"""Whose words documentation holds. Only providers of this encounter document a diagnosis (OCG I.A.19 and I.B.14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OTHERS = (
    r"nurs(?:e|es|ing)|rns?|lpn|lvn|triage|cna|wocn|wound (?:care )?(?:nurse|rn)|w?oc nurse|dieti[ct]ians?|dietary|nutrition(?:ist)?s?|rdn?|"
    r"ldn|radiolog(?:y|ist)|imaging|patholog(?:y|ist)|lab(?:oratory)?|pharmac(?:y|ist)|pharmd|social work(?:er)?|sw|"
    r"lmsw|lcsw|case manage(?:r|ment)|cm|therap(?:y|ist)|pt|ot|slp|speech|physical therap(?:y|ist)|rt|rrt|respiratory"
    r"(?: care)? therap(?:y|ist)|ems|paramedics?|medic|tele(?:metry)? tech(?:nician)?|technician|tech|patient|family|wife|"
    r"husband|daughter|son|mother|father|scribe|student|medical student|coder|cdi|registration|intake"
)
_ELSEWHEN = r"prior|previous|past|earlier|old|outside|last|historical|(?:19|20)\d\d"
_SETTING = r"admission|encounter|stay|hospitali[sz]ation|visit|records?|discharge summary|notes?|chart|problem list|letter|year"
_FAMILY = r"fh|fhx|fam(?:ily)? (?:hx|history)|family"
_PROVIDERS = (
    r"md|do|pa(?:-c)?|np|aprn|crnp|dr|attending|hospitalist|physician|provider|resident|intern|fellow|surgeon|surgery|"
    r"consult(?:ant)?|cards|cardiology|neuro(?:logy)?|neurosurgery|renal|nephro(?:logy)?|gi|id|icu|ed|er|im|ortho|pulm"
    r"(?:onology)?|onc(?:ology)?|heme|ob|obstetrics|mfm|peds|pediatrics|psych(?:iatry|iatrist)?|urology|vascular|anesthesia|"
    r"h&p|hpi|assessment|impression|a/p|plan|d/c|discharge|progress note|medicine|endocrin\w+|current|today|this (?:stay|admission|"
    r"encounter|visit)|now|final|problem list|pcp|podiatry|hepatology|intensivist|geriatrics|neonatology|nicu|trauma|bmt"
)
#: a label such as "RN note 3/3:" or "Prior admission 2024:", at the start of the text or after a full stop
_LABEL = re.compile(r"\s*(?P<label>[a-z][\w /&().,'-]{0,60}?)(?: ?[:\u2013\u2014]| - )", re.I)
_IS_OTHER = re.compile(rf"\b(?:{_OTHERS})\b", re.I)
_IS_PROVIDER = re.compile(rf"(?<![\w])(?:{_PROVIDERS})(?![\w])", re.I)
_IS_ELSEWHEN = re.compile(rf"\b(?:{_ELSEWHEN})\b[\w ,/()'-]{{0,30}}\b(?:{_SETTING})\b|\b(?:19|20)\d\d\b", re.I)
_IS_FAMILY = re.compile(rf"\b(?:{_FAMILY})\b", re.I)
#: in a sentence: "per nursing", "the dietitian documented", "in the 2023 admission"
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_SAID_BY_OTHER = re.compile(
    rf"\b(?:per|by|from|according to) (?:the |a |her |his )?(?:{_OTHERS})\b"
    rf"|\A\W*(?:the |an? )?(?:{_OTHERS})(?: (?:notes?|assessment|screen\w*|flowsheet|report|consult|eval\w*|documentation|"
    r"read|prelim\w*|summary|entry|form|admission|skin))*\b(?!\s*(?:consult|referral|evaluation)? ?(?:ordered|pending|"
    r"placed|following|appreciated|for|to)\b)(?=[\s:,]*(?:notes?|documents?|documented|records?|recorded|states?|stated|"
    r"reports?|reported|says?|said|lists?|listed|charted|describes?|described|identified|assess\w*|diagnos\w*|\d|:))",
    re.I,
)
_SAID_ELSEWHEN = re.compile(
    rf"\b(?:in|from|during|at|on|per) (?:a |an |the |her |his |their )?(?:{_ELSEWHEN})\b[\w ,/()'-]{{0,30}}?\b(?:{_SETTING})\b"
    rf"|\A\W*(?:{_ELSEWHEN})\b[\w ,/()'-]{{0,20}}\b(?:{_SETTING})\b",
    re.I,
)


@dataclass(frozen=True)
class Parted:
    """Documentation by whose words it holds.

    providers: of providers in this encounter, who document a diagnosis. others: of nurses, dietitians, reports in this
    encounter, whose findings are indicators all the same. elsewhere: of relatives and of other encounters.
    """

    providers: str
    others: str
    elsewhere: str


def by_providers(documentation: str) -> str:
    """Return what providers wrote in this encounter, leaving out what others or other encounters say."""
    return parted(documentation).providers


def parted(documentation: str) -> Parted:
    """Return documentation sentence by sentence with those whose words it holds."""
    said: dict[str, list[str]] = {"providers": [], "others": [], "elsewhere": []}
    speaker = "providers"
    for sentence in _SENTENCE.split(documentation):
        label = _LABEL.match(sentence)
        if label:
            speaker = _speaker(label["label"], speaker)
        if _SAID_ELSEWHEN.search(sentence):
            said["elsewhere"].append(sentence)
        elif speaker == "providers" and _SAID_BY_OTHER.search(sentence):
            said["others"].append(sentence)
        else:
            said[speaker].append(sentence)
    return Parted(**{whose: "\n".join(sentences) for whose, sentences in said.items()})


def _speaker(label: str, before: str) -> str:
    """Return whose words a label announces, a field of Parted; one that does not say changes nothing."""
    if _IS_FAMILY.search(label) or _IS_ELSEWHEN.search(label):
        return "elsewhere"
    if _IS_OTHER.search(label) and not re.search(r"\b(?:md|do|physician|dr)\b", label, re.I):
        return "others"
    return "providers" if _IS_PROVIDER.search(label) else before


#: "the pathology report describes", "CT: ...", "RN skin check": a source other than a provider, quoted as such
_REPORT = re.compile(
    rf"\b(?:{_OTHERS}|report|read|reading|ct|cta|mri|mra|x-?ray|cxr|ultrasound|us|echo\w*|tte|tee|eeg|biopsy|cytology|path|"
    r"culture|mammogra\w+|scan|film|duplex|egd|colonoscopy|smear|flow|pet)\b[^.;\n]{0,80}?\b(?:describ\w+|shows?|showed|reads?|reports?|"
    r"reported|suggests?|suggested|notes?|noted|lists?|listed|states?|stated|consistent with|impression|reveals?|demonstrat\w+|interpret\w+|identif\w+)\b",
    re.I,
)


def is_report(sentence: str) -> bool:
    """Say whether a sentence tells what somebody other than a provider found."""
    return bool(_REPORT.search(sentence) or _SAID_BY_OTHER.search(sentence))


def speaks_of_elsewhere(sentence: str) -> bool:
    """Say whether a sentence speaks of another encounter ("in the 2023 admission")."""
    return bool(_SAID_ELSEWHEN.search(sentence) or _OLD.search(sentence))


_OLD = re.compile(
    rf"\b(?:{_ELSEWHEN})\b[\w ,/()'-]{{0,30}}\b(?:{_SETTING})\b"
    rf"|\b(?:{_SETTING})\b[a-z ,'()-]{{0,30}}\b(?:of|dated|from|in) (?:[a-z]+ )?(?:\d{{1,2}}/)?(?:19|20)\d\d\b",
    re.I,
)
