"""Whether a case speaks of the left where an answer says right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: what has a side of its own, and whose signs stand on the same side (unlike those of the brain)
_PAIRED = re.compile(
    r"\b(?:legs?|arms?|hips?|knees?|foot|feet|ankles?|shoulders?|wrists?|hands?|toes?|fingers?|elbows?|hallux|femur|femoral|tibia\w*|fibula\w*|"
    r"humer\w+|radius|radial|ulna\w*|clavicle|ribs?|lungs?|kidneys?|renal|ureter\w*|breasts?|ovar\w+|testi\w+|ears?|eyes?|extremit\w+|limbs?|calf|thighs?|"
    r"heels?|groin|inguinal|hemothorax|pneumothorax|fractures?|lower lobe|upper lobe|effusion|popliteal|axilla\w*|buttocks?|intertrochanteric|"
    r"nephr\w+|pyelonephritis|hydronephrosis)\b"
)
#: the brain's signs stand on the other side; sides of the heart and of a hand in use are no sides of the body
_CROSSED = re.compile(
    r"\b(?:cerebr\w+|brain|stroke|infarct\w*|[amp]ca|mca|hemi\w+|thalam\w+|cortex|frontal|parietal|temporal|occipital|basal|subdural|"
    r"ventric\w+|atri\w+|heart|coronary|lad|dominant|non-?dominant|ganglia|pontine|main|intracranial|intracerebral|carotid|ica)\b"
)
_SIDE = re.compile(
    r"\b(?:(left|lt)|(right|rt)|(bilateral\w*|both))\b|(?<![\w.+-])(?<!\d )(?:(l)|(r)) (?=[a-z]{3})"
)
_CLAUSE = re.compile(r"[^.;,]+")
_NOTHING = re.compile(
    r"\b(?:intact|normal|negative|no|not|unremarkable|without|clear|uninvolved|spared|unaffected|asymptomatic|denies|contralateral|old|prior|healed|"
    r"shift|handed|dominant|weak\w*|hemi\w+)\b"
)


def on_the_other_side(label: str, told: Sequence[str]) -> str:
    """Return the text (lower case) that speaks of the other side than an answer does, while none speaks of its own.

    "" where an answer has no side, or both, or one whose signs stand on the other side.
    """
    own = set(_sides(label))
    if len(own) != 1 or "both" in own or not _PAIRED.search(label) or _CROSSED.search(label):
        return ""
    against = ""
    for text in told:
        for clause in _CLAUSE.findall(text):
            found = set(_sides(clause))
            if not found or _NOTHING.search(clause):
                continue
            if "both" in found or own & found:
                return ""
            against = against or text
    return against


def _sides(text: str) -> Iterator[str]:
    for found in _SIDE.finditer(text):
        in_words = found[1] or found[4], found[2] or found[5]
        yield "left" if in_words[0] else "right" if in_words[1] else "both"
