"""How a sentence asks for the higher answer rather than the right one (Q06, Q28): a direction, and what is to go that way.

Severity as a category is clinical, and so is a patient who got worse, a dose that was raised, a bed in a higher level of care.
"""

from __future__ import annotations

from query_mgr.queries.lint.grammar import Pattern, Patterns

UPWARD = Patterns((
    # where two would do, the higher
    Pattern("LEAN ..5 HIGHER|upward|upwards|up|high|severe|the_severe|the_upper ..3 TERM|DEGREE|one|side|end|of|answer|,|.|;", unless="CARE_WORDS whether"),
    Pattern("DOUBT ..9 HIGHER|upward|upwards|up|severe|higher|LADDER|more|second_one|latter|last_one|bottom_one|the_second|the_last", unless="CARE_WORDS whether"),
    Pattern("HIGHER|LADDER|upward|upwards|up|severe ..9 DOUBT", unless="CARE_WORDS whether"),
    Pattern("LADDER", unless="normal CARE_WORDS whether wound pain"),
    Pattern("aim|aiming|shoot|shooting|reach|reaching|go|going high|higher|big|as_far|as_high", unless="CARE_WORDS"),
    Pattern("GENEROUS", unless="CARE_WORDS whether pain LAYER fluids secretions"),
    Pattern("SICK|sicker|iller|worse|weaker|frailer ..4 than ..4 LETS_ON|WORK_ITSELF", unless="CARE_WORDS"),
    Pattern("WORK_ITSELF ..4 LETS_ON", beside="ILLNESS well mild minor short routine baby", unless="imaging ct"),
    Pattern("in favor of|in_favour_of ..2 severe|the_severe|HIGHER|acute", unless="CARE_WORDS"),
    # what the answer is to show
    Pattern("PORTRAYS ..3 TRUE_GRAVITY", unless="pain whether score scale"),
    Pattern("PORTRAYS ..4 SICK PRON|the|this|a", unless="pain"),
    Pattern("UNDERSTATE ..6 ILLNESS|TRUE_GRAVITY|HIGHER|how|what", unless="patient_minimizes patient_downplays patient_underreports risk pain alcohol drinking consumption"),
    Pattern("ILLNESS ..4 UNDERSTATE", unless="patient_minimizes patient_downplays pain alcohol drinking consumption fever"),
    Pattern("make~|makes ..5 SICK ..3 look|seem|appear|sound|read|come_across", unless="CARE_WORDS"),
    Pattern("describe~|seen|shown|portrayed|recorded|painted|remembered|come_across|read as|like ..4 SICK ..3 PRON was|were|is|had_been", unless="CARE_WORDS"),
    Pattern("pity|shame|waste|loath|sorry|sad|unfair|wrong ..4 leave|stop|stay|end|settle|rest|file ..5 MILD|LOWER|mildest|lowest|that|less|here", unless="CARE_WORDS"),
    Pattern("go~|going|went too_far|there|that_far|so_far|as_far", beside="you would could SEVERE ANSWER", unless="CARE_WORDS patient he she"),
    Pattern("make~ ..6 appear|look|sound|seem|read|come_across ..2 LOWER|SICK|HIGHER|well|fine|routine|stable|simple|easy|trivial|mild|ordinary"),
    Pattern("record|chart|note|documentation|wording|term|summary|it|word ..3 appear~|look~|sound~|seem~|read~ ..2 LOWER|sicker|worse|HIGHER|mild|benign|trivial|routine|tame|better_than", unless="wound lesion rash lung lungs x-ray film cxr ct imaging mri incision patient"),
    Pattern("the HIGHER|more ..10 , the better|closer|truer|stronger|more|fuller"),
    Pattern("HIGHER|severe|acute|deepest ..8 BE|would|'s ..2 always? WELCOME", unless="whether"),
    Pattern("WELCOME ..6 HIGHER|most_severe|severe ..3 TERM|DEGREE|word|words|answer", unless="CARE_WORDS which"),
    # a word stronger than the one that stands
    Pattern("call~|describe~|label~|name~|term~|document~|rate~|classify~|grade~|stage~|word~|style~|phrase~ ..5 HIGHER|worse|more_dramatically|more_strongly|more_forcefully|more_severely|more_seriously|upward|upwards", unless="CARE_WORDS LAYER whether or", beside="?  please kindly would could can may might open you"),
    Pattern("HIGHER ..2 TERM|DEGREE|way ..8 ?", unless="CARE_WORDS whether or which_of ASKED_DEGREE LAYER"),
    Pattern("HIGHER ..2 TERM|DEGREE|way ..6 you|apply|applies|fit|fits|possible|support|justify|defend|available|allow|permit", unless="CARE_WORDS whether or which ASKED_DEGREE LAYER"),
    Pattern("something|anything|nothing ..1 HIGHER", unless="CARE_WORDS whether than_yesterday"),
    Pattern("dramatically|forcefully|emphatically", beside="describe word phrase call state document put say", unless="whether recommend"),
    Pattern("RAISE ..5 to|into|toward ..4 SEVERE|HIGHER|ANSWER", unless="CARE_WORDS whether", beside="please would could can should consider you your word term wording diagnosis we"),
    Pattern("RAISE ..3 TERM|DEGREE", unless="CARE_WORDS whether risk fall", beside="please kindly would could can should consider you worth we"),
    Pattern("take~|taken|bring~|push~|move~|bump~|step~|nudge~|kick~ ..3 up ..3 level|notch|step|stage|grade|rung|class|category|tier|to", unless="CARE_WORDS"),
    # not the milder one
    Pattern("NOT ..1 settle~|stop~|stay~|be_content|rest ..3 MILD|LOWER|less|at"),
    Pattern("no|not|nothing|anything|n't lower|less|milder|below|under than? ..2 SEVERE|HIGHER|stage|grade|class", unless="CARE_WORDS"),
    Pattern("at least severe|acute|moderate|stage|grade|class|a_stage|a_grade|moderately|severely|major", beside="please would could consider document call say kindly you we", unless="whether criteria defined definition requires"),
    Pattern("MILD|LOWER|moderate ..4 would|will|do|does|may|wo|fails|hardly|scarcely ..3 justice|enough|understate|understates|undersell|undersells|short|miss|misses|suffice|fair|cover|convey|reflect|tell", unless="CARE_WORDS"),
    Pattern("MILD|LOWER TERM ..3 BE|seems|sounds|looks ..2 too|hardly|not|n't|insufficient|inadequate|weak|unfair", unless="CARE_WORDS"),
    Pattern("HIGHER ..6 CAN", beside="stage grade class severity degree acuity depth category term diagnosis answer type choice option level form", unless="CARE_WORDS specific SPECIFICS"),
    Pattern("as SEVERE|SICK|high|strong|bad ..1 as ..5 CAN|possible|allow|allows|permits|will", unless="CARE_WORDS tolerated"),
    Pattern("worthy|deserve~|merit~|warrant~|call~_for ..3 HIGHER|more ..2 TERM|DEGREE|severity", unless="CARE_WORDS whether"),
))  # fmt: skip
