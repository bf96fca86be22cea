"""T1: what a sentence says of a concept, beside one compiled alternation of the negations over the same sentence.

The floor answers one of five questions, and that one badly; its F1 stands in its row.
"""

from __future__ import annotations

import re

from query_mgr.clinical.assertions import said_of
from query_mgr.clinical.locate import find
from tests.bench.timing import Row, in_turn
from tests.clinical.labelled import f1, rows, scores

_NEGATION = re.compile(
    r"\b(?:no|not|denie[sd]|denying|without|negative for|absence of|free of|ruled out|excluded|never|nor|neither|"
    r"no evidence of|rather than|rules out|fail(?:s|ed) to (?:show|reveal)|unlikely|doubt)\b",
    re.IGNORECASE,
)
#: milliseconds that one sentence may take
_MOST_MS = 0.1


def run(rounds: int) -> list[Row]:
    """Time both over all held-back sentences, per sentence; the row names the F1 of each kind."""
    held_back = [row for row in rows() if row.is_held_back]
    places = [(row.sentence, find(row.concept, row.sentence) or (0, 0)) for row in held_back]

    def ours(number: int) -> list[object]:
        return [said_of(sentence, span) for sentence, span in places]

    def floor(number: int) -> list[bool]:
        return [_NEGATION.search(sentence, 0, span[0]) is not None for sentence, span in places]

    found = scores((row, said_of(*place)) for row, place in zip(held_back, places, strict=True))
    guessed = f1(zip((row.said.negated for row in held_back), floor(0), strict=True))
    assert found["negated"] >= 0.97 > guessed
    assert min(found[kind] for kind in ("uncertain", "historical", "family")) >= 0.92
    mine, theirs = ([each / len(places) for each in times] for times in in_turn(ours, floor, rounds))
    shown = " ".join(f"{kind[:3]} {found[kind]:.2f}" for kind in ("negated", "uncertain", "historical", "family"))
    allowed = [_MOST_MS] * len(mine)
    return [
        Row("T1", f"says of a concept, F1 {shown}", len(places), mine, allowed, 1.0),
        Row("T1", f"the same / one alternation, F1 neg {guessed:.2f}", len(places), mine, theirs, 30.0),
    ]
