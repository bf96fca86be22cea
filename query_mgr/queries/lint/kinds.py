"""What an answer is, by what its label means: other, undetermined, ruled out, not significant, no answer, or clinical."""

from __future__ import annotations

import re

from query_mgr.queries.lint.wordlists import says_no_more

#: kinds that choose nothing
ESCAPES = frozenset({"other", "undetermined", "no_answer"})
#: kinds whose author may be believed although the label says it in words of its own
_PLAIN = frozenset({"clinical", "ruled_out", "not_significant"})

_OTHERWISE = re.compile(
    r"\b(?:others?|otherwise|another|else|alternat(?:iv)?es?|alternately|alternatively|different(?:ly)?|unlisted|not (?:listed|included|among|one of|shown|on (?:the|this) list)|"
    r"none (?:of|fits?|applies|apply|is right)|neither|(?:write|add|give|enter|state) your own|no option (?:fits|applies)|not (?:represented|named|given|offered|covered|found|mentioned) (?:here|above|below|among)|elsewhere|differs?|free[- ]?text|free[- ]?form|write[- ]?in|fill[- ]?in|type[- ]?in|(?:my|own|your) (?:words?|wording|answer|diagnosis|term|response|text|formulation|assessment|version|description|statement|judge?ment))\b"
)
#: an answer that only offers room: "Please specify: ____", "____"
_LONGEST_ROOM = 120
_ROOM = re.compile(
    r"\W*(?:please )?(?:specify|describe|explain|state|enter|write|comments?|clarification|or|if so,? (?:specify|describe))?\W*_{2,}\W*|\W*(?:please )?(?:specify|describe|write in|comments?)\W*"
)
#: "____" at the end of a label that says nothing for certain
_ROOM_AT_END = re.compile(r".*_{2,}\W*")
_FOR_CERTAIN = re.compile(
    r"(?:yes|no|not|confirmed|present|absent|ruled|due|related|supported|with|without|stage|grade)\b|.*\d|.*\b(?:due to|from|caused by|secondary to|because of)\b"
)
#: from here on a label says of what the other thing is ("other cause of the anemia")
#: "other sampling", "another combination", "I would put it differently": open, whatever the noun
_OPEN_NOUN = re.compile(
    r"(?:(?:an?|some|any) )?(?:other|another|different|alternative|otherwise)\b(?:[\s:,(_.-]+[a-z]+){0,4}\W*(?:namely\W*)?"
)
#: "a class not listed", "no listed option fits", "anemia of other type": another thing of the same sort
_UNLISTED = re.compile(
    r"\W*not any of (?:these|the above|those)\W*|\W*(?:an? |some |any |the )?(?:\w+ ){0,3}(?:not|isn't|aren't) (?:listed|shown|named|given|offered|included|on (?:the|this) list|among these)(?: (?:here|above|below))?\W*(?:please )?(?:specify|describe|state|explain)?\W*"
    r"|\W*(?:no|none of the) (?:listed |given |above )?(?:option|choice|answer)s? (?:above |here |listed )?(?:fits?|appl(?:y|ies)|is right|suits?)\W*"
    r"|\W*(?:listed |given |these )?(?:options|choices|answers) (?:do not|don't) (?:fit|apply|suit)\W*|\W*oth\b\W*(?:please )?(?:specify|describe)?\W*"
)
_SORTS = (
    r"(?:types?|kinds?|causes?|etiolog(?:y|ies)|forms?|origins?|organisms?|sources?|sites?|locations?|mechanisms?|reasons?|pathogens?|subtypes?|"
    r"class(?:es)?|categor(?:y|ies)|agents?|conditions?|diagnos[ie]s|stages?|grades?|degrees?|severity|acuity|depths?|status|timing|details?|levels?|"
    r"explanations?|process(?:es)?|manifestations?|complications?|relationships?|findings?|terms?|specificity|episodes?|courses?|patterns?|phases?|"
    r"sides?|names?|variety)"
)
_ANOTHER = r"(?:an? |any |some )?(?:other|another|different|alternative|alt|diff|oth)\b"
_SPECIFY = r"(?:please )?(?:specify|describe|state|explain|name(?: it)?)\b"
#: "other CKD stage", "other anemia (specify)", "anemia of other type": another of the kind that the label names
_OF_OTHER = re.compile(
    rf"\A{_ANOTHER} (?:[\w-]+ ){{1,3}}{_SORTS}(?: of [\w ]{{1,40}})?\W*(?:{_SPECIFY}.*)?[\W_]*\Z"
    rf"|\A{_ANOTHER}[^_]*(?:{_SPECIFY}\W*|_{{2,}}\W*)\Z"
    rf"|(?:\b(?:of|at|from)|,) {_ANOTHER} {_SORTS}\b\W*(?:{_SPECIFY})?[\W_]*\Z"
)
_OWN_WORDS = re.compile(
    r"\b(?:i|we)(?:'d| would) (?:\w+ )?(?:call|put|say|describe|word|phrase|name|term)\b|(?:free|open)[- ]?(?:ended )?(?:response|answer|entry|comment|reply)|open text|(?:in|of) my own (?:words|choosing)|(?:term|word|wording)s? of my (?:own|choice|choosing)|(?:i|we) (?:will name|prefer)\b|custom (?:answer|response|entry)|\bnamely\b"
)
_OF_WHAT = re.compile(
    r"\b(?:of|for|than|to|besides|apart|from|in|not|that|which|if|with|accounting|explaining|causing)\b|[:(\[_]"
)

