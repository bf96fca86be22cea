"""Edits on order: what the guidelines plainly put first, and what never stands first. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Claim, Rows, alone, claim_of, codes, not_first, pair, table
from query_mgr.coding.scrub.registry import GUIDELINES, INPATIENT, Edit, Hit, hit

#: an infection of the whole body, as the guidelines' section on sepsis means it
_SYSTEMIC = codes("A02.1", "A20.7", "A21.7", "A22.7", "A24.1", "A26.7", "A28.2", "A32.7", "A39.2", "A39.3", "A39.4",
                  "A40", "A41", "A42.7", "A48.3", "A54.86", "B00.7", "B37.7", "O85", "O86.04", "O03.37", "O03.87",
                  "O04.87", "O07.37", "O08.82", "O75.3", "P36", "T80.211", "T80.22", "T80.29", "T81.44",
                  "T88.0")  # fmt: skip
_SEPSIS = codes("A40", "A41", "A02.1", "A22.7", "A26.7", "A32.7", "A42.7", "A54.86", "B37.7")
#: infections of one place, as they lead to sepsis
_LOCAL = codes("A08", "A09", "I33", "J09-J18", "J20", "J69.0", "J85", "J86", "K35", "K57.0", "K57.2", "K57.32", "K57.33", "K61",
               "K63.1", "K65", "K75.0", "K81", "K83.0", "L02", "L03", "L08", "M00", "M86", "N10", "N12", "N15.1",
               "N30", "N34", "N39.0", "N41", "N49.3", "N70-N77")  # fmt: skip
#: what a device, an operation or a transfusion brought is coded before the sepsis
_BROUGHT = codes("T80.2", "T81.4", "T82.6", "T82.7", "T83.5", "T83.6", "T84.5", "T84.6", "T84.7", "T85.7", "T88.0",
                 "O", "P")  # fmt: skip

#: Z codes that may only be principal or first-listed
_ONLY_FIRST = codes("Z00", "Z01", "Z02", "Z04", "Z31.81", "Z31.83", "Z31.84", "Z33.2", "Z34", "Z38", "Z39", "Z40",
                    "Z42", "Z51.0", "Z51.1", "Z52", "Z76.1", "Z76.2", "Z99.12")  # fmt: skip
_NOT_ONLY_FIRST = ("Z00.6", "Z52.9")
_ANTINEOPLASTIC = codes("Z51.0", "Z51.1")
#: codes that say how much or which, and are only ever secondary
_SECONDARY = codes(
    "R29.7", "R40.21", "R40.22", "R40.23", "R40.24", "Y90", "Z16", "Z28.3", "Z37", "Z3A", "Z55-Z65", "Z68"
)

#: infections and tumours that define or mark HIV disease
_HIV_RELATED = codes("A07.2", "A31.0", "A31.2", "A81.2", "B25", "B37.1", "B37.81", "B38", "B39", "B45", "B58", "B59",
                     "C46", "C83.7", "C83.8", "A07.3")  # fmt: skip
_HIV, _COVID = codes("B20"), codes("U07.1")
_COVID_SHOWS = codes("J20.8", "J22", "J40", "J80", "J96.0", "J98.8")
_TYPE_ONE, _TYPE_TWO = codes("I21.0", "I21.1", "I21.2", "I21.3", "I21.4"), codes("I21.A1")


def _sepsis_second(case: Case) -> Iterator[Hit]:
    claim, principal = claim_of(case), case.principal
    if principal is None or not claim.has(_SEPSIS) or claim.has(_BROUGHT):
        return
    sepsis = claim.under(_SEPSIS)[0]
    if sepsis.poa == "Y" and principal.poa == "Y" and principal in claim.under(_LOCAL):
        yield hit(sepsis, f"{sepsis.code} and {principal.code} were both present on admission; the sepsis is sequenced "
                  "first, the localized infection after it.", "sequence", principal.code)  # fmt: skip


def _only_first(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_ONLY_FIRST):
        if one is case.principal or one.code.startswith(_NOT_ONLY_FIRST) or _may_follow(one, claim):
            continue
        yield hit(one, f"{one.code} may only be the principal or first-listed diagnosis, and stands at place "
                  f"{claim.at[id(one)] + 1}.", "sequence")  # fmt: skip


def _may_follow(one: Diagnosis, claim: Claim) -> bool:
    """Return whether what stands first is of the same list: two examinations, or chemotherapy and radiation."""
    return claim.diagnoses[0] in claim.under(_ONLY_FIRST) and one.code[:3] != "Z38"


def _hiv(case: Case) -> Iterator[Hit]:
    claim, principal = claim_of(case), case.principal
    if principal is not None and claim.has(_HIV) and principal in claim.under(_HIV_RELATED):
        yield hit(claim.under(_HIV)[0], f"{principal.code} stands before B20; on an admission for a condition that "
                  "is related to HIV, B20 comes first.", "sequence", principal.code)  # fmt: skip


def _covid(case: Case) -> Iterator[Hit]:
    claim, principal = claim_of(case), case.principal
    covid = claim.first(_COVID)
    if principal is None or covid is None or covid.poa == "N" or claim.has(_BROUGHT) or claim.has(_SYSTEMIC):
        return
    if principal in claim.under(_COVID_SHOWS):
        yield hit(covid, f"{principal.code} stands before U07.1; COVID-19 is sequenced first, what it causes after it.",
                  "sequence", principal.code)  # fmt: skip


def _infarctions(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    second, type_one = claim.first(_TYPE_TWO), claim.first(_TYPE_ONE)
    if second and type_one:
        yield hit(second, f"{second.code} and {type_one.code} are both coded; a type 2 infarction is coded with I21.A1 "
                  "alone, even where it is called NSTEMI or STEMI, unless two infarctions are documented.", "",
                  type_one.code)  # fmt: skip


_ACUTE_CHRONIC = Rows(table("acute_chronic"), "chronic", "acute")


def _acute(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for row, (chronic, acute) in _ACUTE_CHRONIC.on(claim):
        late = claim.first(acute)
        early = claim.under(chronic)[0]
        if late is not None and claim.is_before(early, late):
            yield hit(late, f"{early.code} stands before {late.code}; where {row['name']} is both acute and chronic, the "
                      "acute one comes first.", "sequence", early.code)  # fmt: skip


EDITS = (
    Edit("severe-sepsis-first", "Severe sepsis or SIRS as principal diagnosis", "error",
         f"{GUIDELINES}, sections I.C.1.d.1.b, I.C.1.d.3 and I.C.18.g",
         not_first(codes("R65"), "{0} is never sequenced first; what caused it comes first."),
         "Sequence the underlying infection or condition first."),
    Edit("severe-sepsis-alone", "Severe sepsis without the underlying infection", "warning",
         f"{GUIDELINES}, section I.C.1.d.1.b",
         alone(codes("R65.2"), _SYSTEMIC, "{0} needs the code of the systemic infection before it, such as A41.9."),
         "Add the code of the systemic infection in front of it."),
    Edit("sepsis-sequence", "Localized infection before sepsis", "warning", f"{GUIDELINES}, section I.C.1.d.4",
         _sepsis_second, "Sequence the sepsis first, if it was met on admission.", INPATIENT),
    Edit("septic-shock-postprocedural", "Septic shock coded twice after a procedure", "warning",
         f"{GUIDELINES}, section I.C.1.d.5.c",
         pair(codes("T81.12"), codes("R65.21"), "{0} is the septic shock after a procedure; {1} is not coded with it."),
         "Remove R65.21, keep the codes of the organ dysfunction."),
    Edit("hiv-first", "HIV-related condition before HIV disease", "warning", f"{GUIDELINES}, section I.C.1.a.2",
         _hiv, "Sequence B20 first.", INPATIENT),
    Edit("covid-first", "Manifestation before COVID-19", "warning", f"{GUIDELINES}, section I.C.1.g.1.b", _covid,
         "Sequence U07.1 first."),
    Edit("z-code-only-first", "Z code that may only be first-listed", "warning", f"{GUIDELINES}, section I.C.21.c.16",
         _only_first, "Sequence it first, or code what the encounter was for another way."),
    Edit("secondary-only", "Code that is only ever secondary", "error",
         f"{GUIDELINES}, sections I.B.14, I.C.15.b.5 and I.C.21.c.3",
         not_first(_SECONDARY, "{0} adds to another diagnosis and is never first."),
         "Sequence the diagnosis that it belongs to first."),
    Edit("antineoplastic-alone", "Antineoplastic treatment without a neoplasm", "warning",
         f"{GUIDELINES}, section I.C.2.e.2",
         alone(_ANTINEOPLASTIC, codes("C00-D49"), "{0} is for treatment of a neoplasm, and no neoplasm is coded."),
         "Add the malignancy that is treated as a secondary diagnosis."),
    Edit("acute-before-chronic", "Chronic before acute", "advice", f"{GUIDELINES}, section I.B.8", _acute,
         "Sequence the acute condition first, if it is the same condition."),
    Edit("secondary-neoplasm-alone", "Metastasis without the primary tumour", "advice",
         f"{GUIDELINES}, sections I.C.2.b and I.C.2.m",
         alone(codes("C77", "C78", "C79", "C7B"), codes("C00-C76", "C7A", "C80-C96", "D03", "Z85"),
               "{0} is a metastasis, and neither the primary tumour nor its history is coded."),
         "Add the primary tumour, its history (Z85.-) or C80.1 where it is not known."),
    Edit("subsequent-mi-alone", "Subsequent infarction without the first", "error", f"{GUIDELINES}, section I.C.9.e.4",
         alone(codes("I22"), codes("I21"), "{0} is a second infarction within four weeks; the first, a code of I21, is "
               "not on the claim."),
         "Add the code of the first infarction; the order follows the reason for the encounter."),
    Edit("type-2-mi", "Type 1 and type 2 infarction together", "warning", f"{GUIDELINES}, section I.C.9.e.5",
         _infarctions, "Keep I21.A1 for a type 2 infarction."),
)  # fmt: skip
