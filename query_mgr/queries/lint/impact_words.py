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
    Sense(
        r"cost accountants?|(?:eat|absorb|offset|recover|recoup|bear|cover|swallow) (?:the |this |our )?costs?|tariffs?|costs? of (?:the|this) (?:admission|stay|icu days|case|hospitali[sz]ation)|"
        r"not (?:be )?paid|(?:is|are|will be) (?:not|never) (?:paid|reimbursed)|(?:stands?|stand) to (?:lose|gain)|of (?:great |real |some )?value (?:for|to) us|(?:has|have|is of) (?:\w+ )?(?:value|worth) (?:for|to) (?:us|the (?:hospital|department))|(?:richer|poorer|dearer|more generous|more lucrative) \w+",
        unless=_SOCIAL,
    ),
    Sense(
        r"prior auth\w*|pre-?auth\w*|(?:days?|stay|admission) (?:\w+ ){0,3}?(?:certified|authori[sz]ed|approved|decertified|carved out)|(?:authori[sz]ation|certification) (?:\w+ )?(?:was|is|will be|has been) (?:\w+ )?(?:refused|denied|withheld|pending|granted|needed|lost)",
        unless=r"fda|visit|release of information|patient (?:refused|authori[sz]ed)|icu|surrogate",
    ),
    Sense(r"re-? ?imburs\w*"),
    Sense(r"revenues?|profit\w*|lucrative|moneti[sz]\w*|monetary|fiscal\w*|charge ?master|dnfb|(?:bill|billing|claim)s? hold"),
    Sense(r"up-?cod(?:e|es|ed|ing)|down-?cod(?:e|es|ed|ing)|bundled payments?|capitat(?:ed|ion)"),
    Sense(r"financ(?:e|es|ial|ially|ing)", unless=_SOCIAL),
    Sense(r"(?:money|dollars?(?![- ]siz)|cash|funds?|funding|(?<!energy )(?<!calorie )budget\w*|bonus(?:es)?(?! (?:feed\w*|units?|doses?|time)))", unless=rf"{_SOCIAL}|money worries|money management|fund of knowledge|funduplic\w*"),
    Sense(r"(?:financial )?incentives?", unless=r"incentive spiromet\w*"),
    Sense(r"payers?|payors?|insurers?|third[- ]party (?:payers?|payors?|review\w*)"),
    Sense(r"payments?", unless=_SOCIAL),
    Sense(
        _PAYER,
        beside=r"will|won't|would|may|might|requir\w+|expects?|wants?|needs?|pays?|paid|covers?|reviews?|penali[sz]\w*|den(?:y|ies|ied)|"
        r"rejects?|rules?|polic(?:y|ies)|audits?|questions?|looks?|see[ns]?|uses?|recogni[sz]es?|accepts?|authori[sz]\w+|reports?",
        unless=rf"{_SOCIAL}|cms intact|\d ?cms|not relevant|(?:the )?plan is to|plan for (?:the|today)|insurance (?:card|plan in)",
    ),
    Sense(r"(?:gets?|getting|be|is|are|was|were) (?:fully |properly |better )?paid", unless=_SOCIAL),
    Sense(r"pays? (?:us |the hospital )?(?:more|better|less|higher|nothing|only|at|out|for (?:this|the|it))", unless=_SOCIAL),
    Sense(r"paid (?:at|more|less|for (?:this|the) (?:stay|case|care|admission)|correctly|appropriately|by)", unless=_SOCIAL),
    Sense(r"(?:unpaid|underpaid|overpaid|underpayment|overpayment)s?", unless=_SOCIAL),
    Sense(r"bill(?:ing|able|ed)|(?:final|drop|release|hold|clean|our|the hospital'?s?|send) (?:the |a )?bills?", unless=_SOCIAL),
    Sense(
        r"accounts?",
        beside=r"on hold|held|hold|unbilled|releas\w+|bill\w*|close out|final[- ]cod\w+|aging|write-?off",
        unless=r"accounts? (?:for|of)|on account of|by (?:his|her|their|all) accounts?",
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
    Sense(rf"{_US} (?:\w+ )?(?:receives?|collects?|recovers?|is owed|are owed|bring in|brings in|charges?|bills?|nets?)(?! (?:your|a (?:reply|answer|call)|an|the (?:answer|reply|patient)|in touch|report\w*|query))|(?:what|how much|more than|than|as much as) (?:we|the hospital|this hospital) (?:\w+ )?(?:receives?|collects?|earns?|gets?|makes?)|(?:brings?|bring in|brought) in (?:more|less|extra|additional|a \w+)|money on the table|better[- ](?:paid|paying|reimbursed|weighted)|(?:higher|lower|low|high|better|heavier|well|poorly|badly)[- ](?:weighted|paid|paying|valued|reimbursed|priced) (?:\w+ )?(?:groups?|categor(?:y|ies)|tiers?|class|codes?|drgs?|diagnos[ei]s|stays?|cases?)",
          unless=_SOCIAL),
    Sense(r"(?:finance|billing|revenue cycle|accounting|patient accounts?|claims|case management|utili[sz]ation (?:review|management)|contracting|business office|\bcfo|the cfo|chief financial officer|controller)(?: (?:department|office|team|staff|people))? (?:\w+ )?(?:ask|asks|asked|want|wants|wanted|need|needs|needed|require\w*|watch\w*|is|are|will|cannot|can't|has|have|look\w*|monitor\w*|expects?)|\bcfo\b|chief financial officer|chargemaster|accounts? receivable|aged? (?:accounts?|claims?)|billed (?:charges|amount)",
          unless=rf"{_SOCIAL}|case management (?:met|saw|consulted|is working|to arrange|note)"),
    Sense(r"(?:accounts?|encounters?|stays?|cases?|charts?) (?:\w+ ){0,2}?(?:be |is |are )?(?:dropped|drops?|final[- ]?(?:coded|billed)|finali[sz]ed for|invoiced|released? (?:to|for) (?:billing|the payer)|unbilled|billed)|ready (?:to|for) (?:bill|billing|invoic\w+)|invoic\w+|(?:bill|billing|coding) (?:deadline|cut-?off|cycle|window|run)"),
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
    Sense(
        r"add(?:s|ed|ing)? (?:[\d.]+|a point|points?|some|more) (?:points? )?(?:to|in) (?:the |our |its )?(?:weight|expected \w+|index|score|risk|ratio|severity)|claims? (?:can|may|could|will|cannot|to) (?:\w+ )?(?:be )?(?:released|sent|submitted|processed|dropped|finali[sz]ed|paid|out)",
        unless=r"kg|apache|meld|glasgow|chads|wells|patient claims?",
    ),
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
    Sense(r"(?:weight of (?:the|this) (?:case|stay|admission|encounter|account|record)|(?:case|stay|admission|encounter)(?:'s)? weight|weights? (?:more|less|higher|better) in|(?:additional|extra|more|severity|risk|complexity) points|(?:severity|risk|complexity) (?:level|tier|points?|credit|coefficient)s? (?:\w+ )?(?:is worth|worth|counts?|pays?|rises?|goes|for the)|(?:low|high|lower|higher|better|another|different|more favou?rable) (?:group|tier|category|class|bucket|pot|band) (?:\w+ )?(?:of|for) (?:payment|stays|cases|reimburs\w+)|(?:falls?|fell|lands?|drops?|moves?|goes|put) (?:\w+ ){0,3}?(?:in|into|to) (?:a|the|another) (?:\w+[- ])?(?:weighted|paid|paying|valued) \w+)",
          unless=r"birth|dry weight|\bkg\b|apache|sofa|child-pugh|meld"),
    Sense(r"(?:length of stay|los|the (?:long )?stay|admission|hospital days?|days) (?:\w+ )?(?:look|seem|appear|be|is|are|becomes?) (?:\w+ )?(?:appropriate|justified|reasonable|necessary|covered|approved|defensible|authori[sz]ed|explained)|(?:justif|explain|support|defend|excus)\w* (?:the |this |our |such a )?(?:long |extended |inpatient |prolonged )?(?:stay|length of stay|los|admission|days|inpatient status)|medically necessary|medical necessity",
          unless=r"whether|patient (?:justif|explain)\w*"),
    Sense(r"higher[- ](?:paying|weighted|paid|valued) \w+|(?:better|higher)[- ]paying"),
)  # fmt: skip

