"""Orders (Q06, Q15): to write a named diagnosis, to remove one, or to answer in a given way.

A request to document one's judgement, a type, a cause, or the condition treated orders nothing: verbs of asking (clarify,
specify, describe) and objects that are open pass.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from query_mgr.queries.lint.authors import is_report
from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.leaning import answers_in
from query_mgr.queries.lint.ordering import ORDERED
from query_mgr.queries.lint.reading import Hit, Reading, Shown
from query_mgr.queries.lint.targets import quotes, targets
from query_mgr.queries.lint.wording import Sense, Senses, sentence_at, spoken_by_author

_WRITE = (
    r"(?:document|add|includ(?:e|ing)|writ(?:e|ing)|records?|chart|enter|list|code|diagnose|put|use|carry|note|state|report|dictate|addend|"
    r"append|insert|mention|indicate|respond|reply|attest|dictate|rephrase|reword|display|submit|type|make (?:it|this|that)|call (?:this|it)|label (?:this|it)|assign|give|select|choose|pick|check|tick|mark|sign for|resolve (?:it|this) to|go with|answer|enter in)"
)
#: what makes a verb an order: the start of a clause, or the asking
_ASK = (
    r"(?:^|[.;:?!,]\s|\n|- |\b(?:please|kindly|just|simply|then|and|to|so|now|you|must|should|always|also|only|we need|want|"
    r"have to|need to|go ahead and|could you|can you|would you|will you|asked to|requested to|invited to|required to|expected to)\s)\W{0,2}(?:please |kindly |just |simply |then |also |now )*"
)
_THIN = (
    r"(?:a|an|the|this|that|patient|patient's|pt|as|of|diagnos[ei]s|dx|term|terms|word|words|has|had|have|is|was|it|with|for|down|in|"
    r"your|note|notes|final|new|acute|chronic|severe|moderate|mild|systolic|diastolic|secondary|primary|clinical|hypoxic|likely|probable|"
    r"possible|option|answer|summary|assessment|plan|chart|record|progress|discharge|on|into|under|exactly|following|due|to|left|right|bilateral|his|her|there|he|she|code|box|\w+ly|documented|words?|phrase|addendum|that|statement|sentence|saying|stating|which|says|patient's|problem|list|(?:stage|type|grade)(?= (?:as|to be)\b)|entry|line|by|follows|final)"
)
_ORDER = re.compile(
    rf"{_ASK}({_WRITE}(?! of\b)(?<!note(?=:))(?<!report(?=:))(?<!chart(?=:))(?<!record(?=:))(?<!list(?=:))(?:\W+{_THIN}){{0,10}}\W{{0,3}})\Z"
)
#: "we need", "see to it that", before a name that the record is to hold
_WANT = re.compile(
    rf"(?:\b(?:we|i|coding|cdi|the record|the chart) (?:\w+ )?(?:needs?|wants?|requires?|must have|would like|expects?)|\b(?:see to it that|see that|make sure that|make sure|ensure that|ensure|what (?:we|i) (?:\w+ )?(?:need|want) is|"
    rf"have your (?:\w+ )?(?:note|summary|record|addendum) (?:say|reflect|state|show|read|include)|(?:correct|right|proper|preferred|required) (?:term|word|wording|diagnosis|label|phrase)[^.?!\n]{{0,40}} is))(?:\W+{_THIN}){{0,6}}\W{{0,3}}\Z"
)
#: "change CKD to", before a name
_CHANGE = re.compile(
    rf"{_ASK}((?:change|replace|swap|exchange|amend|convert|correct|revise|upgrade|downgrade|update|modify|rename) [^.?!;\n]{{2,50}}? (?:to|by|with|as|into)(?: {_THIN}){{0,3}}\W{{0,3}})\Z"
)
#: what follows a name where something of it is asked, or where it is one of several
_OPEN_AFTER = re.compile(
    r"\W{0,3}(?:'s )?(?:\w+ ){0,3}?(?:(?:sub)?type|kind|course|form|phase|degree|pattern|cause|subclass|morphology|histology|acuity|(?:stage|grade|class)(?! \d| [iv]+\b)|severity|etiology|cause|site|laterality|status|specificity|organism|"
    r"significance|extent|location|relationship|details?|clinical|if|whether|or|vs\.?|versus|criteria|history)\b|\s?/"
)

ORDERS = Senses((
    Sense(r"(?:you|provider|physician|doctor|attending) (?:must|have to|need to|should|are required to|are expected to|ought to|shall|are to|will have to|'ll need to)"
          r"(?! (?:be|have (?:been|had|meant|thought|felt|seen|suspected)|know|see|contact|call us|receive|exercise|use your|rely on)\b)",
          unless=r"your (?:own |independent |professional |clinical |medical )*(?:judge?ment|opinion|response|answer|assessment|view|addendum)|feel free|if you (?:think|feel|believe|judge)"),
    Sense(r"(?:must|needs? to|has to|have to|ought to|should|is to|will need to) be (?:\w+ )?(?:document|add|chang|remov|updat|record|coded|list|written|diagnos|delet|amend|correct|revis|carr|includ|enter|called|termed|reflect)\w*",
          unless=r"(?:whether|which|what|how|when|who) |be called (?:if|for|when|by|at|before|back|in)\b"),
    Sense(r"(?:make sure|be sure|ensure|remember|be certain|see to it|do not forget|don't forget)(?: to| you| that you| that|)(?: to)? (?:document|add|include|write|say|list|use|record|mention|put|carry|state|chart|enter|the (?:note|summary|record|chart) (?:says|reads|states|lists|includes))\w*"),
    Sense(r"(?:remove|delete|retract|take out|strike|drop|withdraw|omit|take (?:it|this) (?:out|off)|rescind|cross out|leave out) (?:the |this |your |that |it|any )?(?:\w+ ){0,3}(?:diagnos[ei]s|documentation|term|wording|entry|note|it|problem|from (?:the|your|her|his) (?:\w+ )?(?:list|notes?|record|chart|summary|assessment|documentation|plan|diagnoses|addendum|impression)|word)",
          unless=r"whether|dressing|dose|(?:device|catheter|sutures?|drain|line|tube|tumor|lesion|stent|mass|gallbladder) (?:was|were)"),
    Sense(r"(?:please |kindly |just |and |then |^|to )(?:change|replace|amend|revise|upgrade|downgrade|correct|edit|update|modify|reword|alter|rewrite|addend) (?:the |this |your |that )?(?:\w+ ){0,3}"
          r"(?:diagnos[ei]s|documentation|term|wording|entry|note|it|problem|summary|assessment|record|addendum|statement)?(?: so (?:that )?it)? ?(?:to|as|with|into|from|that|by adding)(?! (?:clinically |medically )?(?:appropriate|needed|indicated|necessary|applicable|you |reflect your|clarify|specify|include your|the type|address|(?:the |a |any |your |an )?(?:\w+ )?(?:type|acuity|stage|cause|etiology|clarification|additional|further|appropriate|specific\w*|response|site|laterality|severity|details?)|(?:include|reflect|clarify|specify|indicate|describe|state|explain|list) (?:the|your|any|how|what|which|whether|where)))",
          unless=r"your (?:clinical |independent |own )*(?:judge?ment|opinion|answer|response|reply|clarification)|dose|rate|dressing|antibiotic\w*|if you"),
    Sense(r"(?:isn't|is not|aren't|are not|not|never|un)[ -]?(?:met|supported|valid|justified|credible)[^.?!\n]{0,30}(?:remove|delete|retract|take out|strike|withdraw|drop)"),
    Sense(r"(?:(?:^|(?<=[.,;:!?] )|(?<=\n)|(?<=please )|(?<=kindly )|(?<=and )|(?<=so )|(?<=but ))(?:do not|don't|never|avoid|stop|refrain from)) (?:document\w*|us(?:e|ing)|writ(?:e|ing)|select\w*|choos(?:e|ing)|call(?:ing)? (?:it|this)|chart\w*|record\w*|diagnos\w+|mention\w*|pick\w*|say(?:ing)?|list\w*)",
          unless=r"do not use (?:this|the) (?:form|query)|abbreviations|phi"),
    Sense(r"(?:select|choose|pick|check|tick|mark|click|circle|go with|take|answer with|respond with|reply with|reply|answer) (?:the |option |answer |box |choice |number )*(?:[\"'(]?(?:[a-e]|[1-9])[\"')]?(?=\W{0,2}(?:$|[.,;:!?)\n]| (?:and|below|above|here|please|for|as|to)\b))|(?:first|second|third|top|last|1st|2nd)(?: (?:one|option|answer|box|choice|line))?|option one)"),
    Sense(r"(?:should|must|needs? to|has to) (?:read|say|state|reflect|list|include|show)(?! (?:your|how|the provider's))|make (?:it|the (?:note|record|summary|chart)) (?:read|say|state|reflect)|(?:addendum|note|sentence|line|statement) (?:that says|saying|stating|that states|reading|to say|to read|to state)(?! (?:whether|if|your|which|the type))"),
    Sense(r"(?:notes?|records?|chart|summary|addendum|documentation|assessment|impression|statement|problem list|entry|dictation) (?:\w+ ){0,2}?(?:must|needs? to|has to|have to|ought to|should|shall|is to|will need to) (?:\w+ )?(?:contain|carry|show|say|state|read|mention|name|give|hold|have|bear|use|call|be worded|be phrased|be changed|be corrected|be amended)",
          unless=r"whether|which|how"),
    Sense(r"(?:needs?|has|have|ought|is|are) to (?:appear|stand|figure|be found|be seen|go|come|show up) (?:in|into|on|under|as)(?: \w+){0,3}? (?:notes?|record|chart|summary|addendum|documentation|assessment|list|diagnos[ei]s)"),
    Sense(r"(?:necessary|essential|imperative|mandatory|required|important|critical|crucial|vital) (?:that|to|for you to) (?:\w+ ){0,6}?(?:be )?(?:document|record|list|add|writ|code|chart|state|includ|name|call|diagnos)\w*", unless=r"whether|which|how|clarif\w*|your (?:\w+ )?judge?ment"),
    Sense(r"(?:use|write|say|choose|prefer|employ) [^.?!\n,;]{2,40}?(?:,? (?:rather than|instead of|in place of|in lieu of)|, not) ", unless=r"which|whether|did|was|patient|or"),
    Sense(r"(?:answer|reply|respond|say|click|write|enter|check|tick|mark|select|put)(?: with| by| simply| just)? (?:\")?(?:yes|no|agree|agreed|confirmed?)(?:\")?(?= |[.,;!?]|$)(?! (?:or|/))", unless=r"yes (?:or|/) no|yes, no|no or"),
    Sense(r"(?:no|neither) other (?:answer|option|choice|response|reply|term|wording) (?:\w+ )?(?:is|will|can|may|would|shall)(?: be)?|(?:only|solely) (?:[\w-]+ ){1,5}(?:may|can|should|must|will|is to) be (?:selected|chosen|accepted|used|documented|answered|ticked)|(?:is|are|will) not (?:be )?(?:an )?accept(?:able|ed)(?: (?:answers?|responses?))?(?=[.,;:!]|$| for this| here| by coding)"),
    Sense(r"(?:do not|don't|never|please avoid|avoid|refrain from|rather than) (?:\w+ )?(?:answer|respond|reply|select|tick|check|leave|pick|choose|click)(?:ing)? (?:with )?[^.?!\n]{0,20}?(?:\"|other|unable|undetermined|unspecified|no\b|open|blank)|leave (?:\"|the |other|unable)[^.?!\n]{0,40}(?:unchecked|blank|empty|unticked|alone)"),
    Sense(r"(?:sign|return|approve|accept|file|complete) (?:off (?:on )?)?the (?:attached|enclosed|prepared|pre-?written|drafted|following|prefilled|suggested|proposed|ready) (?:\w+ )?(?:addendum|note|statement|text|wording|form|entry|sentence)|(?:have|get|see|want|like) (?:it|this|[\w -]{2,40}?) (?:added|documented|listed|entered|recorded|written|included|removed|changed|charted|carried|put) (?:to|in|into|on|from|as|under) (?:the|your|her|his)(?! (?:chart by|nurs))"),
    Sense(r"take (?:\w+ ){1,5}off (?:the|your) (?:\w+ )?(?:list|note|record|chart|summary|assessment)"),
    Sense(r"(?:simply|just) (?:sign|copy|paste|co-?sign)|(?:and|then) sign(?: (?:it|below|off|here))?$|copy (?:and paste|the following|this)|paste (?:the following|this)"),
))  # fmt: skip
_BEFORE = 140
#: a quoted way out is offered, not ordered
_ESCAPE = re.compile(
    r"\W*(?:unable|other|none|unknown|not (?:known|applicable|determined|clinically)|undetermined|clinically un|cannot|n/a)\b"
)


def orders(reading: Reading) -> Iterator[Hit]:
    """Yield orders in title, question and body."""
    for shown in (reading.title, reading.question, reading.body):
        taken = 0
        for start, end in spoken_by_author(shown, _told_to_write(reading, shown)):
            if start >= taken:
                taken = end
                yield shown.hit(start, end, f"Tells the provider to write “{shown.text[start:end].strip()}”.")
        if not taken and (place := _ordered(reading, shown, ORDERS.found(shown.low))):
            yield shown.hit(*place, f"“{shown.text[slice(*place)].strip()}” orders an answer.")


def orders_at(reading: Reading, shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text tells the provider to write an answer."""
    ordered = _ordered(reading, shown)
    return (*_told_to_write(reading, shown), *((ordered,) if ordered else ()))


