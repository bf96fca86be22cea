"""How an ICD-10-CM code is written, and what somebody probably meant who wrote it otherwise."""

from __future__ import annotations

import re
import unicodedata

#: A category is a letter, a digit (A in QA0), and a digit or A or B (C4A, C7B); I and O stand only first.
_SHAPE = re.compile(r"[A-Z][0-9A][0-9AB](?:\.?[0-9A-HJ-NP-Z]{1,4})?")
_ICD9 = re.compile(r"[0-9]{3}(?:\.[0-9]{1,2})?")
#: ICD-10-PCS has seven signs without a dot, and most end in Z, which no ICD-10-CM code does.
_PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_FULL_WIDTH = {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)}
_LONGEST = 40  # more than this is no code and is not quoted back


class CodeError(ValueError):
    """A text that is not written like an ICD-10-CM code; `suggestion` is what was probably meant, or ""."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.suggestion = suggestion


def normalize(text: str) -> str:
    """Return the code in capitals and with its dot: `e119 ` becomes `E11.9`.

    Says nothing about whether the code exists. Raises CodeError with a hint, and never guesses silently.
    """
    code = plain(text).strip()
    if not code:
        raise CodeError("Type a code, such as E11.9")
    if len(code) > _LONGEST:
        raise CodeError("This is not written like a code (too long); write one such as E11.9")
    if not code.isascii():
        raise _not_ascii(code)
    code = code.upper()
    if code[-1] == "Z" and _PCS.fullmatch(code):
        raise _procedure(code)
    if _is_shaped(code):
        return _dotted(code)
    raise _misspelled(code)


def plain(text: str) -> str:
    """Return the text with full-width signs, as Asian keyboards write them, made plain; look-alikes stay."""
    return text.translate(_FULL_WIDTH)


def is_code_shaped(text: str) -> bool:
    """Return whether `normalize` accepts the text."""
    try:
        normalize(text)
    except CodeError:
        return False
    return True


def with_placeholders(code: str) -> tuple[str, ...]:
    """Return what a code that lacks its placeholder X may have meant: `T45.01A` gives T45.01XA, T45.0X1A, T45.X01A.

    Empty where the last sign cannot be a seventh character. Source: ICD-10-CM Official Guidelines, sections I.A.4
    and I.A.5.
    """
    bare = code.replace(".", "")
    if not 4 <= len(bare) < 7 or not bare[-1].isalpha():
        return ()
    gap = "X" * (7 - len(bare))
    return tuple(_dotted(bare[:at] + gap + bare[at:]) for at in range(len(bare) - 1, 2, -1))


def _is_shaped(code: str) -> bool:
    return bool(_SHAPE.fullmatch(code)) and "." not in code[:3] + code[4:]


def _dotted(code: str) -> str:
    bare = code.replace(".", "")
    return bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"


def _misspelled(code: str) -> CodeError:
    if "," in code:
        return _hint(code, "a code has a dot, not a comma", code.replace(",", "."))
    if _ICD9.fullmatch(code):
        return _icd9(code)
    letters = code[:1] + code[1:].translate(str.maketrans("OI", "01"))
    if letters != code and _is_shaped(letters):
        return _hint(
            code, "after its first sign a code holds no letter O and no letter I, only digits 0 and 1", letters
        )
    if _is_shaped(_first_letter(letters)):
        return _hint(code, "a code begins with a letter", _first_letter(letters))
    if _PCS.fullmatch(code):
        return _procedure(code)
    # What is left over from a book or a sentence: `E11.-`, `E 11.9`, `I10.`, `E11-9`.
    bare = re.sub(r"[^0-9A-Z]", "", code)
    return _hint(code, "not written like an ICD-10-CM code, such as I10, E11.9 or S72.001A", bare)


def _not_ascii(code: str) -> CodeError:
    """Name the foreign signs and suggest nothing: what was pasted is to be typed again, and read while typing."""
    names = [unicodedata.name(sign, "an unnamed sign").lower() for sign in code if not sign.isascii()]
    return _hint(code, f"it is not written with plain letters and digits ({names[0]}); type it again", "")


def _icd9(code: str) -> CodeError:
    meant = _first_letter(code)
    if _is_shaped(meant):
        return _hint(code, "a code begins with a letter (ICD-9-CM codes ended on 30 September 2015)", meant)
    return _hint(code, "this looks like ICD-9-CM, which ended on 30 September 2015; look it up in ICD-10-CM", "")


def _procedure(code: str) -> CodeError:
    return CodeError(f"{code!r}: this looks like an ICD-10-PCS procedure; diagnoses are coded in ICD-10-CM")


def _first_letter(code: str) -> str:
    """Return the code with a leading 1 or 0 read as the letter it resembles."""
    return {"1": "I", "0": "O"}.get(code[:1], code[:1]) + code[1:]


def _hint(code: str, reason: str, candidate: str) -> CodeError:
    suggestion = _dotted(candidate) if _is_shaped(candidate) else ""
    return CodeError(f"{code!r}: {reason}" + (f". Did you mean {suggestion}?" if suggestion else ""), suggestion)
