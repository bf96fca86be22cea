"""Wording that steers to one answer (Q06, Q28): certainty, tags, opinions, conclusions. Naming a diagnosis is none of it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from query_mgr.queries.lint.authors import is_report
from query_mgr.queries.lint.directive import orders_at
from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.leaning import LEANS, PLEADS, answers_in
from query_mgr.queries.lint.reading import Hit, Reading, Shown
from query_mgr.queries.lint.targets import singled_out, targets
from query_mgr.queries.lint.wording import Sense, Senses, sentence_at, spoken_by_author

_ASKS_IF = r"whether|if (?:the|this|it|there|any|you)|or not"
_AUTHOR = (
    r"(?:we|i|cdi|coding|the (?:coding|cdi|coding and cdi|review) (?:team|department|staff)|(?:this|the) (?:writer|reviewer|coder|"
    r"specialist|cdi specialist)|our (?:team|coders?|reviewers?|physician advisor|advisor|cdi)|everyone|everybody|anyone|any (?:physician|clinician|reviewer))"
)
_OPINES = (
    r"(?:believ|think|thought|feel|felt|suspect|assum|presum|conclud|expect|hop|anticipat|favou?r|propos|recommend|"
    r"suggest|interpret|view|consider|lean|reckon|guess|prefer|gather|infer|diagnos|agree|bet)(?:e[sd]?|s|ed|ing)?"
)
_EVIDENCE = (
    r"(?:everything|it all|all (?:of )?(?:this|these|the \w+|signs?|findings|indicators|labs?)|(?:the |this |these |your |her |his |its )?"
    r"(?:\w+ )?(?:picture|findings?|evidence|chart|record|indicators?|labs?|labou?ratory|data|presentation|work-?up|numbers|signs?|course|"
    r"treatment|values?|results?|constellation|response|above|facts))"
)
_CERTAIN = r"(?:clearly|obviously|certainly|definitely|plainly|evidently|indisputably|unequivocally|unambiguously|decidedly)"
_DOES_NOT_STEER = (
    r"document\w*|stat(?:e[sd]?|ing)|specif\w*|describ\w*|indicat\w*|visuali\w*|seen|demarcat\w*|defin\w*|legib\w*|writ\w*|delineat\w*|"
    r"identif\w*|not|record\w*|explain\w*|mark\w*|label\w*|distinguish\w*|express\w*|link\w*|note|noted|improv\w*|worse\w*|better|respond\w*|tolerat\w*|palpable|audible|visible|"
    r"established|excluded|ruled|separated|address\w*|reflect\w*|answer\w*|understood|tell\w*|show where"
)
_SUBJECT = r"(?:you|this|that|it|the|he|she|they|we|there|these|those|her|his|our|such)"
_START = r"(?:(?<=^)|(?<=[.,;:?!(-] )|(?<=\n)|(?<=\band )|(?<=\bbut )|(?<=\bso )|(?<=\bthen )|(?<=- ))"

#: whose words a finding is
_TOLD = r"(?:per|according to|as told by|reported by) (?:the |triage |floor |icu |ed )?(?:family|patient|pt|wife|husband|mother|father|daughter|son|rn|nurse|nursing|ems|radiolog\w*|patholog\w*|\w+ report)"

STEERING = (
    # certainty
    Sense(r"surely|no doubt(?! (?:is |was )?(?:recorded|documented|charted|noted|about))|without (?:a |any )?doubts?|undoubtedly|doubtless(?:ly)?|unquestionabl[ey]|beyond (?:a |any )?(?:\w+ )?(?:doubt|question)|"
          r"undeniabl[ey]|needless to say|of course|as (?:you|we|everyone) (?:all |both )?(?:well |already |certainly |surely )?(?:know|see|realize|recall|appreciate)s?(?! (?:this|the|her|him|your) )|we (?:all|both) know|everyone (?:agrees|knows)|unmistakabl[ey]|"
          r"goes without saying|self-evident|there(?:'s| is) no (?:question|other explanation|other diagnosis|mistaking|way around)|no other (?:explanation|diagnosis|conclusion|answer) (?:\w+ )?(?:fits?|is|possible|makes)",
          unless=_TOLD),
    Sense(rf"(?<!not )(?<!please )(?<!more )(?<!be )(?<!to )(?<!isn't )(?<!\bas ){_CERTAIN}(?! (?:{_DOES_NOT_STEER})\b)", unless=rf"(?:is|are|was|were|be|been) not {_CERTAIN}|{_TOLD}"),
    Sense(r"(?:it|this) (?:is|seems|appears|looks|would be) (?:\w+ )?(?:clear|obvious|evident|apparent|plain|certain|undeniable|safe to|fair to|reasonable to|logical to|"
          r"hard to (?:see|imagine|argue|explain))", unless=r"not (?:\w+ )?(?:clear|obvious|evident|apparent|certain)"),
    Sense(r"(?:this|it|that|he|she|the patient|which|there|these) (?:simply |really |surely )?(?:must|has to|can only|could only|cannot be anything|can't be anything) "
          r"(?:surely |really |only )?(?:be|have|mean|represent|reflect)(?! (?:\w+ed|written|shown|in the)\b)"),
    Sense(r"(?:can|could|would|may|might) (?:hardly|scarcely|only) (?:be|have|mean|represent)|what else|how else|who (?:would|could) (?:doubt|argue)|"
          r"any reason (?:not|why (?:this|it|you) (?:is|would|should|could|can)(?:n't| not))|anything (?:else but|other than)|nothing (?:else|but|other than) (?:\w+ )?(?:fits|explains|would|could)"),
    # questions that expect one answer
    Sense(rf"{_START}(?:is|are|was|were|do|does|did|has|have|had|would|could|should|can|will|wo|ca)n't {_SUBJECT}", unless=r"why (?:\w+ )?\w+n't"),
    Sense(rf"{_START}(?:is|are|was|were|do|does|did|has|have|would|could|should) (?:it|this|that|he|she|you|they|we|there|these|the \w+) not", unless=r"whether|why"),
    Sense(r"(?:isn't|wasn't|aren't|weren't|doesn't|don't|didn't|hasn't|wouldn't|won't|haven't|couldn't) (?:it|this|that|he|she|they|you|we|there)\s*\?"),
    Sense(r"(?<=[,\u2013-] )(?:right|correct|yes|no|true|agreed?|surely|okay|ok|yeah|is it not|am i right|would you not|don't you think)\s*\?", unless=r"\bleft\b|yes, no|yes or no"),
    Sense(r"(?:^|(?<=[.,;:] ))you(?: would|'d| will|'ll| must| surely)? (?:\w+ )?(?:agree|concur|accept|concede|admit|acknowledge)", unless=r"disagree|or not|whether"),
    # opinions of the author
    Sense(rf"{_AUTHOR} (?:(?:all|also|would|do|are|am|is|have|has|had|strongly|really|therefore|can|must|just|both|already|firmly|were|was|be) ){{0,3}}{_OPINES}(?! (?:an? )?(?:answer|response|reply|to hear|free|that you will))",
          unless=r"(?:we|i) (?:would )?(?:appreciate|ask)|we hope (?:this|to)"),
    Sense(rf"{_AUTHOR} (?:are|am|is|were) (?:\w+ )?(?:sure|confident|certain|convinced|inclined|of the opinion|satisfied)"),
    Sense(rf"{_AUTHOR} (?:would|read|see|call|take|treat)s? (?:\w+ )?(?:this|it|these|that)(?: \w+)? as|{_AUTHOR} (?:would|'d) (?:call|say|label|code|go with|pick|choose|select)"),
    Sense(r"(?<!brought )(?<!brings )(?<!came )(?<!comes )(?:in|to) (?:our|my|cdi's) (?:view|opinion|judge?ment|mind|reading|eyes?|experience)|(?:our|my) (?:impression|suspicion|guess|hunch|belief|conclusion|interpretation|diagnosis|recommendation|bet|money)"
          r" (?:is|would|was)"),
    Sense(r"(?:look|sound|seem|feel|smell)(?:s|ed|ing)? (?:\w+ )?(?:like|as if|as though)"),
    # the evidence pleads
    Sense(rf"{_EVIDENCE} (?:\w+ly |all |together |really |to us )*(?:points?|pointing|argues?|scream\w*|cr(?:y|ies) out|adds? up|leaves? (?:no|little)|speaks?|spells?|says?|proves?|confirms?|establish\w*|"
          r"leads? to)(?! (?:the|of) (?:date|time|tube)) (?:\w+ )?(?:for|to|toward|towards|against|no|up|that|out|doubt|room|itself)?",
          beside=r"everything|all|strongly|clearly|overwhelming\w*|only|proves?|scream\w*|points?|argues?|spells?|adds? up|no (?:doubt|room)|cr(?:y|ies) out",
          unless=_ASKS_IF),
    Sense(r"(?:is|are|was|were|seems?) (?:\w+ )?(?:overwhelming|compelling|conclusive|irrefutable|unmistakable|undeniable|indisputable)|(?:overwhelming|compelling|convincing|strong|classic|textbook|slam dunk|irrefutable|conclusive|unmistakable|hallmark) (?:\w+ )?(?:evidence|picture|case|presentation|example|indicators?|support|findings|features|signs?|for|of)",
          unless=rf"{_ASKS_IF}|family history|strong (?:hand|cough|grip|pulse|odor)"),
    Sense(r"(?:strongly|highly|overwhelmingly|most|very|clearly|entirely|fully|totally|completely|perfectly|all) (?:suggest\w*|consistent|compatible|indicat\w*|support\w*|suspicious|in keeping|fits?|match\w*)(?: with| of| for| that)?",
          unless=rf"{_ASKS_IF}|which|what|radiolog\w*|ct|mri|x-?ray|ultrasound|echo|ekg|ecg|biopsy|imaging|read|patholog\w*|report\w*|per|according|option"),
    Sense(rf"(?:as|since|because|given that|now that|seeing that) {_EVIDENCE} (?:\w+ly )?(?:prove|establish)[sd]?", unless=rf"{_ASKS_IF}|which"
          r"(?! (?:stage|type|one|grade|class|form|cause|diagnosis))|as (?:the|your) (?:note|record|chart)"),
    Sense(r"(?:meets?|met|meeting|fulfil+s?|fulfil+ed|satisf(?:y|ies|ied)) (?:[\w/>=.-]{1,30} ){0,5}(?:criteria|definition|threshold) (?:for|of)",
          unless=rf"{_ASKS_IF}|does not|did not|\w+n't|^\W*(?:does|do|did|would|can|could)\b|or severe|your (?:\w+ )?judge?ment"),
    # praise of one answer
    Sense(r"(?:best|most appropriate|most accurate|most fitting|correct|right|expected|preferred|obvious|logical|proper|desired|ideal|only (?:reasonable|possible|logical|credible|sensible|real)) (?:\w+ )?"
          r"(?:answer|response|option|choice|diagnosis|term|wording|conclusion|explanation|label)", unless=r"which|what|option (?:that|which)|(?:expected|right|proper) response (?:to|of|was|is|in)|you (?:judge|consider|believe|feel)|your (?:\w+ )*judge?ment"),
    Sense(r"(?:would|could|might|may|should|can|be|is) (?:\w+ )?(?:better|best|more accurately|more appropriately|more properly|more correctly|rightly) (?:be )?(?:described|documented|termed|called|captured|explained|classified|characteri[sz]ed|considered|labell?ed)",
          unless=r"which|what|how"),
    Sense(r"(?:would|should) be (?:documented|called|described|considered|termed|classified) as", unless=r"which|what|how|" + _ASKS_IF),
    Sense(r"(?:is it|would it be|would it not be|it is|it would be|it'd be|it's) (?:not )?(?:fair|safe|reasonable|correct|right|accurate|appropriate|sensible|logical) to (?:say|assume|conclude|call|document|state|infer|think|suppose|believe|presume)"),
    Sense(r"(?:not|more than) (?:just|merely|only|simply|mere|purely)(?! (?:the|on|a trial))", unless=r"not only|not just(?:ified)|not limited"),
    Sense(r"(?:most|other|your|all|many) (?:\w+ )?(?:physicians?|providers?|colleagues|partners?|doctors|surgeons|hospitalists|specialists|consultants?) (?:\w+ )?(?:choose|chose|select\w*|answer\w*|agree\w*|pick\w*|documents? (?:it|this)|call (?:it|this)|would)"),
    Sense(r"inherent (?:to|in)|unavoidable|expected part of", beside=r"\?|agree|could|can|would|call\w*|describ\w*|document\w*", unless=r"or|whether"),
    Sense(r"select accordingly|answer accordingly|agree accordingly|document accordingly|(?:just|simply|merely|only) (?:need (?:you )?to )?(?:confirm|agree|sign|concur|say yes|acknowledge)|all (?:we|you) (?:need|have to do) is|"
          r"we (?:are|were) hoping|hoping (?:for|that you)|so that we (?:can|may) (?:use|report)|help us (?:get|reach)|as (?:we )?(?:discussed|agreed)"),
)  # fmt: skip

#: a conclusion only where a diagnosis or an option follows
_TOWARD = Senses((
    Sense(r"(?:consistent|compatible|in keeping|in line) with|suggestive of|indicative of|diagnostic of|typical of|characteristic of|points? to|evidence of|suggests?|indicates?|represents?|supports?|qualif(?:y|ies) as|fits?(?: with)?",
          unless=rf"{_ASKS_IF}|which|what|how|please (?:indicate|state|document|clarify|provide|specify|list|describe|review)|or|\?"),
    Sense(r"(?:is|was|are|were|had|has|have|be) (?:most|more|very|quite|highly) likely|most likely|more likely|rather than|instead of", unless=rf"{_ASKS_IF}|which|what (?:is|was)|or"),
    Sense(r"appears? to (?:be|have|represent|reflect|meet)|seems? to (?:be|have|represent|reflect|meet)", unless=rf"{_ASKS_IF}|per|report\w*|radiolog\w*|\?"),
    Sense(r"(?:please|kindly|just|simply|to|can we|could we) (?:confirm|verify|agree|acknowledge|attest|affirm|endorse|concur)(?: that| with| the (?:presence|diagnosis) of| this (?:is|was))?",
          unless=rf"{_ASKS_IF}|rule out|ruled out|or|status|clinical validity|was present on admission|type|acuity|date|time|site|source"),
))  # fmt: skip
#: wrong where an answer that nobody has documented stands in the same sentence and no other answer beside it
_OF_AN_ANSWER = Senses((
    Sense(
        r"i (?:take it|gather|trust)|(?:am i|are we|was i) (?:\w+ )?(?:right|correct|wrong|mistaken)|it is,? then|(?:hardly|scarcely|cannot|can't|no one|nobody|one cannot|never) (?:\w+ ){0,2}?(?:overlook|miss|doubt|deny|need|needs|dispute|ignore|saying|argue|question)|fits? like|(?:let us|let's|shall we|can we|could we) (?:\w+ )?(?:agree|settle|say|go|put)|to (?:us|me),? (?:it|this) is|(?:be|is) (?:\w+ )?(?:wrong|unreasonable|unfair|amiss|a stretch|far-fetched|off the mark)"
    ),
    Sense(
        r"suggests? itself|imposes itself|(?:any|some|an|your) objections?|what (?:keeps|stops|prevents|hinders|holds) you|how about|what about|why not|not what you|already (?:\w+ )?(?:called|named|coded|labelled|labeled|termed|entered|said|documented|assigned|put|chosen|agreed)|(?:have|has) (?:\w+ )?coded|(?:all|the|its|his|her) (?:\w+ )?criteria (?:of|for) [\w ]{1,30}(?:are|is|were) (?:\w+ )?(?:met|fulfilled|satisfied|present|there)|criteria (?:of|for)|(?:are|is|were) those of|in the meantime"
    ),
    Sense(r"presumably|supposedly|by definition|after all|in effect|logically|(?:little|hardly any|scant|no real) doubt|no other (?:\w+ )?(?:than|but)|nothing but|naturally|in fact"),
    Sense(r"(?:can|could|may|might|shall|should|would) (?:we|i|one|you|it|this|that|he|she|they|the \w+) (?:\w+ )?(?:call|say|assume|conclude|put|label|consider|name|take|accept|go with|support|mean|be|have|live with|settle)"),
    Sense(r"(?:one|we|most|many|others|reviewers?|colleagues|consultants?|\w+ologists?|surgeons|experts|the (?:textbooks?|guidelines?|literature|criteria|reviewer|advisor|coder)|any (?:\w+ )?\w+) (?:\w+ ){0,3}?"
          r"(?:call|calls|consider|considers|considered|conclude|concluded|determined|decided|found|regard|regards|see|sees|name|names|classify|classifies|expect|expects|say|says|read|reads|label|labels|treat|treats)"),
    Sense(r"(?:ought to|has to|have to|must|is bound to|should|cannot but|could (?:only|well) )(?: \w+)? be"),
    Sense(r"(?:is|seems?|appears?|remains?|looks?|would be|be|are|was) (?:\w+ )?(?:the |an? )?(?:more |most )?(?:better|best|natural|fair|good|right|likely|likeliest|probable|fitting|apt|suitable|plausible|acceptable|fine|ok|okay|correct|accurate|appropriate|preferable|obvious|reasonable|safe|only|leading|favou?red)"),
    Sense(r"means|amounts? to|equals?|makes? (?:it|this|her|him)|puts? (?:her|him|it|this|the patient|\w+ down) (?:at|in|into|for|down)|places? (?:her|him|it|this|the patient|\w+) (?:at|in|into)|tilts?|tips|favou?rs?|leans?|argues?|spells?|speaks? for|proves?|proven|confirms?|establish(?:es)?|"
          r"(?:clear-?cut|ample|solid|good|abundant|plain) (?:evidence|support|proof|signs?)|is that of|are those of|(?:falls?|fits?) (?:neatly |squarely |well )?(?:in|into|with|under|the)|clinches|settles|seals"),
    Sense(r"(?:as|like|just as) (?:in|with|is) (?:this|our|your|the present) (?:patient|case|one)|as here|as (?:seen |is the case )?in (?:her|him|your patient)"),
    Sense(r"you (?:\w+ )?(?:mean|meant|have in mind|had in mind|think of|thought of|intended|intend|suspected|are treating|were treating|treated)|was (?:intended|meant)|is (?:intended|meant)"),
    Sense(r"the answer|our (?:hint|note|earlier|suggestion|proposal|preference)|(?:acceptable|fine|ok|okay|agreeable|all right) (?:to|with|by) you|put you down for|your (?:\w+ )?(?:confirmation|agreement|approval|nod|consent|support|ok|okay)|(?:work|sit) (?:\w+ )?(?:for|with) you"),
    Sense(r"(?:can|could|will|would|please|may|kindly|to|and) (?:you )?(?:please |kindly |just )?(?:validate|verify|certify|attest|approve|affirm|concur|back up|endorse|corroborate|agree)"),
    Sense(r"(?:when|since when|where|how long|how|why) (?:did|has|had|was|were|is|does) (?:the|this|that|her|his)|what (?:caused|led to|brought (?:on|about)|triggered|provoked|worsened|explains) (?:the|this|her|his)"),
), )  # fmt: skip
_LEFT_OPEN = re.compile(
    r"\b(?:whether|which|or|vs\.?|versus|if (?:any|so|known|applicable)|either|options|choices|definitions|defined as)\b|/"
)
_AGREE = re.compile(
    r"\b(?![^?\n]{0,160}\b(?:be|been) (?:further |better |more )?(?:described|specified|clarified|detailed|characteri[sz]ed))(?<!what )(?<!which )(?<!how )(?:do|would|can|will|could) you (?:please )?(?:also |not )?(?:agree|concur|accept)(?! (?:is|to|about|with (?:the|dr\.?) (?:[\w']+ ){0,2}(?:findings?|report|interpretation|read|note|documentation|assessment|consultant|\w+ist|\w+ologist))\b)\b"
)
_STEERING = Senses(STEERING)
#: how far behind the words the answer may stand
_NEAR = 60


def steers(reading: Reading) -> Iterator[Hit]:
    """Yield turns of phrase in question and body that lead to an answer."""
    for shown in (reading.question, reading.body):
        places = [
            *_STEERING.found(shown.low),
            *_leads_to(reading, shown),
            *_asks_assent(reading, shown),
            *_pleads_for_one(reading, shown),
            *LEANS.found(tokens(shown.low)),
            *_pleads(reading, shown),
        ]
        for start, end in _apart(spoken_by_author(shown, places)):
            words = shown.text[start:end].strip(" ,-\n")
            yield shown.hit(start, end, f"“{words}” steers to an answer.")


def _leads_to(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield conclusions that end in a diagnosis; in the body findings may be told as their source words them."""
    if shown is not reading.question:
        return
    answers = [start for start, _ in targets(reading, shown)]
    for start, end in _TOWARD.found(shown.low):
        next_answer = bisect_left(answers, end)
        reach = min(end + _NEAR, sentence_at(shown.low, end, end)[1])
        if next_answer < len(answers) and answers[next_answer] <= reach:
            yield start, end