_SCALES = r"apache|sofa|saps|meld|pim-?[23]|prism|curb|port|pneumonia|pesi|grace|timi|iss|injury severity"

QUALITY = (
    Sense(
        r"surveyors?|accreditors?|accreditation|(?:care|risk|coding|hcc|documentation) gaps?|gap closure|re-?captur\w*|annual(?:ly)? (?:recapture|refresh)|sampled? (?:for|in|by) (?:the )?(?:audit|review|abstraction|reviewers?)|(?:core|sep-?1|sepsis) (?:measure|bundle|sample|abstraction)|sep-?1|abstracted",
        unless=r"pathology|tissue|biops\w*|biopsy|gap (?:of|between|at|in the (?:bone|fracture|tendon))|anion|bundle branch|sepsis bundle (?:started|given|completed|at)|anastomo\w*|pacemaker|captur\w* on",
    ),
    Sense(
        r"(?:expected|observed|predicted) (?:deaths?|death rate|mortalit\w+|readmissions?|los|length of stay)|(?:deaths?|mortality) (?:\w+ )?(?:exceeds?|than|over|above) (?:the )?expected|(?:board|management|administration|leadership|executives?|c-suite|the medical director|headquarters) (?:\w+ )?(?:looks?|tracks?|watch\w*|monitors?|wants?|reviews?|asks?|asked|follows|counts|measures?|sees)|we are (?:\w+ )?(?:measured|judged|ranked|graded|compared|scored|benchmarked)|(?:our )?peers (?:report|have|document|capture|code)|twice as often as (?:we|us|our)|(?:reported|listed|recorded|booked|charged) (?:under|against|to) (?:our|your|the hospital'?s?) (?:name|account|record|number)",
        unless=r"meld|apache|sofa|tumor board|board[- ]certified|ethics board|prognosis|palliative",
    ),
    Sense(
        r"(?:counts?|counted|reported|classified|classed|treated|scored|flagged|logged) as (?:an? )?(?:hospital|facility|nosocomial|health ?care)[- ]acquired|(?:if|otherwise|unless) [^.?!]{0,40}(?:hospital|facility)[- ]acquired",
        unless=r"pneumonia (?:was|is) classified|whether|please (?:clarify|specify)",
    ),
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
    Sense(r"s\.?m\.?r\.?(?= (?:looks?|is|goes|rises|suffers|will|would|would|improves))|our (?:s\.?m\.?r\.?|o/e|los|cmi|readmits?|mortality|query rate)|standardi[sz]ed mortality"),
    Sense(r"observed[- ]to[- ]expected(?! (?:weight|height|growth|length|response|course))|observed[-/ ]over[- ]expected|observed/expected|o/e|o:e"),
    Sense(r"(?:states?|cms|government|web ?sites?|public|publicly|newspapers?|agenc(?:y|ies)|department of health) (?:\w+ ){0,2}?(?:publish\w*|post(?:s|ed)|reports? (?:on )?(?:these|those|such|our|hospitals?|complications?)|lists? (?:these|our|hospitals?)|sees? (?:these|our|it)|compares?|ranks?)|publish\w* (?:complications?|rates?|outcomes?|results|mortality|data|figures|list|by the state)|(?:complication|infection|mortality|readmission|quality|deficiency|outlier|never event) (?:list|tally|count|column|report|log|register|registry|measures?|cohort|denominator|numerator|pool|figures?)|(?:out of|off|onto|on|from|in|into) (?:the |our |your )?(?:psi|hac|readmission|complication|mortality|quality|infection|sepsis|sep-?1|core) (?:list|measures?|cohort|bundle|report|pool|denominator|numerator|count|tally|metrics?|data)",
          unless=r"public health|reported to the (?:state|county) (?:health|lab)|transplant list|psi (?:score|of)"),
    Sense(r"(?:complication|infection|mortality|readmission|survival|death|return) (?:rates?|numbers|figures|statistics|profile) (?:\w+ )?(?:would|will|could|may|might|goes?|going|go|look|looks|rise|rises|drop|drops|improve\w*|suffer\w*|depends?|up|down)|(?:surgeon|physician|provider|hospitalist|doctor|department|unit|service|hospital)(?:'s|s')? (?:\w+ )?(?:complication|infection|mortality|readmission|outcome|success) (?:rates?|numbers|figures|statistics|profile)|(?:statistics|figures|numbers|rates?|scores?|ratings?|rankings?|profile|index|benchmarks?) (?:of|for) (?:the|our|this|your) (?:department|hospital|unit|service|surgeon|physician|group|facility|division|clinic)|(?:our|the hospital's|your|department) (?:\w+ )?(?:statistics|figures|numbers|rankings?|ratings?|benchmarks?)|(?:target|focus|priority|top) (?:diagnos[ei]s|conditions?|list|drgs?) (?:\w+ )?(?:for|of|this|in) (?:the |this )?(?:quarter|year|month|campaign|fiscal)|(?:our|cdi|quarterly|monthly|annual) (?:targets?|quotas?|goals?|campaign)"
          r"|(?:benchmark|ranking|rating|score|index|rate)s? (?:suffers?|slips?|drops?|falls?|rises?|improves?|gets? worse|goes|looks? (?:bad|poor|worse))",
          unless=r"glucose|heart rate|resp|apgar|pain score|vitals?|gcs|cardiac index|ventricular"),
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
    Sense(rf"(?:in|on|under|upon|for|during|win|lose|survive|file|defend|prepar\w+|support|fight|avoid|help\w*|protect\w*) (?:\w+ ){{0,2}}?(?:an? |the |our |any |your )?appeals?(?! to (?:the )?(?:patient|family))|{_PAYER} (?:\w+ )?(?:reviewers?|nurse|medical director|physician|criteria|letter|rejection|requests?|portal)|(?:plan|payer|insurer|insurance|medicare|medicaid|outside|external|contract\w*)(?:'s)? (?:reviewers?|auditors?|medical director)|(?:disallow|disput|contest|challeng|overturn|reject|deny|downgrad|take back|claw back|recoup)\w*",
          beside=r"payers?|plan|insurer|insurance|medicare|reviewer|auditor|claim|stay|admission|diagnos[ei]s|code|money|appeal\w*|hospital|days|case", unless=rf"(?:patient|pt|he|she|family|mother|who) (?:has |had |also |currently )?den(?:y|ied|ies)|denies|{_SOCIAL}|fluid challenge|challenge (?:test|dose)|methacholine|gluten|transplant|graft|food challenge|oral challenge|challeng\w* (?:airway|case|exam)|reject\w* (?:the )?(?:feeding|tube|transfusion)|plan of care|plan: "),
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
