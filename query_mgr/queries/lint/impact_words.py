"""The words of money, grouping, quality reporting, denials and audits, each with the life it has at the bedside.

DRG is a ganglion, MCC a crash, HCC and CMI are diseases, ROM a range of motion, PSI a pressure, AUDIT-C a screen;
patients cannot pay, deny symptoms and live in denial.
"""

from __future__ import annotations

from query_mgr.queries.lint.wording import Sense

#: whose money and standing are meant
_HOUSE = (
    r"(?:hospital|facility|department|organi[sz]ation|health system|system|institution|service line|service|unit|group|practice|"
    r"clinic|division|program(?:me)?)"
)
_OURS = rf"(?:our|(?:the |this |your )?{_HOUSE}(?:'s|s')?)"
_US = rf"(?:us|we|(?:the|this|our|your) {_HOUSE})"
_PAYER = (
    r"(?:payers?|payors?|insurers?|insurance(?: compan(?:y|ies)| carriers?| plans?)?|medicare(?: advantage)?|medicaid|"
    r"(?:health|managed care|advantage|commercial) plans?|cms|third[- ]part(?:y|ies)|the plan)"
)
#: a patient's own money and cover are social circumstances
_SOCIAL = (
    r"afford\w*|hardship|strain|uninsured|underinsured|insecur\w*|homeless\w*|unhoused|out[- ]of[- ]pocket|co-?pays?|"
    r"unemploy\w*|lost (?:his|her|their) (?:job|insurance|coverage)|job loss|poverty|low[- ]income|social work\w*|"
    r"(?:unable|inability|could not|cannot|can't|couldn't|struggl\w+|difficulty|trouble) (?:to )?pay\w*|"
    r"because of (?:the )?(?:cost|price|money)s?|due to (?:the )?costs?|(?:his|her|their|patient's|family|household|personal) "
    r"(?:\w+ )?(?:bills|finances|money|income|savings|debt|insurance)|exploitation|food (?:stamps|bank)|disability|"
    r"insurance card|(?:medication|prescription|inhaler|insulin|drug)s? (?:costs?|coverage|denied)|z5[5-9]\w*|z6[0-5]\w*|"
    r"financial (?:hardship|strain|stress\w*|difficult\w*|barriers?|abuse|toxicity|resources?|assistance|constraints?|"
    r"concerns?|problems?|instability|counsel\w*|decisions?|power|affairs|support|worr\w+|situation|need)"
)
_CHANGE = (
    r"(?:rais|increas|improv|rais|boost|lower|decreas|reduc|affect|impact|hurt|harm|help|optimi[sz]|maximi[sz]|protect|drop|"
    r"slip|chang|driv|lift|hit|drag|damag|depress|inflat|enhanc|sink|push|count)\w*"
)
_STANDING = (
    r"(?:scores?|ratings?|rankings?|ranks?|numbers|stats|statistics|figures|metrics?|measures?|benchmarks?|targets?|goals?|"
    r"performance|profiles?|reputation|standing|outcomes?|dashboards?|report cards?|grades?|stars?|percentile|index|indices)"
)
_MONEYED = (
    r"(?:budgets?|bottom line|margins?|returns?|incomes?|earnings|revenues?|payments?|finances|costs?|bonus(?:es)?|money|dollars|"
    r"cash flow|losses|rates?)"
)

