"""Patient discharge status as the UB-04 has it (form locator 17), in our own words.

Source: NUBC form locator 17, as CMS explains it in the Medicare Claims Processing Manual, chapter 25, section 75.2.
"""

from __future__ import annotations

_PLAIN = {
    "01": "Home or self care",
    "02": "Another short-term general hospital",
    "03": "Skilled nursing facility, skilled care",
    "04": "Custodial or supportive care facility",
    "05": "Cancer centre or children's hospital",
    "06": "Home with a home health agency",
    "07": "Left against medical advice",
    "09": "Admitted as an inpatient to this hospital",
    "20": "Died",
    "21": "Court or law enforcement",
    "30": "Still a patient",
    "40": "Died at home, in hospice care",
    "41": "Died in a facility, in hospice care",
    "42": "Died, place unknown, in hospice care",
    "43": "Federal health care facility",
    "50": "Hospice at home",
    "51": "Hospice in a facility",
    "61": "Swing bed of this hospital",
    "62": "Inpatient rehabilitation",
    "63": "Long-term care hospital",
    "64": "Nursing facility, Medicaid only",
    "65": "Psychiatric hospital or unit",
    "66": "Critical access hospital",
    "69": "Disaster alternative care site",
    "70": "Another health care institution",
}
#: with a planned acute care readmission -> the place that it is otherwise the same as
_PLANNED = {
    "81": "01", "82": "02", "83": "03", "84": "04", "85": "05", "86": "06", "87": "21", "88": "43", "89": "61",
    "90": "62", "91": "63", "92": "64", "93": "65", "94": "66", "95": "70",
}  # fmt: skip

DISCHARGE_STATUSES = _PLAIN | {code: f"{_PLAIN[base]}, readmission planned" for code, base in _PLANNED.items()}