def _ordered(reading: Reading, shown: Shown, others: Iterable[tuple[int, int]] = ()) -> tuple[int, int] | None:
    """Return the first order that the order of words tells, or of `others`."""
    given = {"ANSWER": answers_in(reading, shown), "NAMED": targets(reading, shown), "QUOTED": quotes(shown)}
    places = itertools.chain(ORDERED.found(tokens(shown.low), given), others)
    own = (place for place in spoken_by_author(shown, places) if not is_report(shown.sentence(place[0])))
    return next(own, None)


def _told_to_write(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield from the verb to the name it is told to write, or to quoted words."""
    answers = [(place, True) for place in targets(reading, shown)] + [
        (place, False) for place in quotes(shown) if not _ESCAPE.match(shown.low, *place)
    ]
    for (start, end), is_name in sorted(answers):
        left = max(0, start - _BEFORE, sentence_at(shown.low, start, start)[0] - 2)
        order = (
            _ORDER.search(shown.low[left:start])
            or _CHANGE.search(shown.low[left:start])
            or _WANT.search(shown.low[left:start])
        )
        if order and not (is_name and _asks_something_of_it(shown, start, end)):
            yield left + order.start(order.lastindex or 0), end


def _asks_something_of_it(shown: Shown, start: int, end: int) -> bool:
    return bool(_OPEN_AFTER.match(shown.low, end))