MONEY = (
    Sense(r"re-? ?imburs\w*"),
    Sense(r"revenues?|profit\w*|lucrative|moneti[sz]\w*|monetary|fiscal\w*|charge ?master|dnfb|(?:bill|billing|claim)s? hold"),
    Sense(r"up-?cod(?:e|es|ed|ing)|down-?cod(?:e|es|ed|ing)|bundled payments?|capitat(?:ed|ion)"),
    Sense(r"financ(?:e|es|ial|ially|ing)", unless=_SOCIAL),
    Sense(r"(?:money|dollars?|cash|funds?|funding|budget\w*|bonus(?:es)?)", unless=rf"{_SOCIAL}|money worries|money management"),
    Sense(r"(?:financial )?incentives?", unless=r"incentive spiromet\w*"),
    Sense(r"payers?|payors?|insurers?|third[- ]party (?:payers?|payors?|review\w*)"),
    Sense(r"payments?", unless=_SOCIAL),
    Sense(
        _PAYER,
        beside=r"will|won't|would|may|might|requir\w+|expects?|wants?|needs?|pays?|paid|covers?|reviews?|penali[sz]\w*|den(?:y|ies|ied)|"
        r"rejects?|rules?|polic(?:y|ies)|audits?|questions?|looks?|see[ns]?|uses?|recogni[sz]es?|accepts?|authori[sz]\w+|reports?",
        unless=rf"{_SOCIAL}|cms intact|\d ?cms|not relevant",
    ),
    Sense(r"(?:gets?|getting|be|is|are|was|were) (?:fully |properly |better )?paid", unless=_SOCIAL),
    Sense(r"pays? (?:us |the hospital )?(?:more|better|less|higher|nothing|only|at|out|for (?:this|the|it))", unless=_SOCIAL),
    Sense(r"paid (?:at|more|less|for (?:this|the) (?:stay|case|care|admission)|correctly|appropriately|by)", unless=_SOCIAL),
    Sense(r"(?:unpaid|underpaid|overpaid|underpayment|overpayment)s?", unless=_SOCIAL),
    Sense(r"bill(?:ing|able|ed)|(?:final|drop|release|hold|clean|our|the hospital'?s?|send) (?:the |a )?bills?", unless=_SOCIAL),
    Sense(
        r"accounts?",
        beside=r"on hold|held|hold|unbilled|releas\w+|bill\w*|close out|final[- ]cod\w+|aging|write-?off",
        unless=r"accounts? for|on account of|by (?:his|her|their|all) accounts?",
    ),
    Sense(r"[$€£] ?\d[\d,.]*(?:k|m)?", unless=_SOCIAL),
    Sense(
        r"worth (?:more|about|around|an? extra|thousands|\d+)(?! (?:exploring|considering))",
        beside=r"hospital|stay|case|weight|answer|diagnos\w+|code|points?|money|\$",
    ),
    Sense(rf"{_US} (?:\w+ )?(?:lose|loses|losing|lost|gain|gains|earn|earns|makes?|get|gets|forfeits?) (?:\w+ ){{0,3}}"
          r"(?:money|thousands|credit|paid|more|points|payment|dollars|out|less|nothing|weight|income)"),
    Sense(rf"cost(?:s|ing)? {_US}|cost of care|cost outlier"),
    Sense(rf"{_OURS} (?:\w+ )?{_MONEYED}", unless=r"(?:flow|heart|respiratory|drip|infusion|gantry|margin of) rates?|unit (?:dose|cost)"
          r"|(?:service|unit|clinic|group|program) rates?|surgical margins?|return to|returns? to"),
    Sense(r"(?:operating|profit|hospital|contribution) margins?|bottom line|return on investment|pay[- ]for[- ]performance"),
    Sense(r"financial compensation|compensat(?:es?|ed|ion) (?:us|the hospital|for (?:the|this|our) (?:stay|care|work|case))"),
)  # fmt: skip

_COUNTS_AS = (
    r"(?:as|is|be|becomes?|make[s]?|add(?:s|ed|ing)?|need(?:s|ed)?|giv(?:e|es|ing)|get[s]?|gain(?:s|ed)?|lose[s]?|counts? as|counts? for|"
    r"qualif(?:y|ies) (?:as|for)|captur(?:e|es|ed|ing)|missing|secur(?:e|es|ing)|without|for|has|have|want|provides?|yields?|"
    r"earn[s]?|support[s]?|represents?|no|only|not|one|another|extra|additional|second|first|our|non|either|any|potential)"
)
_CRASH = (
    r"motor ?cycle|crash|helmet\w*|ejected|mph|rider|riding|collision|trauma\w*|(?:s/p|after|during|since|following|in|from|involved in) "
    r"(?:an? |the |his |her )?mccs?|mcc (?:on|at|in|vs|with|victim|today|yesterday|\d)|merkel|fractures?|road rash|meningococc\w*"
)
_VOLUME = r"\d ?ccs?|cc of (?:blood|fluid|urine|emesis|saline|contrast|water|pus|lidocaine)|chief complaint|carbon copy|corpus callosum"
_LIVER = (
    r"hepat\w*|liver|cirrho\w*|tace|li-?rads|lr-?[345]|afp|alpha[- ]feto\w*|sorafenib|lenvatinib|milan|bclc|ablat\w*|carcinoma|"
    r"y-?90|portal vein"
)
_GANGLION = r"dorsal root|ganglion\w*|drg (?:rf\b|pulsed|radiofreq\w*|lesion\w*|stim\w*|neuro\w*|inj\w*|pain|blocks?|leads?|implant\w*|trial|s)|crps|radiculopath\w*"
_GUT = r"mesenter\w*|isch(?:a?)emi\w*|postprandial|sma|celiac|bowel angina|cell[- ]mediated|gut"

