"""Stays that are held apart from others: what each label means, and the words that must go with what is disclosed. Pure."""

from __future__ import annotations

from collections.abc import Iterable

#: label -> what it says. The names are those of HL7's ActCode value set InformationSensitivityPolicy.
LABELS: dict[str, str] = {
    "ETH": "Substance use (42 CFR Part 2)",
    "HIV": "HIV/AIDS",
    "PSY": "Psychiatry",
}
#: other codes of that value set that mean one of ours
_SAME = {"SUD": "ETH", "ETHUD": "ETH", "OPIOIDUD": "ETH", "PSYTHPN": "PSY", "MH": "PSY", "BH": "PSY"}

#: our words for the statement that 42 CFR 2.32(a)(1) asks for; a site may add its own
PART_2_NOTICE = (
    "This record is protected by the federal rules on the confidentiality of substance use disorder patient records "
    "(42 CFR part 2). They do not permit its use or disclosure in a civil, criminal, administrative or legislative "
    "proceeding against the patient without specific written consent or a court order."
)


def labels(text: str) -> tuple[str, ...]:
    """Return the labels that `Encounter.sensitivity` holds."""
    return tuple(one for one in text.split() if one in LABELS)


def joined(codes: Iterable[str]) -> str:
    """Return security label codes as `Encounter.sensitivity` keeps them; unknown ones are left out."""
    found = {_SAME.get(one.upper(), one.upper()) for one in codes}
    return " ".join(sorted(found & LABELS.keys()))


def notice(text: str) -> str:
    """Return the notice that goes with a page, print or receipt of a stay labelled `text`, "" where none does."""
    return PART_2_NOTICE if "ETH" in labels(text) else ""
