"""What the states of a hand-off and the reasons of a return are called. Pure."""

from __future__ import annotations

#: state -> what the page calls it
STATES = {
    "waiting": "On its way",
    "accepted": "Accepted",
    "refused": "Needs attention",
    "withdrawn": "Not sent",
}

#: why billing sends an encounter back
RETURN_REASONS = {
    "diagnosis": "Diagnosis: code, sequence or present on admission",
    "procedure": "Procedure: code, date or provider",
    "charges": "Service line: code, modifier, units or date",
    "disposition": "Discharge status",
    "payer_edit": "A payer's or clearinghouse's edit",
    "medical_necessity": "Medical necessity",
    "documentation": "Documentation that the payer asks for",
    "registration": "Registration or insurance",
    "other": "Another reason, said in the note",
}
