"""How the demo's notes are written: from templates with choices, values and marked quotes to text with offsets.

The template language is small: "{mild|moderate}" is a choice, "<creatinine.0>" the first value of a series, "<age>" a
word about the patient, and "[[furosemide 40 mg IV]]" a passage that a coder would pick as a clinical indicator.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from query_mgr.charts.records import Section

_CHOICE = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*(?:\.\d+)?)>")
_QUOTE = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)
_SPACES = re.compile(r"[ \t]+")
_NUMBERED = re.compile(r"(?<=[.\])]) (?=[2-9]\. )")


class NoteTemplateError(ValueError):
    """A note template names a value that the stay does not have, or leaves a mark open."""


@dataclass(frozen=True)
class Span:
    """A passage of a note: offsets in characters, and the passage itself."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Written:
    """A note: its text, where its sections lie, and the passages marked in its template."""

    text: str
    sections: tuple[Section, ...]
    quotes: tuple[Span, ...]


def choose(template: str, rng: random.Random) -> str:
    """Return `template` with every "{a|b}" replaced by one of its parts, inner choices first."""
    while match := _CHOICE.search(template):
        template = template[: match.start()] + rng.choice(match[1].split("|")) + template[match.end() :]
    return template


def fill(template: str, words: Mapping[str, str]) -> str:
    """Return `template` with every "<word>" replaced. Raises NoteTemplateError for a word that is not there."""

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise NoteTemplateError(f"<{match[1]}> is not a value of this stay, in: {template[:80]!r}")
        return words[match[1]]

    return _WORD.sub(word, template)


def _marked(template: str, offset: int) -> tuple[str, list[Span]]:
    """Return `template` without its quote marks, and the quotes at offsets from `offset` on."""
    text, quotes, position = "", [], 0
    for match in _QUOTE.finditer(template):
        text += template[position : match.start()]
        quotes.append(Span(offset + len(text), offset + len(text) + len(match[1]), match[1]))
        text += match[1]
        position = match.end()
    text += template[position:]
    if "[[" in text or "]]" in text:
        raise NoteTemplateError(f"a quote mark is left open in: {template[:80]!r}")
    return text, quotes


def write(parts: Iterable[tuple[str, str]], words: Mapping[str, str], rng: random.Random, signed: str) -> Written:
    """Return the note of `parts` (section title, template), signed at its end. Empty sections are left out."""
    text = ""
    sections: list[Section] = []
    quotes: list[Span] = []
    for title, template in parts:
        body = _NUMBERED.sub("\n", _SPACES.sub(" ", fill(choose(template, rng), words)).strip())
        if not body:
            continue
        text += f"{title}:\n"
        start = len(text)
        body, found = _marked(body, start)
        text += body
        quotes += found
        sections.append(Section(title, start, len(text)))
        text += "\n\n"
    return Written(f"{text}Electronically signed by {signed}", tuple(sections), tuple(quotes))


#: Two ways of heading the same notes; a provider keeps to one.
HEADINGS: tuple[Mapping[str, str], ...] = (
    {
        "complaint": "CHIEF COMPLAINT",
        "hpi": "HISTORY OF PRESENT ILLNESS",
        "pmh": "PAST MEDICAL HISTORY",
        "home": "HOME MEDICATIONS",
        "allergies": "ALLERGIES",
        "social": "SOCIAL HISTORY",
        "ros": "REVIEW OF SYSTEMS",
        "exam": "PHYSICAL EXAMINATION",
        "results": "DATA REVIEWED",
        "plan": "ASSESSMENT AND PLAN",
        "interval": "SUBJECTIVE",
        "objective": "OBJECTIVE",
    },
    {
        "complaint": "REASON FOR ADMISSION",
        "hpi": "HPI",
        "pmh": "PMH",
        "home": "MEDICATIONS PRIOR TO ADMISSION",
        "allergies": "ALLERGIES",
        "social": "SOCIAL HISTORY",
        "ros": "ROS",
        "exam": "EXAM",
        "results": "RESULTS",
        "plan": "IMPRESSION AND PLAN",
        "interval": "INTERVAL EVENTS",
        "objective": "VITALS AND LABS",
    },
)

ROS = (
    "{Otherwise negative apart from what is noted in the HPI.|Ten systems reviewed and negative except as above.|"
    "As per HPI. Remaining systems {reviewed and negative|unremarkable}.}"
)
SOCIAL = (
    "{Lives with {spouse|daughter|son}|Lives alone, {daughter|neighbor} checks in|Lives in a single-story home}. "
    "{Retired|Formerly worked in {a warehouse|a school cafeteria|trucking|accounting}}. "
    "{Denies tobacco.|Never smoker.|No current tobacco use.}"
)
NURSING = (
    "{Patient resting {comfortably|quietly} in bed at start of shift.|Received in bed, call light in reach.|"
    "Report received at bedside.} "
    "{Turned and repositioned with assist.|Up to chair for meals {with one assist|independently}.|"
    "Ambulated in hallway with {walker|standby assist}.} "
    "{Peripheral IV site clean, dry and intact.|IV flushed without difficulty.|IV patent, dressing dry.} "
    "{Pain controlled per patient report.|Denies pain at this time.|Rates pain 2/10 after scheduled analgesia.} "
    "{Family updated at bedside.|Plan of care reviewed with patient.|Bed low and locked, alarm on.}"
)
QUIET_INTERVAL = (
    "{Slept well.|No overnight events.|Uneventful night per nursing.} "
    "{Feels better today and is asking about going home.|Tolerating diet, no new complaints.|"
    "Eating most of meals and walking to the bathroom.}"
)
QUIET_PLAN = (
    "{Continue the plan outlined yesterday.|Course as expected; no change to the plan.|"
    "Clinically improving, plan unchanged.} "
    "{Case management working on discharge needs.|Anticipate discharge {tomorrow|in the next 24 hours}.|"
    "Physical therapy to see before discharge.}"
)
DISCHARGE_EXAM = (
    "{Comfortable, in no distress.|Alert, sitting in the chair.|Well appearing.} "
    "{Hemodynamically stable.|Vital signs stable at discharge.}"
)
FOLLOW_UP = (
    "{Primary care in {7|10|14} days.|Follow up with primary care within {one week|two weeks}.} "
    "{Medication list reviewed with patient and family.|Return precautions reviewed; patient voiced understanding.}"
)