GROUPING = (
    Sense(r"(?:ms|apr|ap)-? ?drgs?"),
    Sense(r"d\.? ?r\.? ?gs?\.?", elsewhere=_GANGLION),
    Sense(r"diagnosis[- ]related group\w*|(?:final|working|expected|higher|lower) grouping|group(?:s|ed|ing)? (?:in)?to an? \w+|grouper"),
    Sense(r"m?ccs? ?(?:/|or|and|vs\.?|versus|to) ?(?:an? )?m?ccs?", unless=_VOLUME),
    Sense(r"m\.? ?c\.? ?c\.?s?", elsewhere=_CRASH),
    Sense(rf"{_COUNTS_AS}[- ](?:an? |the |another |our |major )?c\.? ?cs?(?! of (?:\w+ )?(?:pain|dyspnea|cough|fever|weakness|chest)|:)", unless=_VOLUME),
    Sense(r"ccs? (?:capture|status|credit|rate|exclu\w+|list|level|designation)"),
    Sense(r"(?:major )?comorbid(?:ity|ities|ity) ?(?:or|and|/|&) ?complications?|complications? ?(?:or|and|/|&) ?comorbid\w*",
          unless=r"no (?:major )?comorbid|diabet\w+ comp|history"),
    Sense(r"case[- ]mix|casemix"),
    Sense(r"cmis?", elsewhere=_GUT),
    Sense(r"(?:relative|drg|case|higher|more) weight(?:ed|ing|s)? (?:of|for|code|drg|diagnos\w+)|relative weights?|carr(?:y|ies) (?:more|a higher|greater) weight|medical necessity|weighted (?:code|drg|diagnos\w+)"),
    Sense(r"geometric mean|gm?los|(?:expected|geometric|target|benchmark) (?:length of stay|los)|two[- ]midnight\w*"),
    Sense(r"risk[- ]adjust\w*|risk[- ]scores? (?:for|of) (?:our|the plan|medicare)|hierarchical condition\w*|suspect(?:ing)? list\w*"),
    Sense(r"hccs? ?(?:\d{1,3}(?! ?(?:cm|mm))|re-?captur\w*|captur\w*|scores?|cod\w+|risk|raf|categor\w*|gaps?|opportunit\w+|weights?|lists?|model|v2\w|"
          r"refresh\w*|year\w*|suspects?|value|credit|validat\w+|documentation|coefficient)"),
    Sense(rf"(?:{_COUNTS_AS}|maps? to|carr(?:y|ies)|open|annual|close|closes) (?:an? |the |this |your )?hccs?", elsewhere=_LIVER),
    Sense(r"hccs?", elsewhere=_LIVER),
    Sense(r"raf (?:scores?|values?|weights?|coefficient\w*|impact|points?)|(?:our|the|patient's|member's|a|higher|lower) raf|raf",
          unless=r"ventricular|rapid a|atrial|rate|kinase|inhibitor"),
    Sense(r"higher[- ](?:paying|weighted|paid|valued) \w+|(?:better|higher)[- ]paying"),
)  # fmt: skip

_SCALES = r"apache|sofa|saps|meld|pim-?[23]|prism|curb|port|pneumonia|pesi|grace|timi|iss|injury severity"