_CANNOT = re.compile(
    r"\b(?:unable|inability|not (?:been )?(?:able|possible|feasible)|impossible|cannot|can ?not|can't|could ?n[o']t|couldn't|insufficient|inadequate|not enough|"
    r"lack(?:s|ing)? (?:of )?|no (?:\w+ )?(?:way|means|basis|grounds|further)|nothing (?:further|allows|permits|lets)|too little|no data|neither (?:\w+ )?(?:can|could|be)\b|(?:was|were|is|are|wo|did|does|do)n['o]?t (?:be )?(?:able|possible|enough|let|say|allow|permit|support)|(?:does|do|did|will) not (?:be )?(?:let|say|allow|permit|tell)|does not (?:allow|permit)|do not (?:allow|permit))\b"
)
_TELL = re.compile(
    r"\b(?:determin|undetermin|specif|sa(?:y|id)\b|tell|stat(?:e|ed)\b|decid|decision|clarif|know|identif|establish|different|distinguish|conclu|judg|assess|answer|ascertain|commit|"
    r"classif|characteri|defin|diagnos|discern|provide|give|given|opinion|certain|evidence|information|data|detail|documentation|findings|further|more|confirm|respond|assign|pinpoint|attribut|assert)"
)
_UNDETERMINED = re.compile(
    r"\b(?:undetermin\w+|indetermin\w+(?! (?:colitis|leprosy))|inconclusive|unresolved|unanswerable|(?:too (?:early|soon)|hard|difficult|impossible) to (?:say|tell|judge|decide|determine)|(?:needs?|requires?|would need) (?:more|further) (?:data|information|work-?up|evidence|testing)|beyond what can|not to be determin\w+|no clear answer|without (?:a )?clear answer|undecidable|(?:not|non-?) ?(?:assessable|evaluable|decidable|answerable|knowable|classifiable|specifiable)|"
    r"(?:defies|beyond|eludes|precludes) (?:\w+ )?(?:determination|specification|classification|judge?ment|an answer)|open question|non-?determin\w+|undecided|undeterminable|indeterminable|undiagnosed|unclassif\w+|utd)\b|(?:\bnot|n't) (?:yet |clinically |currently |\w+ly )?(?:determin\w+|discern\w+|differentia\w+|established|resolved|decid\w+|settled)\b|\bnot (?:\w+ )?(?:determin\w+|ascertain\w+)\b|"
    r"\bdetermination (?:is )?not possible\b|\b(?:unable|open)\W*\Z|\b(?:do|does)(?: not|n't) know\b"
)
_UNKNOWN = re.compile(
    r"\b(?:unknown|unclear|uncertain|unsure|unspecified|undefined|deferred|equivocal|not (?:\w+ )?(?:known|clear|certain|sure|decided|specified|identified|possible to \w+)|"
    r"no (?:\w+ )?(?:determination|specification|opinion|(?:conclusion|judge?ment|answer|statement|verdict) (?:is )?(?:possible|can be)))\b(?! (?:primary|origin|site|source)\b)"
)
_BODILY = re.compile(
    r"\b(?:swallow|walk|ambulat|void|urinat|eat|drink|move|stand|breath|ventilat|wean|speak|see|hear|weight|tolerat|urin|care|feed)"
)
_OF_UNKNOWN = re.compile(r"\bof (?:unknown|uncertain|undetermined|unclear|indeterminate|unspecified)\b")

