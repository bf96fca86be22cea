"""Wording that asks for a more severe answer rather than for the right one (Q06, Q28).

Severity as a category, a worst pain and a highest value are clinical; a direction to go in is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.leaning import answers_in
from query_mgr.queries.lint.reading import Hit, Reading
from query_mgr.queries.lint.scaling import UPWARD
from query_mgr.queries.lint.wording import Sense, Senses, spoken_by_author

_DEGREE = r"(?:severity|acuity|stage|grade|degree|class|level|complexity|intensity|seriousness|illness)"
_SAID = r"(?:diagnos[ei]s|terms?|conditions?|wording|words?|descriptions?|descriptors?|labels?|language|documentation|options?|answers?|stages?|grades?|categor(?:y|ies)|specification|choices?|version|forms?|kinds?|types?|variants?)"
_MORE = r"(?:more|a more|something more|anything more|somewhat more|the more) (?:severe|serious|acute|advanced|complex|critical|significant|intense|impressive)"
_RAISE = r"(?:maximi[sz]|optimi[sz]|upgrad|strengthen|boost|bump|elevat|escalat|intensif|inflat|enhanc|rais|heighten|push|increas|move|step|mov|bump+)(?:e|es|ed|ing|y|ies|ied|s)?"
_SICK = r"(?:sick|ill|severe|unwell|complex|bad|serious|critical|grave)"
_CAN = r"(?:possible|you can|can be|could be|defend\w*|defensible|justif\w*|support\w*|credibl\w*|the (?:chart|record|evidence) (?:allows|supports)|you(?:'re| are) comfortable|allow\w*|reasonabl\w*|feel able)"
_SYMPTOM = r"headache|pain|nausea|symptoms?|fever|at night|creatinine|lactate|temperature|saturation|readings?|values?|wbc|bilirubin|score of|dimension|life"

URGING = Senses((
    Sense(rf"(?:highest|greatest|maximum|maximal|max|worst|utmost|fullest|most (?:severe|acute|serious|advanced|complex|critical)|top) (?:\w+ ){{0,2}}?(?:{_DEGREE}|{_SAID})",
          unless=rf"specific\w*|detail|{_SYMPTOM}|highest level of care"),
    Sense(rf"(?:worst|sickest|highest|most (?:severe|serious|acute|advanced|extreme)|gravest|strongest|heaviest)(?: \w+){{0,6}}? {_CAN}", unless=rf"specific\w*|detail|{_SYMPTOM}"),
    Sense(rf"as (?:{_SICK}|severely|acutely|high|acute|advanced|far|strong\w*) as (?:possible|you can|the (?:chart|record|evidence) (?:allows|supports)|is defensible|can be)"),
    Sense(rf"(?:how|just how|as) (?:truly |really |very |critically |gravely )?{_SICK}(?= (?:he|she|they|the|this|your|our|it|a patient|patients?|as it)\b)(?! the (?:pain|headache))", unless=r"pain|headache"),
    Sense(
            rf"{_RAISE} (?:up )?to (?:a |an )?(?:severe|acute|stage|grade|class|higher|extreme|critical)",
            unless="care|unit|bed|icu",
        ),
        Sense(r"sicker|sickest|illness burden", beside=r"\?|look\w*|appear|document\w*|record|chart|please|word\w*|term|reflect\w*|you|show\w*", unless=r"patient (?:is|was|more)|(?:infant|baby|child|patient|he|she) (?:was |is )?(?:\w+ )?sick\w+|sicker (?:appearing|looking)|than (?:yesterday|on|before)|per (?:rn|nurse|family|mother)|day \d"),
    Sense(rf"(?:true|full|real|actual|fullest|entire) (?:extent of (?:the |this |her |his )?(?:\w+ )?(?:{_DEGREE}|sickness)|{_DEGREE}|burden of illness|picture of (?:how|the severity))",
          unless=r"full stage|stage [0-9]|full degree of motion|range"),
    Sense(r"the (?:more (?:specific|severe|acute|serious),? (?:the better|\w+ the)|sicker)"),
    Sense(rf"{_RAISE} (?:up |upward )?(?:the |this |your |its |her |his |that |in )?(?:\w+ )?(?:{_DEGREE}|diagnos[ei]s|documentation)(?! of care)", unless=r"whether|care|unit|therapy|antibiotic\w*|upgraded to"),
    Sense(rf"{_RAISE} (?:it|this|that|the \w+) (?:up |upward |higher )?to|{_RAISE} (?:it|this) (?:up|higher|further)", beside=rf"severe|acute|stage|grade|{_DEGREE}|class|extreme|critical", unless="icu|unit|bed|care|floor|mcg|mg"),
    Sense(rf"{_MORE}(?: (?:\w+ )?(?:{_SAID}|form|type|process|kind|illness))?(?: \w+){{0,4}}?(?= |\?|$)",
          beside=rf"\?|{_SAID}|please|consider|could|can|would|should|may|might|is there", unless=rf"whether|less|or more|{_SYMPTOM}|than (?:on|at|baseline|yesterday|before|prior)|became|now more"),
    Sense(rf"(?:stronger|weightier|heavier|graver|higher|bigger|more powerful|more robust|harder|worse) (?:\w+ )?(?:{_SAID}|{_DEGREE})(?! of care)",
          unless=r"whether|or lower|lower or|which|specif\w*|detail|higher (?:dose|rate|level of care)|higher level (?:of )?care|level care|less"),
    Sense(rf"captur\w+ (?:\w+ ){0,6}?(?:{_DEGREE}|sick\w*|how)|(?:better |fully |accurately |adequately |properly |truly )?(?:reflect|show|convey|portray|tell|demonstrate|express|depict)\w* (?:\w+ ){{0,3}}(?:higher|greater|true|full|real|more) (?:\w+ )?{_DEGREE}"),
    Sense(rf"(?:support|justif|reflect|show|warrant|merit|deserve)(?:s|ies|y|ed|ing)? (?:a |an )?(?:higher|greater|more severe|worse) (?:\w+ )?(?:{_DEGREE}|{_SAID})"),
    Sense(r"(?:look|sound|seem|appear|read|come across)s? (?:\w+ )?(?:sicker|worse|more (?:severe|serious|complex|acute|ill)|as (?:sick|ill|bad|severe))",
          beside=r"record|chart|note|patient|documentation|case|it|this", unless=r"wound|lesion|rash|lungs?|x-?ray|film|cxr|ct|imaging"),
    Sense(r"(?:understat|undersell|underplay|downplay|minimi[sz]|under-?report|underrat|underestimat)\w*|too mild(?:ly)?|not (?:severe|strong|serious|sick) enough|sells? (?:\w+ )?short|justice to",
          beside=r"severity|acuity|sick\w*|ill\w*|condition|patient|diagnos\w+|documentation|term|wording|record|note|chart|mild", unless=r"patient (?:minimi[sz]|downplay|underreport)\w*|risk|use"),
    Sense(r"(?:err|lean|tend|aim|go|reach|shoot|push|lobby)(?:ing)? (?:on the (?:side|safe side) of|toward|towards|to|for|with) (?:the )?(?:higher|severe|severity|more severe|acute|worst|worse|sicker|highest|upper|graver|stronger|bigger|greater)"),
    Sense(r"at least (?:moderate|severe|acute|stage|grade|class)(?: [2-5]|ly)?", beside=r"\?|please|consider|could|would|document|call|say", unless=r"whether|criteria|defined|definition|requires"),
    Sense(rf"(?:\w{{3,}}est|most \w+) (?:\w+ )?(?:{_SAID}|{_DEGREE})(?: of \w+)?(?: that| which)? (?:{_CAN}|(?:you|we|one|the \w+) (?:can|could|may|might|would|is able|are able|will))", unless=rf"specific\w*|{_SYMPTOM}|best|latest|closest|clearest|most (?:accurate|appropriate|likely|consistent|fitting|precise)"),
    Sense(r"(?:go|step|stepped|round|rounded|rounding|move|bring|brought|talk|nudge|nudged|notch|take (?:it|this|that|things|the \w+)|push (?:it|this)) up(?:ward|wards)?(?! (?:to bed|and (?:down|walk)|stairs))",
          beside=rf"{_DEGREE}|{_SAID}|notch|level|next|doubt|unsure|uncertain|borderline|call|one", unless=r"work-?up|icu|bed|patient (?:was|is) (?:brought|moved)|follow-?up|warm|toilet"),
    Sense(rf"(?:later|upper|deeper|larger|greater|heavier|weightier|graver|stronger|worse|higher|more (?:advanced|weighty|forceful|dramatic|robust|powerful)|less (?:benign|mild)) (?:\w+ )?(?:{_DEGREE}|{_SAID})(?= |\?|,|\.)",
          beside=r"\?|please|consider|could|can|would|should|might|prefer\w*|choose|choice|doubt|support\w*|document\w*|use|better", unless=rf"whether|or lower|lower or|which|{_SYMPTOM}|dose|rate|level of care|how many|was any|(?:any |of )further|follow-?up|specif\w*|progress\w*|or earlier|earlier or|clarif\w* (?:the )?(?:next|further)"),
    Sense(r"(?:strongest|heaviest|gravest|weightiest|most (?:forceful|powerful|dramatic|advanced|alarming|serious|severe)|worst|sickest|upper|top|far) (?:\w+ )?(?:term|wording|word|language|phrase|end|description|label|point|diagnosis|stage|grade|category)(?! of (?:the )?(?:pain|bed|ulcer|wound))",
          unless=rf"specific\w*|{_SYMPTOM}|lobe|endoscop\w*|extremity|which"),
    Sense(rf"as (?:{_SICK}|high|low|severe|grave|serious|strong|bad|ill|far|advanced)(?:ly)? as (?:the |this |her |his |your )?(?:\w+ ){{0,2}}?(?:permits?|allows?|was|were|is|can|could|possible|supports?|justif\w+|defensible|record|chart|data|evidence)",
          beside=r"sound|look|read|document\w*|record|note|chart|stage|severity|diagnos\w*|like|please|call|describ\w*|class\w*|grade", unless=r"weight|tolerat\w*|rom"),
    Sense(r"(?:of the two|between the two|of these|given the choice|when(?:ever)? (?:in doubt|uncertain|unsure|torn|borderline)|if (?:in doubt|uncertain|unsure|torn|borderline|you hesitate)|in case of doubt),? (?:[\w,-]+ ){0,5}?(?:more|higher|worse|graver|upper|severe|up|serious|later|advanced|stronger|heavier)"),
    Sense(r"(?:lower|milder|lesser|earlier|lighter|softer|weaker|smaller) (?:\w+ )?(?:stages?|grades?|terms?|words?|wording|diagnos[ei]s|class|category|options?|choices?|answers?|levels?) (?:\w+ )?(?:would|will|do|does|may|might|could|can|fails?|is|are)(?:n't| not)? (?:\w+ ){0,2}?(?:not|do|short|understat\w+|miss\w*|enough|fair|justice|weak|undersell\w*)"),
    Sense(r"(?:any (?:way|chance|room|scope|basis)|comfortable|happy|willing|prepared|able|ready|see your way) (?:\w+ )?(?:to|for|of|with) (?:calling|call|going|go|going up|documenting|document|saying|say|rais\w+|something|making|make|a)(?: to)? (?:\w+ ){0,3}?(?:severe|acute|stage|grade|class|more|higher|worse|critical|graver|serious)"),
    Sense(rf"(?:match|reflect|convey|do justice to|live up to|express|show|tell|underline|stress|emphasi[sz]e|bring out|highlight|play up)(?:s|es|ed|ing)? (?:\w+ ){{0,3}}?(?:gravity|seriousness|severity|how (?:\w+ )?{_SICK}|complexity|sickness)(?! of (?:the )?(?:pain|depression|aortic|stenosis))",
          unless=r"whether|which|score|scale|index"),
    Sense(r"(?:was|is|were|are)(?:n't| not) (?:\w+ ){0,2}?(?:in fact|actually|really|rather|truly) (?:\w+ )?(?:severe|acute|worse|critical|graver|more)|(?:sound|look|read|appear)s? (?:\w+ )?(?:less|too) (?:benign|mild|harmless|trivial|minor|weak|soft|well)"),
    Sense(r"(?:more|most|much|all|enough) of (?:the |this |her |his )?(?:true |real |actual )?(?:severity|acuity|gravity|complexity)|(?:more|greater) (?:weight|gravity|severity|acuity)(?! (?:loss|gain|bearing|of (?:the )?(?:pain|symptoms)))",
          unless=rf"kg|lb|pounds?|fluid|muscle|whether|bear|bearing|fetal|birth|patient reports?|{_SYMPTOM}"),
    Sense(r"undersell\w*|undersold|understat\w*|too (?:mild|benign|soft|weak|modest|low) (?:a |an )?(?:term|word|stage|grade|diagnosis|wording|label|description|for)", unless=r"dose|level was|pressure|patient"),
    Sense(r"(?:anything|something|nothing|a (?:bit|little)) (?:\w+ )?(?:stronger|graver|weightier|bigger|higher|heavier|worse)", beside=r"\?|call|say|document|write|put", unless="than (?:baseline|yesterday|before)"),
    Sense(r"(?:a|one) (?:stage|grade|class|notch|level|step|degree) (?:higher|up|worse|more)"),
    Sense(r"consider (?:a |an )?(?:higher|upgrading|escalating|raising|more severe|worse|increasing)"),
    Sense(r"severe enough|bad enough|serious enough|acute enough", beside=r"\?|call|count|qualif\w+|document|say", unless=r"to (?:require|need|warrant) \w+(?:tion|ing)?"),
))  # fmt: skip


def urges_severity(reading: Reading) -> Iterator[Hit]:
    """Yield wording that asks for a more severe answer rather than for the right one."""
    for shown in reading.written:
        given = {"ANSWER": answers_in(reading, shown)} if shown in (reading.question, reading.body) else {}
        places = (*URGING.found(shown.low), *UPWARD.found(tokens(shown.low), given))
        for place in itertools.islice(spoken_by_author(shown, places), 1):
            yield shown.hit(*place, f"“{shown.text[slice(*place)]}” asks for a more severe answer.")