def _pleads_for_one(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield turns of phrase that plead for the one answer that stands in their sentence."""
    if reading.draft.query_type == "yes_no":
        return
    answers = sorted(singled_out(reading, shown))
    for start, end in _OF_AN_ANSWER.found(shown.low) if answers else ():
        first, last = shown.span_of(start)
        sentence = shown.low[first:last]
        if any(first <= at < last for at, _ in answers) and not (
            _LEFT_OPEN.search(sentence) or is_report(sentence)
        ):
            yield start, end


def _pleads(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield turns of phrase that plead for an answer nobody has documented and that stands alone in its sentence."""
    if reading.draft.query_type == "yes_no":
        return
    given = {"ANSWER": answers_in(reading, shown), "NAMED": targets(reading, shown)}
    if given["ANSWER"]:
        ordered = {shown.span_of(start) for start, _ in orders_at(reading, shown)}
        for start, end in PLEADS.found(tokens(shown.low), given):
            sentence = shown.span_of(end - 1)
            if sentence not in ordered and not is_report(shown.low[slice(*sentence)]):
                yield start, end


def _asks_assent(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield "do you agree …" where it is not a yes/no question, which may ask it of what is documented."""
    if reading.draft.query_type != "yes_no":
        for found in _AGREE.finditer(shown.low):
            yield found.span()


def _apart(places: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the places in order, leaving out those that overlap an earlier one."""
    end = 0
    for place in sorted(set(places)):
        if place[0] >= end:
            end = place[1]
            yield place
