"""What goes to billing, and by which way: two tables and the settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from config.settings import Settings

#: format -> what a page calls it
FORMATS = {
    "bar": "Codes (HL7 BAR^P12)",
    "dft": "Charges (HL7 DFT^P03)",
    "claim": "Institutional claim (FHIR)",
    "professional": "Professional claim (FHIR)",
    "csv": "Codes and charges (CSV)",
}
#: what QUERY_MGR_BILLING_MESSAGES names -> the formats that it stands for
MESSAGES = {"bar": ("bar",), "dft": ("dft",), "claim": ("claim", "professional"), "csv": ("csv",)}

WAYS = {
    "mllp": "to the billing system over MLLP",
    "fhir": "to the billing system's FHIR server",
    "folder": "into the billing folder",
    "inbox": "kept here, as no billing system is configured",
}
#: format -> type and ending of its file
FILES = {
    "bar": ("application/hl7-v2", "hl7"),
    "dft": ("application/hl7-v2", "hl7"),
    "claim": ("application/fhir+json", "json"),
    "professional": ("application/fhir+json", "json"),
    "csv": ("text/csv", "csv"),
}


@dataclass(frozen=True)
class Channel:
    """One format on its one way."""

    format: str
    way: str

    @property
    def key(self) -> str:
        """As `HandOff.channel` holds it."""
        return f"{self.format}:{self.way}"


def channels(settings: Settings) -> tuple[Channel, ...]:
    """Return the channels that the settings open, in the order in which a version takes them.

    Each format has one way at most: to hand a charge off by two ways would charge it twice.
    """
    formats = [one for name in MESSAGES if name in settings.billing_formats for one in MESSAGES[name]]
    found = [Channel(one, way) for one in formats if (way := _way(one, settings))]
    return tuple(found)


def _way(format: str, settings: Settings) -> str:
    if settings.billing_hl7_host and format in ("bar", "dft"):
        return "mllp"
    if settings.billing_fhir_url and format in ("claim", "professional"):
        return "fhir"
    if settings.billing_folder:
        return "folder"
    return "" if settings.billing_hl7_host or settings.billing_fhir_url else "inbox"