QUALITY = (
    Sense(
        r"quality(?: and safety)? (?:scores?|metrics?|measures?|ratings?|indicators?|reporting|reports?|rank\w*|penalt\w*|impact|numbers|data|"
        r"dashboards?|programs?|departments?|teams?|bonus\w*|incentives?|goals?|targets?|benchmarks?|profiles?|stars?|abstract\w*|outcomes?|"
        r"performance|statistics|figures|results|review\w*|committee)",
        unless=r"(?:image|sleep|sputum|study|tissue|bone|voice|air|vision|scan|specimen) quality|quality of (?:life|sleep)|quality: ",
    ),
    Sense(r"(?:core|quality|process|outcome|safety|publicly reported) measures?|publicly report\w*|public(?:ly)? reported|report cards?"),
    Sense(r"(?:hospital|star|cms|quality|leapfrog|safety|physician|five[- ]star)[- ](?:compare|ratings?|grades?|stars?|rankings?)|(?:five|5|four|4|cms)[- ]stars?|star ratings?"),
    Sense(r"leapfrog|health ?grades|vizient|us news|u\.s\. news|joint commission|hedis|hrrp|hacrp|vbp|mips|macra|premier ratings?"),
    Sense(r"acos? (?:scores?|measures?|metrics?|shared|quality|report\w*|targets?)"),
    Sense(r"value[- ]based (?:purchasing|care|payment|program\w*)|shared savings"),
    Sense(r"patient safety indicators?|psis? ?[-#]? ?(?:0[2-9]|1[0-9])(?! ?(?:points|class))|psi[-/ ]?90|psi/hac|hac/psi|"
          r"psis? (?:exclu\w+|events?|rates?|cases?|hits?|flags?|numbers?|report\w*|measures?|composite)|(?:an?|our|avoid\w*|this) psi",
          unless=r"pneumonia|curb|class|severity index|port score|\d psi|psi (?:of|score)"),
    Sense(r"hacs?", unless=r"hydroxyapatite|coated|high[- ]altitude"),
    Sense(r"hospital[- ]acquired condition\w*|never[- ]events?"),
    Sense(r"reportable (?:hac|psi|events?|conditions?|complications?|quality)", unless=r"public health|health department|notifiable"),
    Sense(r"s\.?o\.?i\.?(?:/|-| and | & )?r?o?m?|rom/soi|soi"),
    Sense(r"(?:severity of illness|risk of mortality|severity[- ]adjusted)", beside=r"scor\w+|levels?|subclass\w*|ratings?|index|apr|"
          rf"{_CHANGE}|profile|credit|our|hospital|reflect\w*|captur\w*", unless=_SCALES),
    Sense(r"rom (?:scores?|subclass\w*|levels?|of [1-4]|[1-4])", unless=r"membran\w*|motion|degrees|knee|shoulder|hip|elbow|joint"),
    Sense(r"(?:mortality|complication|infection|readmission) (?:index|indices|scorecards?|rankings?|ratings?|profiles?|ratio|o/e|statistics|stats|numbers|metrics?|penalt\w*)"),
    Sense(r"(?:our|your|hospital|department'?s?|observed|expected|risk-adjusted|predicted) (?:\w+ )?(?:mortality|complication|readmission|infection)s?(?: rates?| numbers)?",
          unless=_SCALES),
    Sense(r"observed[- ]to[- ]expected|observed[-/ ]over[- ]expected|observed/expected|o/e|o:e"),
    Sense(r"readmission (?:rates?|reduction)|score-? ?cards?|(?:our|national|peer|hospital|quality|performance|against|the|cms|industry) bench-?marks?|benchmarking|kpis?|key performance \w+|peer comparisons?|league tables?"),
    Sense(rf"{_OURS} (?:[\w-]+ ){{0,2}}{_STANDING}", unless=r"(?:our|the|this) (?:service|unit|clinic|group|program) (?:notes?|is)|goals? of care|patient'?s? goals?|"
          r"cardiac index|treatment goal|target (?:inr|map|bp)"),
    Sense(r"your (?:profile|numbers|stats|statistics|performance|ratings?|score-? ?cards?|rvus?|bonus|rankings?|report card|productivity|metrics?|quality|percentile)"),
    Sense(r"(?:your|the department's|our|physician|provider) (?:query )?(?:response|agree|agreement|query|answer) rate"),
    Sense(r"(?:gets?|gives?|giving|getting|earn\w*|lose[s]?|receives?) (?:us |you |the hospital |full |partial |no )*credit(?: for)?"),
    Sense(r"count(?:s|ed|ing)? (?:against|toward|towards) (?:us|you|our|your|the (?:hospital|department|service|surgeon|unit))"),
    Sense(r"penalt(?:y|ies)|penali[sz]\w*|capture rates?|nhsn|standardi[sz]ed infection ratio|w?rvus?|e/m level|level of service|"
        r"(?:clabsi|cauti|ssi|hai|c\.? ?diff(?:icile)?) (?:rates?|numbers|counts?|metrics?|sir)|(?:support|justif|explain)\w* (?:the |this |our )?(?:length of stay|los|inpatient status|admission status)|"
        r"(?:ding|hurt|reflect(?:s|ed)? (?:badly|poorly) on|looks? bad (?:for|on)) (?:us|our|the hospital|you|your)"),
    Sense(rf"{_CHANGE} (?:\w+ ){{0,2}}(?:case mix|metrics?|rankings?|ratings?|benchmarks?|stats)"),
)  # fmt: skip

