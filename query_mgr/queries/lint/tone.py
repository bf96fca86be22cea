"""How the query speaks to its reader: no blame, no pressure, no threats (Q26).

Only the provider and what the provider wrote can be blamed: a patient may be a poor historian, an extubation fail.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from query_mgr.queries.lint.blaming import BLAMES
from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.reading import Hit, Reading
from query_mgr.queries.lint.wording import Sense, Senses, spoken_by_author

_WORK = (
    r"(?:notes?|documentation|charting|dictations?|reports?|summar(?:y|ies)|records?|chart|entr(?:y|ies)|wording|assessment|plan|work|"
    r"h&p|history and physical|record-?keeping|handwriting|templates?|copy[- ]forward)"
)
_WRITER = r"(?:you|providers?|physicians?|doctors?|surgeons?|attendings?|residents?|team|hospitalists?|clinicians?|consultants?|author|nobody|no one|someone|whoever|dr\.? \w+)"
_WRITES = (
    r"(?:document\w*|specif\w*|clarif\w*|respond\w*|answer\w*|note|noting|mention\w*|address\w*|writ\w+|wrote|stat(?:e|ed|ing)|record\w*|read\w*|"
    r"includ\w+|chart\w*|describ\w*|explain\w*|complet\w*|reply\w*|repl(?:y|ied)|updat\w+|sign\w*|bother\w*|care|listen\w*|look\w*|review\w*|check\w*|"
    r"give|gave|provid\w*|follow\w*|link\w*|identif\w*|list\w*|dictat\w*|pay attention|do (?:your|this|it|so))"
)
_BAD = (
    r"(?:poor(?:ly)?|inadequate(?:ly)?|sloppy|sloppily|careless(?:ly|ness)?|deficient|substandard|lazy|lazily|bad(?:ly)?|unacceptabl[ey]|incompetent(?:ly)?|"
    r"unprofessional(?:ly)?|negligent(?:ly)?|negligence|incoherent|nonsens\w*|absurd|useless|worthless|ridiculous|embarrass\w*|shameful|shoddy|disgraceful|"
    r"inexcusable|appalling|terrible|terribly|awful|lousy|pathetic|disappointing|hopeless|dismal|messy|mess|sub-?par|slipshod|thoughtless\w*|irresponsible|"
    r"haphazard\w*|half-?hearted\w*|laughable|baffling|frustrating|atrocious|woeful\w*|inept\w*|confused|vague and|contradictory nonsense|a joke|"
    r"disorgani[sz]ed|misleading|unreliable|not good enough|unsatisfactory|improper(?:ly)?|insufficient|incorrect(?:ly)?|inaccurate(?:ly)?|wrong(?:ly)?|"
    r"erroneous(?:ly)?|mistaken(?:ly)?|below (?:\w+ )?standards?|makes? no sense|(?:does not|doesn't|do not|don't) make (?:any )?sense|impossible to (?:follow|understand|read))"
)
_SANCTION = (
    r"(?:reported|suspended|disciplined|sanctioned|fined|penali[sz]ed|referred to (?:peer|the chief|the medical|the department|administration|the chair)|"
    r"flagged|written up|placed on|added to|held accountable|counsell?ed|reprimanded|terminated|removed from|escalated to (?:administration|the chief|your|peer|the medical (?:staff|executive)))"
)
_PATIENT = r"patient (?:was|is|has|had)? ?\w*|patient's|insulin|compliance with|historian|intake|perfusion|dentition|prognosis|circulation|appetite|effort|incorrect(?:ly)? (?:dose|placed|site)"

JUDGING = Senses((
    Sense(rf"{_WRITER}(?: all)?(?: has| have| had)? (?:\w+ )?(?:failed|fails?|neglect(?:ed|s)?|forgot(?:ten)?|omitted|omits|overlooked|ignored?|ignores|refus(?:ed|es?)|disregard\w*|missed|misse[sd]|skipped|dropped the ball|dodg\w+|bungled|botched|messed up|screwed up)",
          beside=rf"{_WRITES}|{_WORK}|you|quer(?:y|ies)|question|this|again|obvious\w*", unless=r"patient (?:\w+ )?(?:failed|forgot|refused|missed|skipped)"),
    Sense(r"hard (?:for (?:us|me|anyone) )?to (?:understand|see|believe|imagine|fathom|accept|excuse|explain) (?:how|why|that)|how hard (?:can|could|is|would)|(?:should|need|ought|does|can|could)(?:n't| not) be (?:this|that|so) (?:hard|difficult|complicated|much)|not too much to ask|honestly|for heaven's sake|frankly|simple (?:matter|question|request|thing)|basic (?:documentation|charting|matter|medicine|knowledge|information)|why (?:this|it) is so (?:hard|difficult)",
          unless=r"patient|hard to (?:swallow|breathe|arouse)|to (?:palpate|hear|visuali[sz]e)"),
    Sense(r"(?<!high )(?<!low )(?<!well )(?<!active )(?<!good )as (?:usual|ever|always|so often|any \w+ (?:\w+ )?(?:knows|should know|would know))|once more|yet another (?:time|query|request|reminder)|more than once|(?:many|several|countless|numerous|three|four|five|two|repeated) (?:reminders|requests|queries|messages|e-?mails|pages|calls) (?:\w+ ){0,3}?(?:ignored|unanswered|without|in vain|unheeded)|(?:fourth|fifth|third|sixth) time|(?:really |again |always |still )?(?:must|do|have) we (?:\w+ )?(?:have to |need to )?(?:remind|ask|chase|beg|write|repeat)|had to ask (?:this|you|it|for)|to have to (?:write|ask|remind)",
          beside=r"you|your|we|us|our|quer\w+|note|document\w*|stage|ask\w*|answer\w*|missing|type|not|no|chart\w*|reminders?|knows?|ignored", unless=r"patient|usual (?:dose|state|care|home)|as (?:always|ever|usual),? (?:thank|we appreciate|your help)|baseline"),
    Sense(r"(?:documentation|notes?|charting|record|summary|entry|answer|response|reply) (?:is|was|are|were|remains?) (?:once )?(?:again|still|as usual|always|yet again|conspicuously|strikingly|sadly|regrettably|unfortunately|hopelessly|far from|nowhere near) (?:\w+ )?(?:incomplete|missing|lacking|absent|insufficient|unclear|vague|adequate|complete|wrong|silent|useless|contradictory|not|late|overdue)|conspicuous(?:ly)? (?:absen\w+|missing|lacking|silent|by)|(?:is|was) (?:sadly|regrettably|strangely|oddly|curiously|inexplicably|again) (?:missing|lacking|absent|not)"),
    Sense(r"leaves? (?:everyone|everybody|us|me|coders|the reader|all of us) (?:\w+ )?(?:guessing|wondering|puzzled|confused|baffled|in the dark)|(?:anyone|everybody|everyone)'s guess|guesswork|guessing game|(?:makes?|made|making) (?:little|no|hardly any|not much|zero) sense|(?:is|are|was) (?:\w+ )?(?:meaningless|gibberish|illegible|unreadable|incomprehensible|nonsensical|unintelligible)|you contradict|contradict(?:s|ed|ing)? yourself|how you could|what you (?:wrote|documented) (?:is|was|means|makes)",
          unless=r"patient|speech|scan|film|image|please clarify what you"),
    Sense(r"(?:other|your|most|our other|some|all) (?:\w+ )?(?:colleagues?|physicians|partners?|providers|surgeons|doctors|hospitalists|attendings|peers) (?:\w+ ){0,2}?(?:manage|have no (?:trouble|problem|difficulty)|can|do|document|know how|find|never|always|get|are able|seem)", unless=r"please|if your colleagues|other physicians involved|co-?manag\w*|page|call"),
    Sense(r"(?:does|do|did)(?:n't| not) (?:\w+ )?(?:meet|match|satisfy|live up to|come up to|reach) (?:our|the|hospital|medical staff|any|basic|minimum|accepted|professional) (?:\w+ )?(?:standards?|expectations?|requirements?|bylaws|rules)|expect(?:ed|s)? (?:better|more) (?:from|of)|below (?:the |our )?(?:standard|expectations?|par)|fall(?:s|ing)? short|let(?:s|ting)? (?:us|everyone|the \w+|your) down|not (?:up to|worthy of|what we expect)",
          unless=r"patient|criteria|sepsis|blood sugar|goals? of"),
    Sense(r"(?:we|i) (?:are|am|were|was) (?:\w+ )?(?:surprised|astonished|shocked|amazed|disappointed|saddened|dismayed|perplexed|astounded|taken aback|concerned at|annoyed|irritated|troubled) (?:that|by|to|at|with|how)|(?:it is|this is|that is|how) (?:\w+ )?(?:disappointing|regrettable|surprising|astonishing|annoying|troubling|deplorable|unfortunate|sad|a pity|a shame|disheartening|tiresome) (?:that|to|how|when)"),
    Sense(r"(?:please|kindly|do|try to|you might|would you) (?:\w+ )?(?:read|look at|consult|open|study|check|review) (?:the|your|her|his) (?:\w+ )?(?:chart|notes?|labs?|record|results|question|query) (?:\w+ )?(?:before|first|properly|carefully|again|more carefully|for once|next time)|had you (?:\w+ )?(?:read|looked|seen|checked|reviewed|opened|examined|documented|answered|bothered)|if you had (?:\w+ )?(?:read|looked|checked|reviewed|bothered|documented)|(?:take|taken) the (?:time|trouble) to|(?:apparently|evidently|obviously|clearly) (?:nobody|no one|you|the \w+) (?:\w+ )?(?:looked|read|saw|checked|reviewed|noticed|cared|knew|did not|didn't)|you seem to (?:have )?(?:overlook\w*|forg\w+|miss\w*|ignor\w*|confus\w*|think|believe|not)|you (?:must )?have (?:overlooked|forgotten|missed|ignored|confused|mixed)|(?:finally|properly|at last|for a change|this time)(?: \w+)? (?:answer|respond|reply|document|do|complete|write|name)|(?:answer|respond|reply|document|write)\w* (?:\w+ ){0,3}?(?:properly|finally|for once|this time|at last)",
          unless=r"thank\w*|appreciate|patient|if you have|feel free"),
    Sense(r"(?:lack of (?:a |any )?(?:response|reply|answer|documentation|specificity)|non-?respon\w+|silence|failure to (?:\w+ )?(?:reply|respond|answer)|unanswered (?:queries|requests?)|not (?:answering|responding|replying)|no (?:answer|reply|response)|ignoring (?:this|our|the) \w+) (?:\w+ ){0,6}?(?:noted|reported|forwarded|result\w*|lead\w*|leads|not an option|recorded|on file|consequence\w*|suspension|suspended|counted|held against|tolerated|unacceptable|considered|escalated|passed on|be taken)",
          unless=r"patient|to treatment|antibiotic|therapy|bronchodilator"),
    Sense(r"holds? (?:everybody|everyone|us|the \w+) up|(?:outstanding|overdue|pending|waiting|open|unanswered) (?:for )?(?:far |much |way )?too long|(?:have|has|had) been (?:waiting|chasing|asking|asked) (?:\w+ )?(?:for|since|on you)|still (?:no|not|unanswered|waiting|nothing)(?: \w+)? (?:answer|reply|response|word|from you|documented)|long overdue|(?:is|are) (?:now |already |well |seriously |badly )?overdue(?! for)",
          unless=r"patient (?:has|had|was)|family|transplant|bed|vaccin\w*|placement|biopsy|culture"),
    Sense(r"(?:cc|copy|copies|copied|forward\w*|report\w*|refer\w*|escalat\w*|goes|go|sent|passed|pass|notif\w+|inform\w*) (?:\w+ ){0,4}?(?:to )?(?:(?:your|the|our) )?(?:\w+ )?(?:chairman|chairperson|chair|chief|department head|head of|director|supervisor|dean|executive committee|medical staff office|cmo|boss|superior|program director|administration|leadership)",
          beside=r"if|unless|unanswered|repl\w*|respon\w*|answer\w*|hear|non-?\w+|noon|hours|deadline|failure|or|name", unless=r"chief complaint|per the chief|patient|service director was|chief resident"),
    Sense(r"(?:mandatory|compulsory|obligatory|required) (?:\w+ ){0,3}?(?:privileges|staff|membership|bylaws|contract)|(?:are|is) (?:\w+ )?(?:obliged|obligated|bound|expected by) (?:by \w+ )?(?:to|under)|(?:cost|costs|causes?|caused|creates?) (?:us|everyone|the \w+|our \w+|a lot of|much|endless|extra|unnecessary|needless) (?:\w+ )?(?:work|trouble|time|confusion|effort|hours|problems|delays?)|(?:causes|creates|causing|creating|caused|created) (?:much |great |some |no end of |endless |needless )?confusion(?! (?:that|in the patient))",
          unless=r"patient|sedat\w*|medication|drug|your (?:answer|reply) is not"),
    Sense(rf"(?:careless|thoughtless|sloppy|lazy|slipshod|negligent|hasty|confusing|vague|lax|shoddy|muddled) (?:\w+ )?(?:copy|copying|paste|pasting|cut|charting|entry|entries|habit|habits|{_WORK})|(?:copy and paste|copy-paste|cloned?|copied forward|boilerplate) (?:\w+ ){{0,3}}?(?:confus\w+|error|errors|again|problem|nonsense|mess)|handwriting|(?:team|provider|physician|surgeon|attending|author|hospitalist|resident|service|nephrology|cardiology|surgery|ed) (?:\w+ )?(?:neglect\w*|failed to|fails to|forgot|omitted|overlooked|did not bother|never bothered)",
          unless=r"vague (?:complaints?|symptoms?|pain|abdominal)|patient"),
    Sense(r"(?:competent|proper|good|adequate|decent|careful|complete) (?:\w+ )?notes? would|would (?:\w+ )?leave (?:this|it) (?:open|blank|out)|you (?:people|doctors|surgeons|physicians)|that is (?:not )?(?:your|too much)|your (?:usual|habitual|constant|continued|persistent|chronic|customary|typical) (?:\w+ )?(?:vagueness|omission|silence|failure|refusal|lack|neglect|habit|reluctance|indifference|disregard)|(?:vagueness|sloppiness|indifference|disregard|reluctance|unwillingness)", unless=r"patient|reluctance of the|family"),
    Sense(rf"fail(?:ed|s|ure|ing)? to {_WRITES}", unless=r"patient (?:failed|fails)|fail(?:ed|ure|s)? to (?:respond|follow)(?! to (?:this|our|the|a) (?:query|question|request|message|letter))"),
    Sense(rf"{_BAD} (?:\w+ )?{_WORK}", unless=_PATIENT),
    Sense(rf"(?:your|this|that|the|his|her|dr\.? \w+'?s|these|provider'?s?|surgeon'?s?) (?:[\w-]+ ){{0,2}}{_WORK} (?:is|was|are|were|remains?|has been|seems?|looks?|reads?|made|makes)(?: \w+){{0,2}}? {_BAD}",
          unless=_PATIENT),
    Sense(rf"(?:your|you)(?: \w+){{0,6}}? {_BAD}", unless=rf"{_PATIENT}|do you|did you (?:mean|intend)|if (?:this|that|we|it)"),
    Sense(rf"(?:{_WRITER}|{_WORK})(?: \w+)? (?:is|are|was|were|be|being) (?:\w+ )?(?:at fault|to blame|delinquent|non-?compliant|remiss|in violation|out of compliance|overdue again|ignorant|wrong|mistaken|incorrect|careless|sloppy|lazy|negligent)"),
    Sense(rf"(?:competent|good|careful|complete|proper|diligent|conscientious|responsible|thorough|reasonable|decent|real|prudent|first-year|better|attentive)(?: \w+)? (?:{_WORK}|{_WRITER}|interns?|students?|trainees?) (?:would|could|should|does|do|knows?|writes?|documents?|can)(?:n't| not| never)?",
          unless=r"reasonable (?:physician|provider|clinician) (?:options?|answers?)"),
    Sense(r"(?:even (?:a|an|the|any) (?:\w+ )?(?:student|intern|child|coder|first-year|trainee)|any (?:\w+ )?(?:intern|student|first-year|competent \w+|trained \w+))"),
    Sense(r"why (?:did(?:n't)?|have(?:n't)?|was(?:n't)?|is(?:n't)?|do(?:n't)?|would(?:n't)?|can't|could(?:n't)?|are(?:n't)?) (?:you|this not|this never|it not|there no|the (?:provider|physician|surgeon|attending|team) not|we (?:still |always )?have to)"),
    Sense(rf"you (?:again |still |clearly |obviously |apparently |simply |just |have |had )*(?:did not|didn't|do not|don't|never|have not|haven't|cannot|can't|could not be|won't|will not|do not even) (?:even |again |once |ever |really |seem to |appear to |bother to )*(?:{_WRITES}|examin\w*|see|saw|know|understand|finish\w*|think)",
          unless=r"if you|when you|should you"),
    Sense(r"once again|yet again|time and (?:time )?again|over and over|(?:again and again)|(?:the|our|my) (?:second|third|fourth|fifth|umpteenth|\d\w\w) (?:time|request|attempt|ask)(?! (?:point|of day))|how many (?:more )?times|repeated(?:ly)? (?:asked|requested|told|reminded|queried|explained)|"
          r"as (?:i|we)(?:'ve| have)? (?:previously|already|repeatedly|told|asked|said|explained|requested)|as (?:previously|already|repeatedly) (?:requested|asked|told|stated|explained)|(?:have|had) (?:already )?(?:asked|told|reminded) you|we (?:keep|are still) (?:asking|waiting|having)|still waiting"),
    Sense(r"you (?:should (?:have|know|be aware)|ought to (?:have|know)|could have at least|knew|know better|are (?:wrong|mistaken|incorrect|confused)|people|of all people|clearly (?:do|did|don't|missed)|might try)|shame on|do your job|learn (?:to|how to)|you keep|keep (?:ignoring|forgetting|writing|leaving|refusing|failing)|stop (?:copying|writing|documenting|ignoring|leaving|using|pasting|being)|"
          r"at the very least|it is (?:your|a) (?:duty|job|responsibility|obligation)|your (?:duty|obligation|responsibility|carelessness|negligence|laziness|incompetence|ignorance|inattention|errors?|mistakes?|sloppiness|failings?|failures?|bad habits?)"),
    Sense(r"(?:incorrectly|wrongly|erroneously|mistakenly|improperly|inappropriately|carelessly|sloppily|lazily|thoughtlessly|blindly) (?:documented|charted|diagnosed|written|copied|pasted|stated|called|labell?ed|recorded|dictated|wrote)"),
    Sense(r"(?:we|i|the coders?|coding|cdi|everyone|staff) (?:are|am|is|were) (?:\w+ )?(?:tired|fed up|frustrated|disappointed|annoyed|appalled|shocked|amazed|sick of|exasperated|dismayed|baffled|confused by you|at a loss)|wast(?:e|es|ed|ing) (?:of )?(?:our |everyone's |my |a lot of |the coder's )?time|"
          r"makes? (?:our|my|everyone's|the coder's) (?:work|job|life) (?:\w+ )?(?:impossible|harder|difficult|miserable)|(?:we|i|coders?) (?:cannot|can't|should not have to|shouldn't have to|are not able to|are not supposed to) (?:read (?:your )?minds?|guess|do your)|mind[- ]?readers?|read (?:your )?minds?|guess what you"),
    Sense(r"lack of (?:attention|care|effort|diligence|professionalism|thought|interest|concern)(?= |\.)", beside=rf"{_WORK}|{_WRITER}|your", unless="plan of care"),
    Sense(r"(?:if|when) (?:it is|it's|that is|it isn't) not too much (?:trouble|to ask)|(?:i|we) (?:hope|trust) (?:you|that you) (?:can|could|will|might) (?:manage|find|bother|finally|at least|this time)|this time[,.!]? (?:please|try)|(?:be|being) more (?:careful|diligent|attentive|thorough|precise|professional|responsible)|for once|bother to|unbelievabl[ey]|seriously\?|really\?|come on"),
    Sense(r"(?:last|final) (?:notice|warning|chance|reminder|opportunity|request)|or else|(?:there )?will be consequences|consequences (?:will|for|of not)|face (?:\w+ )?(?:consequences|sanctions?|suspension|discipline|action)|disciplinary|(?:suspension|loss|revocation|review) of (?:your )?(?:\w+ )?privileges|your privileges|"
          r"privileges (?:will|may|can|could|to be|are)|suspension list|peer review (?:will|if|for)|(?:medical executive|credentials|peer review) committee|chief of staff|chief medical officer|\bcmo\b|department chair|your (?:chief|chair|supervisor|boss|program director)|delinquent\w*|delinquency"),
    Sense(rf"(?:you|this|it|your name|the case|non-?response|failure) (?:will|may|shall|is going to|would|can|could|gets?) (?:\w+ )?(?:be )?{_SANCTION}", unless=r"antibiotic|care|oxygen|icu|public health|health department"),
    Sense(r"(?:demand|insist)(?:s|ed|ing)? (?:an? |your |that |on |immediate )|(?:immediately|at once|right now|without delay|today) or|(?:no later than|by (?:noon|\d+ ?(?:am|pm)?|today|tomorrow|friday|end of (?:day|business)|close of business|cob|eod)) or|no excuses?|non-?negotiable|unacceptable|inexcusable|intolerable"),
    Sense(r"(?:omits|omitted|ignores|glosses over|skips) (?:whether|the (?:most )?(?:obvious|basic|important|only thing)|what matters|everything|even)|shows (?:that )?you|proves (?:that )?you|suggests (?:that )?you (?:did|do|never|have)|did you (?:even|actually|really|bother)|do you (?:even|actually|ever) |nobody (?:knows|can tell) what you|what were you thinking|copy(?:-| and )paste(?:d)? (?:without|again|nonsense|error)"),
))  # fmt: skip


def judges(reading: Reading) -> Iterator[Hit]:
    """Yield blame, pressure and threats."""
    for shown in reading.written:
        places = (*JUDGING.found(shown.low), *BLAMES.found(tokens(shown.low)))
        for place in itertools.islice(spoken_by_author(shown, places), 1):
            yield shown.hit(*place, f"“{shown.text[slice(*place)]}” judges the provider or presses.")
