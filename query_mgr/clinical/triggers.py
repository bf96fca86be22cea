"""The phrases that say something of a name near them: one table, as data.

A row reads: kind, on which side of the name the phrase stands, how many words it reaches, what ends its reach, and
the phrases. In a phrase `[a|b]` is optional, `(a|b)` is one of them, `kin` a word list below, `####` a year, `#`
another number, `$` the end of the sentence. The longest phrase wins, so "no change" in the row of PSEUDO takes "no" away from
the row of NEGATED. After ConText (Harkema et al., J Biomed Inform 2009;42:839-51); which words count as
uncertain follows ICD-10-CM Official Guidelines, section II.H.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from query_mgr.clinical.library import expand

NEGATED, DOUBTED, UNCERTAIN, HISTORICAL = "negated", "doubted", "uncertain", "historical"
FAMILY, OTHER, HYPOTHETICAL, ASSERTED = "family", "other", "hypothetical", "asserted"
#: a phrase that only looks like another one
PSEUDO = "pseudo"
BEFORE, AFTER = "before", "after"
FAR = 60

#: What can end a reach. CLAUSE: the sentence turns. CLAIM: a comma and then another trigger. COMMA: any comma.
#: LINK: a preposition that leads to another thing. PERSON: the sentence turns to the patient. PRESENT: to today.
CLAUSE, CLAIM, COMMA, LINK, PERSON, PRESENT, DENIAL = (
    "clause", "claim", "comma", "link", "person", "present", "denial",
)  # fmt: skip
_CLAUSES = frozenset({CLAUSE, CLAIM, PRESENT})
_NEAR = _CLAUSES | {COMMA, LINK}
_DOUBTS = _CLAUSES | {DENIAL}

#: Words that read as another, in the table and in texts.
SAME = {
    "kin": "mother father mom dad mum brother sister brothers sisters parent parents sibling siblings aunt aunts uncle "
    "uncles cousin cousins son daughter sons daughters grandmother grandfather grandparent grandparents grandson "
    "granddaughter niece nephew relative relatives",
    "nonkin": "husband wife spouse partner roommate coworker coworkers neighbor boyfriend girlfriend friend friends "
    "donor classmate classmates caregiver caretaker landlord contacts residents colleague colleagues dog cat",
    "timeunit": "minute minutes hour hours hr day days week weeks wk month months mo year years yr",
    "denies": "deny denying denys denise dennies",
}
_WORDS = {
    "tells": "reports|reported|states|stated|notes|noted|notices|noticed|describes|described|says|"
    "said|found|brought|brings|observed|saw|witnessed|called|feels|felt|thinks|believes|confirms|confirmed|endorses|"
    "expresses|is concerned|are concerned|was concerned|worries|relates|related|gives|gave|provides|provided|"
    "present|is present|at bedside|is at bedside|interprets|agrees|requests|requested|wonders|complains",
    "whose": "his|her|their|the|a|an|the patient's|patient's|pt's|my|both|one|two|several|multiple|first degree",
    "see": "see|seen|find|found|reveal|revealed|show|shown|demonstrate|demonstrated|disclose|disclosed|detect|"
    "detected|identify|identified|appreciate|appreciated|visualize|visualized|feel|felt|hear|heard|palpate|palpated|"
    "elicit|elicited|note|noted|observe|observed|suggest|support|indicate|confirm|confirmed|exhibit|report|reported|"
    "describe|complain of|complained of|endorse|admit to|display|reproduce|evidence",
    "better": "change|changes|improvement|increase|decrease|worsening|worse|better|different|larger|smaller|"
    "relief|resolution|response|progress|progression|interval change|healing|recovery",
    "treatment": "medication|medications|treatment|therapy|cure|drug|drugs|intervention|antibiotics|surgery|insulin|"
    "prenatal care|contraindication|contraindications|indication|need|code|exceptions|problem with",
    "test": "study|studies|exam|examination|film|films|radiograph|radiographs|ct|mri|scan|visit|value|values|"
    "imaging|x-ray|xray|report|echo|ekg|ecg|note|level|levels|tracing|comparison",
}


@dataclass(frozen=True)
class Trigger:
    """One row of the table."""

    kind: str
    side: str
    reach: int
    ended_by: frozenset[str]
    phrases: str  # separated by ";"


TRIGGERS = (
    Trigger(NEGATED, BEFORE, FAR, _CLAUSES, """
        no; no [definite|obvious|clear|convincing] [radiographic|clinical|ct] (evidence|sign|signs|suggestion)
        [of|for|that] [he|she|there|the patient] [has|had|is]; denies [only]; denied [only];
        (denies|denied) [that|to] [he|she|the patient|pt] [has|had|having] [any]; without; w / o; w / out; w o;
        [was|is|were|are|tested] negative for [any]; neg for; negative to; negative findings for; unremarkable for;
        noncontributory for; non - contributory for; nonsignificant for; absence of; lack of; lacks; lacking; lacked;
        free of; free from; clear of; devoid of; never had; never developed; has never; have never; had never; never;
        ruled (him|her|the patient) out for; ruled out; ruled out for; rules out; ruling out for; r / o'd; r / o'd for;
        excluded; excludes; excluding; nor; none of; no one; nobody;
        no further; no more; no longer; no longer (has|have|having|had); resolved without; nothing to suggest;
        rather than; instead of; as opposed to; but no; not (have|having|had) any;
        (do|does|did|has|have|had|is|was|were|are|be|been) not [been|yet|clearly|actually] [any|ever] {see};
        (do|does|did|has|have|had) not [been|ever|yet] (have|had|has|having|develop|developed|experience|experienced|suffer|suffered|sustain|sustained|meet|met); (do|does|did) not [appear|seem] to (have|be);
        not (consistent|compatible|associated|complicated|accompanied|concerning|suspicious|positive|diagnostic|suggestive|
        indicative|characteristic|typical) [with|by|for|of]; not suggest; not suggesting; not demonstrating; not known to have;
        (fail|fails|failed|failing|failure) to {see}; (unable|inability) to {see}; could not [be] {see}; can not [be] {see};
        not (think|believe|feel|suspect) [that] [he|she|this|it|there|the patient] [has|is|was|to be|represents];
        at no time [did] [he|she|the patient] [complain of|have|develop]; neither; unticked [for]; no (c / o|complaint of|complaints of|reports of|report of); kin [has|have] (denies|denied); (reviewed and|systems|otherwise) negative , including"""),
    Trigger(NEGATED, BEFORE, 3, _NEAR | {PERSON}, "not; not in; and not; but not; negative; neg; unable to; absent; non - responder to; ruled against"),
    Trigger(NEGATED, BEFORE, 6, _CLAUSES | {LINK}, "not (use|used|drink|abuse|smoke|carry|produce|receive)"),
    Trigger(NEGATED, BEFORE, 0, _NEAR, "non; non -; , -; not any"),
    Trigger(NEGATED, AFTER, 8, _CLAUSES | {COMMA}, """
        [but] (is|was|has been|have been|had been|are|were|being|be) [then|also|now|since|subsequently|effectively|all] (ruled out|excluded);
        [but] not (present|seen|identified|found|noted|appreciated|detected|demonstrated|visualized|visualised|evident|observed|
        heard|palpated|felt|elicited|suspected|reported|visible|apparent|audible|palpable|noticed|there);
        and not found; [but] (did|does|do|has|have) not (recur|recurred|develop|developed|occur|occurred|materialize|appear|return|returned);
        (is|was|are|were) (absent|negative|denied); could not be {see}; can not be {see}; never (developed|occurred|materialized|recurred|seen|found);
        no longer (present|seen|evident|visible|noted|identified|detected|visualized|a concern|has|have); came back negative; (ruled out|excluded) by;
        : none; : negative; : neg; : denies; : denied; : absent"""),
    Trigger(NEGATED, AFTER, FAR, _CLAUSES, "(are|were) [all] (absent|negative|denied|ruled out|excluded); not (present|seen|identified|noted|found) $; are not (present|seen|identified|noted|found)"),
    Trigger(NEGATED, AFTER, 1, _NEAR, """
        ruled out; excluded; r / o'd; absent; negative; neg; denied; denies; - denies; - denied; - negative; - neg; - none; none;
        . . . denies; . . . denied; - free; free; : no ($|,|.); - no ($|,|.); isno; ? no; ? none; ? denies; ? negative; no $; not (required|needed|necessary)"""),
    Trigger(ASSERTED, AFTER, 1, _NEAR, ": yes; : y; : positive; : present; ? yes; - yes; isyes; : pos; - positive"),
    Trigger(DOUBTED, BEFORE, FAR, _CLAUSES, """
        [very|highly|quite|felt|considered] unlikely [to be|to have|to represent|that]; doubt; doubts; doubtful [that|for]; improbable; not likely [to be|to have]; less likely [to be];
        (low|little|minimal|no) [clinical|index of] (suspicion|concern|probability|likelihood) (for|of|that)"""),
    Trigger(DOUBTED, AFTER, 6, _CLAUSES | {COMMA}, """
        unlikely; very unlikely; less likely; not likely; doubtful; improbable; (low|lower) on the differential; not favored"""),
    Trigger(UNCERTAIN, BEFORE, FAR, _DOUBTS, """
        possible; possibly; possibility of; probable; probably; likely; suspect; suspects; suspected; suspecting; suspicion of; suspicion for;
        suspicious [but not diagnostic] (for|of); questionable; questionably; question; question of; query; ?; concern for; concern of; concerned about; concerning for; worry about; worried about;
        worrisome for; rule out; rule - out; to rule out; to rule (him|her|the patient) out for; r / o; r o; ro; versus; vs; vs .;
        (appear|appears|appeared|seem|seems) to (be|have|have had|represent|reflect); (consistent|compatible|in keeping) with; c / w;
        suggest; suggests; suggested; suggesting; suggestive of; may (have|be|be having|have had|represent|reflect); might (have|be|be having|have had|represent|reflect); could (be|represent|have|have had|reflect);
        indicative of; presumed; presumably; presumptive; presumptively; provisional; provisionally; tentative; (provisional|tentative|presumptive|presumed|probable|possible|suspected|likely) diagnosis [of|is]; tentatively; working diagnosis [of]; (the|in the|on the) differential [diagnosis] [includes|including|is|of|for]; differential [diagnosis] [includes|including];
        evaluate for; evaluated for; evaluation for; evaluation of possible; assess for; look for; looking for; pending to look for; perhaps; maybe; potential; potentially; equivocal for; indeterminate for; indefinite for; borderline for;
        felt to be; thought to (be|have|represent); believed to be; impression of; points to; point to; point toward; points toward; favor; favors; favoring; raises the question of; raise the question of;
        can not [completely|entirely|definitively|reliably|fully] (rule out|exclude); could not [completely|entirely|definitively|reliably|fully] (rule out|exclude); unable to (rule out|exclude); not (rule out|exclude); not [yet] (ruled out|excluded); not (be|been) [completely|entirely|definitively|yet] (ruled out|excluded); difficult to exclude; impossible to exclude; hard to exclude; without excluding; not excluding"""),
    Trigger(UNCERTAIN, AFTER, 8, _CLAUSES | {COMMA}, """
        (is|was|are|were|remains|remain) [also|still|highly|strongly|clinically|thought|considered|felt|a|the] (suspected|possible|probable|likely|questionable|presumed|favored|consideration|possibility|concern|in question|equivocal|uncertain);
        considered possible; can not [completely|entirely|definitively|reliably|fully] be [completely|entirely|definitively|reliably|fully] (ruled out|excluded); could not [completely|entirely|definitively|reliably|fully] be [completely|entirely|definitively|reliably|fully] (ruled out|excluded);
        not [be|been] [completely|entirely|definitively|yet|fully|reliably] (ruled out|excluded); [still] [needs|need] to be (ruled out|excluded|considered); must be (considered|ruled out|excluded); should be (considered|ruled out|excluded); (is|are|was|were|remains|remain|still) in the differential;
        a concern; a possibility; [is|are|was|were] favored over; until (proven|proved) otherwise"""),
    Trigger(UNCERTAIN, AFTER, 2, _NEAR, "suspected; likely; possible; probable; favored; questionable; considered; presumed"),
    Trigger(UNCERTAIN, AFTER, 1, _CLAUSES | {COMMA}, "versus; vs; vs ."),
    Trigger(UNCERTAIN, AFTER, 4, _CLAUSES | {COMMA}, "? $; ?"),
    Trigger(HYPOTHETICAL, BEFORE, FAR, _CLAUSES, """
        (risk|risks|chance|odds) (of|for|from|including|include|includes|are); at [high|higher|increased|low|moderate|significant|elevated] risk [for|of]; at risk; high risk (for|of); potential for;
        prevent; prevents; preventing; prevention of; to prevent; prophylaxis [for|against]; prophylactic; prophylactically; ppx for; monitor [closely] for; monitored [closely] for; monitoring [closely] for; screen for; screened for; screening for;
        watch [closely] for; watching for; observe for; (return|returns|come back|come in|call|seek care|seek attention|seek medical attention|notify md|notify|report) [to the er|to the ed|to the emergency room|to clinic|your doctor|the office|us|the clinic|immediately|md] (if|for|with|of|should|any);
        return precautions [given] [for]; rtc if; (in case|in the event) of; to avoid; avoid; if; unless; as needed for; prn; p . r . n .; prn for; whenever; reduce the chance of; lower the chance of; (signs|symptoms|warning signs) of (developing|impending);
        (warning|danger) signs of; fears; fear of; afraid of; fears developing; keep [out] from; sheet given re; information about; would [image|treat|operate|scan] [emergently] for; will follow (cbc|labs|exam|exams) for; report any"""),
    Trigger(HYPOTHETICAL, BEFORE, 3, _NEAR, "should; for any; against; if any; educated about; counseled about; educated on; counseled on"),
    Trigger(HYPOTHETICAL, BEFORE, 4, _CLAUSES, "to keep"),
    Trigger(HYPOTHETICAL, AFTER, 0, _NEAR, """
        prophylaxis; prophylactic; ppx; prevention; precaution; precautions; screen; screening; protocol; bundle; pathway; risk; alert; workup; work - up; work up; order set; orderset;
        education; vaccine; vaccination; immunization; booster; - prophylaxis; counseling; watch; recur; recurs; prone; should develop; rule"""),
    Trigger(HYPOTHETICAL, AFTER, 1, _NEAR, "from (developing|occurring|recurring)"),
    Trigger(HISTORICAL, BEFORE, FAR, _CLAUSES | {PRESENT}, """
        [past|personal|prior|previous|known|remote|distant] [medical|surgical] (history|hx) [is|was] (of|significant for|notable for|remarkable for|positive for|includes|including|pertinent for); (history|hx) [is|was] (of|significant for|notable for|remarkable for|positive for); hx; hx of; h / o; h o; ho;
        past medical history; past history; past surgical history; pmh; pmhx; psh; pshx; ob (hx|history) [includes|including|of]; history includes; history of prior; recovered from; in the past for; in the past he had; (years|yrs) ago [for|he had|she had]; never had; has never had; have never had; had never had;
        history of prior"""),
    Trigger(HISTORICAL, BEFORE, 8, _CLAUSES | {PRESENT, DENIAL}, "previous; prior; status post; s / p; sp; former; formerly; remote; remotely; scars from"),
    Trigger(HISTORICAL, BEFORE, 3, _NEAR | {PRESENT}, "previously; previously (had|diagnosed|known|treated) [for|with|as having]; treated [in the past] for in; past; last admitted for; known to have had; as a child (he|she) [had|suffered|contracted]; hospitalization last (month|year) for; hospitalized last (month|year) for"),
    Trigger(HISTORICAL, BEFORE, 1, _NEAR, "old; healed; old healed; chronic old; remote"),
    Trigger(HISTORICAL, AFTER, 6, _CLAUSES | {COMMA}, """
        in ####; in early ####; in late ####; in (january|february|march|april|may|june|july|august|september|october|november|december) [of] ####; (years|yrs|yr|year|months|decades) (ago|earlier|previously|before); last (year|month|winter|summer|spring|fall); in childhood; as a (child|teenager|young man|young woman|boy|girl|infant|toddler|kid);
        in the past; in remission; , in remission; survivor; , sober since; in his youth; in her youth; in (adolescence|college|infancy); in the (1960s|1970s|1980s|1990s|2000s); with her first pregnancy; with her last pregnancy; in a previous pregnancy; in a prior pregnancy; , abstinent; , none in; , cured; , cleared"""),
    Trigger(FAMILY, BEFORE, FAR, frozenset({PERSON}), """
        kin; family history [of|for]; family (hx|medical history|psychiatric history); fam hx; fam history; fh; fhx; in the family; maternal [history of]; paternal [history of]; familial history; strong family history [of|for]"""),
    Trigger(FAMILY, AFTER, 5, frozenset({CLAUSE}), """
        in {whose} [maternal|paternal|older|younger|twin|elder|late] kin; in kin; in [his|her|both] [maternal|paternal] kin; runs in (the|his|her|their) family; in (the|his|her) family; (affects|affected|also affects) {whose} kin; on the (maternal|paternal|mother's|father's) side; : kin; - kin; ( kin"""),
    Trigger(OTHER, BEFORE, 7, frozenset({PERSON, CLAUSE, CLAIM}), "nonkin; in the same (daycare|class|classroom|school|household|home|room|dormitory|unit)"),
    Trigger(PSEUDO, BEFORE, 0, frozenset(), """
        no [significant|acute|interval|further|appreciable|substantial|real|major|overall|much] {better} [in|of|to|with|from]; not [significantly|substantially|much|any|appreciably] {better}; no signs of {better}; without [any|significant|further] {better} [in|of|to|with]; not changed; not significantly changed; no worse; not only; not just; not merely; not simply; not necessarily; not surprisingly;
        no longer (requiring|requires|required|require|on|needs|needing|needed|takes|taking|using|uses); without difficulty; without incident; no doubt [that]; no question [about|that]; without (doubt|question); there is no doubt that; not to mention; not to be missed;
        no {treatment} [exists|available|needed|indicated|at this time]; no more than; no less than; no better than; no later than; no other; not known; not clear; not due to; not (stop|stopped|ceased|resolved|resolve|improved|improving|cleared|clear|relieved|relieve|help|helped|helping|controlled|control|completely resolved|fully resolved|tolerate|tolerated|respond|responded|responding);
        [was|is|has been|been|are|were|be] not [been] [a|an] (treated|taking|compliant|adherent|anticoagulated|a candidate|candidate|effective|using|used|evaluated|tested|screened|worked up|given|received|started); gram negative; gram - negative; gram neg; triple negative; triple - negative; coagulase negative; coagulase - negative; culture negative; culture - negative; rh negative; net negative; negative pressure; negative inotropy; guaiac negative;
        or excluded; not present on admission; not present at admission; non compliant; neither here nor there; free (air|fluid|water|flap|t4|text|fragment|thyroxine);
        timeunit [long|old] (history|hx) of; timeunit - (history|hx) of; timeunit h / o; (history|hx) of present [illness]; history of the present illness; (history|hx) (obtained|limited|provided|given|taken|and physical|from|per|by); past the; past # timeunit; over the past; for the past; in the past # timeunit; in the past (two|three|four|five|six|several|few|week|day|month|24|48); during the past; within the past; year old; years old; yr old; yo old; - old; - year - old;
        prior (to|{test}); previous {test}; [compared] (to|with|from) [the|a] (prior|previous) {test}; the previous {test}; the prior {test}; diagnosed in ####; since ####; compared with the previous; compared to the previous; last one;
        kin [also|both|has|have|had] [not] {tells}; nonkin [also] {tells}; (per|according to|from|by) [the|his|her|their|patient's] kin; (per|according to|from|by) [the|his|her] nonkin; (lives|living|live|lived|resides|stays|came|here|accompanied) [in|at home] [with|by|to] [the|his|her|their|a] kin; (lives|living|live|lived|resides|stays|came|here|accompanied) [in|at home] [with|by|to] [the|his|her|their|a] nonkin; kin [who|have|has] not (measured|noticed|seen);
        likely to; most likely; more likely; not certain; possible (trigger|triggers|causes|cause|etiologies|sources|source|precipitants); possibly to; should (have|be|not|continue|take|follow|also|remain); if not; even if; as if; what if; (care|cares|caring) for [the|his|her|their] kin; kin of;
        (discussed|spoke|spoken|talked|reviewed|conversation|meeting) with [the|his|her|their] kin"""),
    Trigger(PSEUDO, AFTER, 0, frozenset(), "negative (for|to|pressure); neg for; not present (on|at) admission; absent (from|in); free (air|fluid|water|flap)"),
    Trigger(UNCERTAIN, BEFORE, FAR, _DOUBTS, "most likely [represents|represent|due to]; more likely [represents]"),
)  # fmt: skip

#: What ends which reach, wherever it stands.
ENDS = {
    CLAUSE: """
        but; however; nevertheless; nonetheless; although; though; even though; yet; except; except for; apart from; aside from; other than; than; besides;
        due to; secondary to; because; because of; since; as a result of; attributed to; in the setting of; caused by; which; that is; with resultant; whereas; while; when; where; until; after; despite;
        presents with; presented with; presenting with; presents for; presented for; presents to; came in [with|for]; comes in [with|for]; here with; here for; who (presents|presented|comes|came|was|is|now) [with|in]; found to have; was found to; admitted for; admitted with; treated for; is being treated;
        now with; now has; now have; still has; still have; only; positive for; pos for; + for; ticked; +; is notable for; was notable for; is significant for; is remarkable for; reveals; revealed; shows; showed; demonstrates; demonstrated;
        complains of; complaining of; c / o; reports; reported; endorses; admits to; admits; developed; develops; continued to; continues to; and has; and had; and is; and was; and reports; and complains; but has; has been; explains; helped; makes; leading to; resulting in; , for; , with; , on; , due; , mild; , moderate; , severe; , trace; , positive; , some; , occasional; , chronic; , known; , continue; , continues; , still; , improving; , worsening; , stable; , started; , given; , his; , her; , he; , she; , the; , has; , is; , was; , had; , they; , it""",
    PERSON: """
        the patient; patient; pt; he; she; himself; herself; the infant; infant; the child; the baby; baby's; the boy; the girl; the newborn""",
    PRESENT: "now; today; currently; this morning; tonight; presently; at present; with residual; here; , with; on exam; on admission; missed; presenting",
    LINK: "for; because; to; that; by; from; as; on; during; of; about; in; if; after; before; at",
}  # fmt: skip

#: Headings that decide for the names below them; every other known heading ends them.
SECTIONS = {
    FAMILY: """family history; family medical history; family hx; fam hx; fh; fhx; family psychiatric history; fam history; family""",
    HISTORICAL: """
        past medical history; past surgical history; past medical/surgical history; past history; past psychiatric history; medical history; surgical history; prior medical history; prior surgical history; pmh; pmhx; psh; pshx; past hx; past medical hx; past surgical hx; obstetric history; ob history; ob hx; past obstetric history; past medical and surgical history; prior history""",
    PSEUDO: """
        allergies; allergy; medications; meds; current medications; home medications; social history; social hx; sh; shx; review of systems; ros; physical exam; physical examination; exam; pe; vitals; vital signs; labs; laboratory; laboratory data; data; imaging; assessment; assessment and plan; assessment/plan; a/p; a&p; a; p; s; o; plan; impression;
        findings; indication; technique; comparison; hospital course; course; brief hospital course; history of present illness; hpi; history; chief complaint; cc; subjective; objective; discharge diagnosis; discharge diagnoses; final diagnosis; final diagnoses; admitting diagnosis; admission diagnosis; principal diagnosis; secondary diagnoses; discharge medications;
        disposition; condition; recommendations; discussion; diagnosis; diagnoses; problem list; problems; active problems; procedures; procedure; consults; follow up; follow-up; instructions; discharge instructions; ed course; medical decision making; mdm; summary; conclusion; studies; results; immunizations; habits; diet; activity; reason for admission; reason for visit""",
}  # fmt: skip

_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[^\w\s]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_READS_AS = {word: name for name, words in SAME.items() for word in words.split()}


@dataclass
class Node:
    """Tokens that may follow; the rows and ends of the phrase that ends here."""

    following: dict[str, Node] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    ends: frozenset[str] = frozenset()
    is_phrase: bool = False


@functools.cache
def tree(side: str) -> Node:
    """Return the phrases that matter on one side of a name as a tree of tokens."""
    root = Node()
    for row in TRIGGERS:
        if row.side == side:
            for phrase in phrases(row.phrases):
                _leaf(root, phrase).triggers.append(row)
    for name, text in ENDS.items():
        for phrase in phrases(text):
            _leaf(root, phrase).ends |= {name}
    return root


@functools.cache
def sections() -> dict[str, str]:
    """Return what each known heading makes of the names below it; PSEUDO for nothing."""
    return {name: kind for kind, text in SECTIONS.items() for name in phrases(text)}


def phrases(text: str) -> Iterator[str]:
    """Yield the phrases of a cell of the table, choices written out."""
    for name, words in _WORDS.items():
        text = text.replace("{" + name + "}", f"({words})")
    for one in text.split(";"):
        if one.strip():
            yield from expand(" ".join(one.split()))


def _leaf(root: Node, phrase: str) -> Node:
    node = root
    for token in tokens(phrase.replace("####", "1999").replace("#", "1")):
        node = node.following.setdefault(token, Node())
    node.is_phrase = True
    return node


_SPELLED = {
    "n't": " not", "cannot": "can not", "2/2": "due to", "[ ]": " unticked ", "[]": " unticked ", "(-)": " unticked ", "[x]": " ticked ",
    "(+)": " ticked ", "(n)": " isno ", "(no)": " isno ", "(neg)": " isno ", "(y)": " isyes ", "(yes)": " isyes ", "\u2019": "'",
}  # fmt: skip
_OTHERWISE_SPELLED = re.compile("|".join(re.escape(one) for one in _SPELLED))


def tokens(text: str) -> list[str]:
    """Return words and punctuation of a text in the spelling of the table."""
    text = _OTHERWISE_SPELLED.sub(lambda found: _SPELLED[found[0]], text.lower())
    return [_number(one) if one.isdigit() else _READS_AS.get(one, one) for one in _TOKEN.findall(text)]


def _number(digits: str) -> str:
    return "####" if _YEAR.fullmatch(digits) else "#"
