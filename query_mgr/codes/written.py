"""How a code of each system is written, and what somebody probably meant who wrote it otherwise."""

from __future__ import annotations

import re

from query_mgr.codes import icd10cm
from query_mgr.codes.icd10cm import CodeError

#: code system -> how a code is written, and how to say so
_SHAPES = {
    "icd10pcs": (re.compile(r"[0-9A-HJ-NP-Z]{7}"), "seven letters and digits without a dot, never I or O"),
    "cpt": (re.compile(r"\d{4}[0-9FTUM]", re.ASCII), "five digits, or four and F, T, U or M"),
    "hcpcs": (re.compile(r"[A-V]\d{4}", re.ASCII), "a letter from A to V and four digits"),
    "modifier": (re.compile(r"[A-Z0-9]{2}"), "two letters or digits"),
    "pos": (re.compile(r"\d{2}", re.ASCII), "two digits"),
    "revenue": (re.compile(r"\d{4}", re.ASCII), "four digits"),
    "carc": (re.compile(r"[A-Z]{0,2}\d{1,3}", re.ASCII), "up to three digits, after a letter or none"),
    "rarc": (re.compile(r"(?:MA|M|N)\d{1,4}", re.ASCII), "M, MA or N and digits"),
}
#: the systems that a mistaken code is compared with; the short ones would fit nearly anything
_TOLD_APART = ("icd10pcs", "cpt", "hcpcs")
_LOOKALIKES = str.maketrans("OI", "01")


def written(text: str, system: str) -> str:
    """Return the code as its system writes it: capitals, no blanks around it, full-width signs plain.

    Says nothing about whether the code exists. Raises CodeError with a hint, and never guesses silently.
    """
    if system == "icd10cm":
        return icd10cm.normalize(text)
    code = icd10cm.plain(text).strip().upper()
    shape, words = _SHAPES[system]
    if shape.fullmatch(code):
        return code
    other = next((name for name in _TOLD_APART if _SHAPES[name][0].fullmatch(code)), "")
    if not other and icd10cm.is_code_shaped(code):
        other = "icd10cm"
    meant = code.replace(".", "").translate(_LOOKALIKES)
    suggestion = meant if not other and shape.fullmatch(meant) else ""
    hint = f". It looks like {other}" if other else f". Did you mean {suggestion}?" if suggestion else ""
    raise CodeError(f"{code[:30]!r} is not written like {system} ({words}){hint}", suggestion)