_PARTS = re.compile(r"/|;|,|\bor\b|\band\b|\|")
_NO_ANSWER = re.compile(
    r"(?:please |kindly )?(?:(?:see|refer to|per|look at|check|follow|as (?:in|per|documented|noted|stated|written|described|charted)|already (?:in|documented|noted|addressed|answered|charted)|"
    r"defer(?:red)?(?: to)?|await(?:ing)?|pending|will|i will|i'll|(?:to|shall) be|tbd|done|noted|reviewed|acknowledged|ok(?:ay)?|later|decline\w*|agree with (?:query|cdi)|"
    r"no (?:answer|comments?|response|change|reply|opinion)|query (?:not|is not)|unchanged)\b.*|n\W?a\W?|not applicable|none|nil|same|\W*)\W*"
)
_NOT_SIGNIFICANT = re.compile(
    r"\b(?:not? (?:of )?(?:any )?(?:clinical(?:ly)? )?(?:significan\w+|relevan\w+|meaningful)|clinically (?:insignificant|irrelevant|unimportant|meaningless)|insignificant|"
    r"without (?:clinical )?significance|integral|inherent|no (?:\w+ ){0,2}(?:diagnos[ie]s|condition|problem|disease|disorder)\b|(?:expected|incidental|isolated) (?:finding|lab\w*|value)|"
    r"(?:lab\w*|finding|value|variant) only|normal variant)\b"
)
_RULED_OUT = re.compile(
    r"\b(?:ruled?[- ]out|r/o'?d|excluded|unconfirmed|unsupported|disproven|refuted|disagree\w*|absent|invalid\w*|withdrawn|withdraw|retracted|"
    r"not (?:been |clinically |actually |a )*(?:confirmed|present|supported|valid\w*|substantiated|met|established|found|evident|so|true|upheld|warranted|justified|the case)|"
    r"(?:does|did|do|has|had)(?: not|n't) (?:have|meet|apply|exist|occur|support)|cannot be (?:confirmed|supported|substantiated)|no longer|never (?:present|had|occurred)|"
    r"without (?:clinical )?(?:support|evidence)|no (?:clinical )?(?:evidence|support|indication)|(?:entered|documented|charted|listed) in error|in error|mistaken\w*)\b"
    r"|\Ano\b(?! (?:further|more|way|change|answer|comment|opinion))"
)


def kind_of(kind: str, label: str, *, names_diagnosis: bool) -> str:
    """Return what a label (lower case, single spaces) is; `kind` is what the author called it.

    other | undetermined | ruled_out | not_significant | no_answer | clinical. A label that names a diagnosis is
    other or undetermined only where it says so outright, whatever its author called it.
    """
    if kind in ("other", "undetermined") and not names_diagnosis:
        return kind
    if _is_undetermined(label, names_diagnosis):
        return "undetermined"
    if _is_other(label, names_diagnosis):
        return "other"
    if _NO_ANSWER.fullmatch(label):
        return "no_answer"
    if kind in _PLAIN and kind != "clinical":
        return kind
    return "not_significant" if _NOT_SIGNIFICANT.search(label) else "clinical"


def offers(kind: str, label: str, *, names_diagnosis: bool) -> bool:
    """Say whether a label of several parts, each of which chooses nothing, has one of a kind: "Other / undetermined"."""
    kinds = [
        kind_of("clinical", part.strip(), names_diagnosis=names_diagnosis)
        for part in _PARTS.split(label)
        if part.strip()
    ]
    return kind in kinds and all(one in ESCAPES for one in kinds)


def rules_out(label: str) -> bool:
    """Say whether a label (lower case, single spaces) lets the provider say that a diagnosis is not so."""
    return bool(_RULED_OUT.search(label))


def _is_undetermined(label: str, names_diagnosis: bool) -> bool:
    if _OF_UNKNOWN.search(label):
        return False
    found = _CANNOT.search(label)
    if _UNDETERMINED.search(label) or (found and _TELL.search(label, found.start())):
        return True
    if found and not names_diagnosis and not _BODILY.search(label):
        return True
    return not names_diagnosis and bool(_UNKNOWN.search(label))


def _is_other(label: str, names_diagnosis: bool) -> bool:
    """Say whether a label speaks of something else and of nothing in particular."""
    if _OF_OTHER.search(label) or (not names_diagnosis and _UNLISTED.fullmatch(label)):
        return True
    if (len(label) <= _LONGEST_ROOM and _ROOM.fullmatch(label)) or (
        not names_diagnosis and (_OPEN_NOUN.fullmatch(label) or _OWN_WORDS.search(label) or _has_room(label))
    ):
        return True
    found = _OTHERWISE.search(label)
    if not found:
        return False
    if found.start() == 0 and _ROOM_AT_END.fullmatch(label):
        return True
    until = _OF_WHAT.search(label, found.end())
    said = label[: until.start()] if until else label
    return all(word in says_no_more() for word in re.findall(r"[^\W\d_]+", said))


def _has_room(label: str) -> bool:
    """Say whether a label leaves room to write and says nothing for certain."""
    return bool(_ROOM_AT_END.fullmatch(label)) and not _FOR_CERTAIN.match(label)
