"""A made-up chart as C-CDA R2.1 documents: a progress note each, the results as entries of the first."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from tests.charts.rendered.made import ADMITTED, AUTHORITY, NPI, MadeChart, Measured, Note

_SEX = {"female": "F", "male": "M", "other": "UN"}
_SECTIONS = {"Assessment": "51848-0", "Plan": "18776-5", "Hospital Course": "8648-8", "Subjective": "61150-9"}
_FLAGS = {"H": "H", "L": "L", "": "N"}


def as_ccda(chart: MadeChart) -> tuple[bytes, ...]:
    """Return the chart as documents."""
    return tuple(_document(chart, one, first=number == 0) for number, one in enumerate(chart.notes))


def _document(chart: MadeChart, note: Note, *, first: bool) -> bytes:
    sections = "".join(_section(title, body) for title, body in note.sections)
    if first and chart.results:
        sections += _results(chart)
    given = "".join(f"<given>{escape(one)}</given>" for one in chart.given.split())
    person = "<assignedPerson><name><given>Rosa</given><family>Medina</family><suffix>MD</suffix></name></assignedPerson>"
    high = f'<high value="{_time(chart.discharged)}"/>' if chart.discharged else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">
<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
<templateId root="2.16.840.1.113883.10.20.22.1.9" extension="2015-08-01"/>
<id root="{AUTHORITY}" extension="N{note.ref}"/>
<code code="11506-3" codeSystem="2.16.840.1.113883.6.1" displayName="Progress note"/>
<title>Progress note</title><effectiveTime value="{_time(note.at)}"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
<recordTarget><patientRole><id root="{AUTHORITY}" extension={quoteattr(chart.mrn)}/>
<patient><name use="L">{given}<family>{escape(chart.family)}</family></name>
<administrativeGenderCode code="{_SEX[chart.sex]}" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="{chart.born:%Y%m%d}"/></patient></patientRole></recordTarget>
<author><time value="{_time(note.at)}"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="{NPI}"/>{person}
</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="{AUTHORITY}"/><name>RIVERBEND</name>
</representedCustodianOrganization></assignedCustodian></custodian>
<componentOf><encompassingEncounter><id root="{AUTHORITY}" extension={quoteattr(chart.number)}/>
<code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>
<effectiveTime><low value="{_time(ADMITTED)}"/>{high}</effectiveTime>
<encounterParticipant typeCode="ATND"><assignedEntity><id root="2.16.840.1.113883.4.6" extension="{NPI}"/>{person}
</assignedEntity></encounterParticipant></encompassingEncounter></componentOf>
<component><structuredBody>{sections}</structuredBody></component></ClinicalDocument>""".encode()


def _section(title: str, body: str) -> str:
    text = "<br/>".join(escape(line) for line in body.splitlines())
    code = f'<code code="{_SECTIONS[title]}" codeSystem="2.16.840.1.113883.6.1"/>'
    return f"<component><section>{code}<title>{title}</title><text>{text}</text></section></component>"


def _results(chart: MadeChart) -> str:
    entries = "".join(_result(number, one) for number, one in enumerate(chart.results))
    return (
        '<component><section><templateId root="2.16.840.1.113883.10.20.22.2.3.1" extension="2015-08-01"/>'
        '<code code="30954-2" codeSystem="2.16.840.1.113883.6.1"/><title>Results</title><text/>'
        f"{entries}</section></component>"
    )


def _result(number: int, one: Measured) -> str:
    code = f'<code code="{one.code}" codeSystem="2.16.840.1.113883.6.1" displayName="{one.name}"/>'
    return f"""<entry typeCode="DRIV"><organizer classCode="BATTERY" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.1" extension="2015-08-01"/><id root="{AUTHORITY}" extension="F{number}"/>
{code}<statusCode code="completed"/><component><observation classCode="OBS" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01"/><id root="{AUTHORITY}" extension="R{number}"/>
{code}<statusCode code="completed"/><effectiveTime value="{_time(one.at)}"/>
<value xsi:type="PQ" value="{one.value}" unit="{one.unit}"/>
<interpretationCode code="{_FLAGS[one.flag]}" codeSystem="2.16.840.1.113883.5.83"/>
<referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="{one.low}" unit="{one.unit}"/>
<high value="{one.high}" unit="{one.unit}"/></value></observationRange></referenceRange>
</observation></component></organizer></entry>"""


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S+0000")
