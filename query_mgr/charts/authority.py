"""Who assigned a number: the same authority must be the same key whatever the format wrote around its name."""

from __future__ import annotations

_OID_PREFIX = "urn:oid:"


def authority_of(name: str, object_identifier: str = "") -> str:
    """Return the key of an assigning authority: its name, else its object identifier without "urn:oid:".

    The name comes first because HL7 v2 senders often give nothing else; FHIR gives one system, which stands for both.
    """
    return name.strip() or without_urn(object_identifier)


def without_urn(system: str) -> str:
    """Return an object identifier as HL7 v2 and C-CDA write it: "urn:oid:1.2.3" is 1.2.3. Other systems stay."""
    system = system.strip()
    is_oid = system.lower().startswith(_OID_PREFIX)
    return system[len(_OID_PREFIX) :] if is_oid else system