_CLAIM = (
    rf"claims?|{_PAYER}|coverage|stay|admission|account|bill\w*|appeals?|overturn\w*|reviewers?|audit\w*|clinical validation|"
    r"letter|likely|hospital|payment|medical necessity|authori[sz]ation|days?|risk\w*|avoid\w*|prevent\w*|reduc\w*|protect\w*|prone|"
    r"management|rate|trend|target|fight\w*|vulnerab\w*|will|would|could|defen[ds]\w*"
)
DENIAL = (
    Sense(r"(?:pinned|blamed|held|charged|counted|counts?|lands?|falls?) (?:on|against) (?:us|our (?:hospital|unit|department|team)|the (?:hospital|unit|department))"),
    Sense(r"claims?", beside=r"den(?:y|ied|ial\w*)|edits?|reject\w*|submi\w+|clean|pa(?:y|id)|process\w*|hold|held|will|go(?:es)? out|drops?|correct\w*|supports?",
          unless=r"(?:patient|he|she|pt|mother|family|wife|husband) claims?|claims? (?:that|to|he|she)"),
    Sense(r"denials?", beside=rf"{_CLAIM}|clinical|insurance", unless=r"(?:in|of|his|her|their|about|patient'?s?|family'?s?|expresses|strong) denial(?! of (?:claim|payment|coverage))"),
    Sense(r"den(?:y|ied|ying)(?! (?:any|having|pain|chest|fever|chills|sob|dyspnea|use|alcohol|tobacco|si|symptoms?|history))",
          beside=_CLAIM, unless=rf"(?:patient|pt|he|she|family|mother|who) (?:has |had |also |currently )?den(?:y|ied|ies)|{_SOCIAL}"),
    Sense(r"gets? denied|be denied|avoid(?:ing)? (?:a )?denial"),
    Sense(r"auditors?|audit[- ](?:risk|proof|defen\w+|targets?|exposure|purposes?|findings?|ready|letters?|vulnerab\w*|safe)"),
    Sense(r"(?:rac|payers?|payors?|medicare|medicaid|oig|external|outside|insurance|coding|billing|claims?|compliance|cms|drg|federal|government|recovery|post-?pay\w*|pre-?bill) "
          r"audit(?:s|ed|ing)?|rac|oig|mac review\w*|(?:recovery|external|outside|peer) (?:audit\w*|contractors?|review(?:er)? agenc\w+)",
          unless=r"rapid antigen|audit-c"),
    Sense(r"(?:surviv\w+|withstand\w*|pass|fail\w*|in case of|in (?:an|the event of an)|for (?:an|our|the)|under|protect\w* (?:\w+ )?(?:from|in|against)|face|"
          r"next|upcoming|during (?:an|our)|flagged (?:in|on|by)|trigger\w*|hold up (?:in|to|on)|being|be|get|gets|is|was|invites?|stand up (?:to|in)) (?:an? |our |the )?audit(?:s|ed)?",
          unless=r"audit-?c|audit (?:trail|log|score|screen\w*|questionnaire|tool)|alcohol"),
    Sense(r"(?:medical necessity|clinical validation) (?:denials?|reviews?|requirements?)|downgrad(?:e|ed|es|ing) by|recoup\w*|claw-?back\w*|take-?backs?"),
    Sense(r"captur(?:e|es|ed|ing) (?:of )?(?:the |this |that |an? |our |all |more |full |its |another |appropriate |proper |every )*"
          r"(?:hccs?|m?ccs?|drgs?|codes?|credit|revenue|risk scores?|payment|charges?|soi|value|weights?|reimburs\w*)"),
)  # fmt: skip

IMPACT = (*MONEY, *GROUPING, *QUALITY, *DENIAL)
