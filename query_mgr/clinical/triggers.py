"""What a phrase near a name says of it: the table, as data. `phrases.py` reads it, `assertions.py` applies it.

A row reads: kind, side of the name on which the phrase stands, how many words it reaches, what ends its reach,
phrases. In a phrase `[a|b]` is optional and `(a|b)` is one of them; `{see}` is one of a list, `KIN` and the like
a word of SAME (both in `vocabulary.py`), `YEAR` a year, `NUMBER` another number, `END` the end of the sentence.
The longest phrase wins: "no change" (PSEUDO) takes the "no" away from NEGATED. After ConText (Harkema et al.,
J Biomed Inform 2009;42:839-51); what counts as uncertain follows ICD-10-CM Official Guidelines, section II.H.
"""

from __future__ import annotations

from dataclasses import dataclass

NEGATED, DOUBTED, UNCERTAIN, HISTORICAL = "negated", "doubted", "uncertain", "historical"
FAMILY, OTHER, HYPOTHETICAL = "family", "other", "hypothetical"
#: "Cough: yes" takes back what else was found; a PSEUDO phrase only looks like another one
ASSERTED, PSEUDO = "asserted", "pseudo"
BEFORE, AFTER = "before", "after"
FAR = 60

# What ends a reach. TURN: the sentence turns to something else. STATE: a verb says what is so. CLAIM: a comma and
# then another phrase of the table. COMMA: any comma. LINK: a preposition. PERSON: it turns to the patient.
# PRESENT: to today. DENIAL: a phrase that negates. JOIN: and, or. OWNED: "his", "the" and the like make the next
# thing a known one. COMPANY: what came with or after the past thing.
TURN, STATE, CLAIM, COMMA = "turn", "state", "claim", "comma"
LINK, PERSON, PRESENT, DENIAL, JOIN, OWNED, COMPANY = (
    "link", "person", "present", "denial", "join", "owned", "company",
)  # fmt: skip
_CLAUSE = frozenset({TURN, STATE, CLAIM, PRESENT})
_NEAR = _CLAUSE | {COMMA, LINK}


@dataclass(frozen=True)
class Trigger:
    """One row of the table."""

    kind: str
    side: str
    reach: int
    ended_by: frozenset[str]
    phrases: str  # separated by ";"


TRIGGERS = (
    Trigger(NEGATED, BEFORE, FAR, _CLAUSE, """
        no; no (evidence|sign|signs|suggestion|indication) [of|for|that] [{they}] [has|had|is]; nor; neither;
        none of; no one; nobody; no (further|more|longer); no longer (has|have|having|had);
        no (c / o|complaint of|complaints of|reports of|report of); denies [only];
        (denies|denied) [that|to] [{they}] [has|had|having]; denied [only]; without; w / o; w / out; w o;
        negative for; neg for; neg . for; negative to; (guaiac|culture|rh|gram) (negative|neg) for;
        (guaiac|culture) neg . for; unremarkable for; noncontributory for; non - contributory for;
        nothing to suggest; no (reason|grounds|basis) to (suspect|suggest|think);
        not (thought|believed|considered) to (be|have|represent); absence of; lack of; lacks; lacking; lacked;
        free (of|from); clear of; devoid of; rather than; instead of; as opposed to; but no; never;
        never (had|developed|has|have); (has|have|had) never; not (have|having|had);
        at no time [did] [{they}] [complain of|have|develop];
        no (recurrence|recurrences|return|episodes|episode) of [{whose}]; ruled out [for]; ruled {them} out for;
        rules out; ruling out for; r / o'd [for]; excluded; excludes; excluding; resolved without;
        not [been|be] {see}; not [been|be] {get}; not [appear|seem] to (have|be); not known to (have|be);
        not to (be|represent|have); not {with} [with|by|for|of]; (fail|fails|failed|failing|failure) to {see};
        (unable|inability) to {see}; could not [be] {see}; can not [be] {see};
        not (think|believe|feel|suspect) [that] [{they}] [has|is|was|to be|represents]; UNTICKED [for];
        KIN [has|have] (denies|denied); (reviewed and|systems|otherwise) negative , including"""),
    Trigger(NEGATED, BEFORE, 6, _CLAUSE | {LINK}, "not (use|used|drink|abuse|smoke|carry|produce|receive)"),
    Trigger(NEGATED, BEFORE, 3, _NEAR | {PERSON, OWNED}, """
        not; not in; and not; but not; negative; neg; unable to; absent; ruled against; declines; declined;
        refuses; refused"""),
    Trigger(NEGATED, BEFORE, 0, _NEAR, "non; non -; , -"),
    Trigger(NEGATED, AFTER, FAR, _CLAUSE, """
        are [all] (absent|negative|denied|ruled out|excluded);
        were [all] (absent|negative|denied|ruled out|excluded); not (present|seen|identified|noted|found) END;
        are not (present|seen|identified|noted|found)"""),
    Trigger(NEGATED, AFTER, 8, _CLAUSE | {COMMA}, """
        [but] {was} (ruled out|excluded); {was} (absent|negative|denied); (ruled out|excluded) by;
        came back negative;
        [but|and] not (present|seen|identified|found|noted|appreciated|detected|demonstrated|visualized|
            visualised|evident|there|observed|heard|palpated|felt|elicited|suspected|reported|visible|apparent|
            audible|palpable|noticed);
        [but] (did|does|do|has|have) not (recur|recurred|develop|developed|occur|occurred|materialize|appear|
            return|returned); (could|can) not be {see};
        never (developed|occurred|materialized|recurred|seen|found);
        no longer (present|seen|evident|visible|noted|identified|detected|visualized|a concern|has|have); : none;
        - nkda; nkda; : negative; : neg; : denies; : denied; : absent"""),
    Trigger(NEGATED, AFTER, 1, _NEAR, """
        ruled out; excluded; r / o'd; absent; negative; neg; denied; denies; - denies; - denied; - negative;
        - neg; - none; none; . . . denies; . . . denied; free; - free; : no (END|,|.); - no (END|,|.); no END;
        ? no; ? none; ? denies; ? negative; ISNO; not (required|needed|necessary)"""),
    Trigger(ASSERTED, BEFORE, 2, frozenset({COMMA, LINK, JOIN, DENIAL}), """
        (of|from|with|during|to|for|about|on|in) (his|her|their|its|this|these|those|the)"""),
    Trigger(ASSERTED, AFTER, 1, _NEAR, """
        : yes; : y; : positive; : present; : pos; ? yes; - yes; - positive; ISYES"""),
    Trigger(DOUBTED, BEFORE, FAR, _CLAUSE, """
        unlikely [to be|to have|to represent|that]; doubt; doubts; doubtful [that|for]; improbable;
        (not|less) likely [to be|to have];
        (low|little|minimal|no) [clinical|index of] (suspicion|concern|probability|likelihood) (for|of|that)"""),
    Trigger(DOUBTED, AFTER, 6, _CLAUSE | {COMMA}, """
        unlikely; less likely; not likely; doubtful; improbable; not favored"""),
    Trigger(UNCERTAIN, BEFORE, FAR, _CLAUSE | {DENIAL}, """
        possible; possibly; possibility of; probable; probably; likely;
        (most|more) likely [represents|represent]; {maybe} (due to|secondary to|because of|from|related to);
        presumed; presumably; presumptive; presumptively; provisional; provisionally; tentative; tentatively;
        perhaps; maybe; potential; potentially;
        (provisional|tentative|presumptive|presumed|probable|possible|suspected|likely|working) diagnosis [of|
            is]; ?; query; suspect; suspects; suspected; suspecting; suspicion (of|for);
        suspicious [but not diagnostic] (for|of); questionable [for]; question [of];
        (raise|raises) the question of; concern (for|of); concerned about; concerning for; worry about;
        worried about; worrisome for; rule out; rule - out; to rule {them} out for; r / o; r o; versus; vs; vs .;
        {seem} to (be|have|have had|represent|reflect); (consistent|compatible|in keeping) with; c / w; suggest;
        suggests; suggested; suggesting; suggestive of; indicative of;
        (may|might|could) (be|have|represent|reflect|be having|have had); (felt|believed) to be;
        thought to (be|have|represent);
        (the|in the|on the) differential [diagnosis] [includes|including|is|of|for];
        differential [diagnosis] [includes|including];
        (evaluate|evaluated|evaluation|assess|look|looking|worked up) for; to exclude;
        (sounds|looks|looked) like; (equivocal|indeterminate|indefinite|borderline) for;
        (point|points) (toward|to); favor; favors; favoring; can not [be] (rule out|exclude);
        could not (rule out|exclude); unable to (rule out|exclude); not (rule out|exclude);
        not [be|been] (ruled out|excluded); (difficult|impossible|hard) to exclude; without excluding;
        not excluding"""),
    Trigger(UNCERTAIN, AFTER, 8, _CLAUSE | {COMMA}, """
        {was} [thought|considered|felt|a|the] (suspected|possible|probable|likely|questionable|presumed|favored|
            consideration|possibility|concern|in question|equivocal|uncertain); considered possible; a concern;
        a possibility; favored over; (can|could) not be (ruled out|excluded); not [be|been] (ruled out|excluded);
        [needs|need] to be (ruled out|excluded|considered); (must|should) be (considered|ruled out|excluded);
        in the differential; until (proven|proved) otherwise"""),
    Trigger(UNCERTAIN, AFTER, 4, _CLAUSE | {COMMA}, "?"),
    Trigger(UNCERTAIN, AFTER, 2, _NEAR, """
        suspected; likely; possible; probable; favored; questionable; considered; presumed"""),
    Trigger(UNCERTAIN, AFTER, 1, _CLAUSE | {COMMA}, "versus; vs; vs ."),
    Trigger(HYPOTHETICAL, BEFORE, FAR, frozenset({TURN, CLAIM, PRESENT}), """
        risk factor for; risk factors for; (risk|risks|chance|odds) (of|for|from|including|include|includes|are);
        at [high|higher|increased|low|moderate|elevated] risk [for|of]; prevent; prevents; preventing;
        prevention of; prophylaxis [for|against]; prophylactic; prophylactically; ppx for; potential for;
        (monitor|monitored|monitoring) [closely] for; (screen|screened|screening) for;
        (watch|watching|observe) [closely] for; avoid; if; unless;
        (return|returns|come back|come in|call|seek care|seek attention|notify|notify md|report) [to the er|
            to the ed|to the emergency room|to clinic|your doctor|the office|us|the clinic|immediately|md] (if|
            for|with|of|should|any); return precautions [given] [for]; rtc if; (case|event) of; as needed for;
        prn; p . r . n .; whenever; (reduce|lower) the chance of; fears; fear of; afraid of;
        (warning|danger) signs of; (signs|symptoms) of (developing|impending); keep [out] from; sheet given re;
        information about; would (image|treat|operate|scan) for; will follow (cbc|labs|exam|exams) for;
        report any"""),
    Trigger(HYPOTHETICAL, BEFORE, 3, _NEAR, "should; for any; against; (educated|counseled) (about|on); to keep"),
    Trigger(HYPOTHETICAL, AFTER, 0, _NEAR, """
        prophylaxis; - prophylaxis; prophylactic; ppx; prevention; precaution; precautions; screen; screening;
        protocol; bundle; pathway; risk; alert; workup; work - up; work up; order set; orderset; education;
        counseling; vaccine; vaccination; immunization; booster; recur; recurs; should develop;
        from (developing|occurring|recurring)"""),
    Trigger(HISTORICAL, BEFORE, FAR, _CLAUSE, """
        [past|personal|prior|previous|known|remote] [medical|surgical] {hx} [is|was] {of}; hx; h / o; h o;
        past [medical|surgical] {hx}; pmh; pmhx; psh; pshx; ob {hx} [includes|including|of];
        history (of prior|includes); recovered from; past diagnosis of; in the past for;
        LONGTIME ago [he|she] (for|with|had|showed|revealed|underwent); never had; (has|have|had) never had"""),
    Trigger(HISTORICAL, BEFORE, 8, _CLAUSE | {DENIAL, COMPANY}, """
        previous; prior; status post; s / p; former; formerly; remote; remotely; scars from"""),
    Trigger(HISTORICAL, BEFORE, 3, _NEAR, """
        previously; previously (had|diagnosed|known|treated) [for|with|as having]; past; known to have had;
        last admitted for; as a child (he|she) [had|suffered|contracted];
        (hospitalization|hospitalized) last LONGTIME for"""),
    Trigger(HISTORICAL, BEFORE, 8, _CLAUSE, "in (his|her) {decade} (he|she) had"),
    Trigger(HISTORICAL, BEFORE, 1, _NEAR, "old; healed; old healed"),
    Trigger(HISTORICAL, AFTER, 6, _CLAUSE | {COMMA}, """
        in [early|late|mid] YEAR; in {month} [of] YEAR; LONGTIME (ago|earlier|previously|before);
        last (LONGTIME|winter|summer|spring|fall); in childhood;
        as a (child|teenager|young man|young woman|boy|girl|infant|toddler|kid); in the [remote|distant] past;
        in [his|her] (youth|adolescence|infancy); in (his|her) {decade}; at age [of] NUMBER;
        when (he|she) was (boy|girl|child|young|NUMBER); [,] in remission; survivor;
        [,] status post {treatment} in YEAR; with her (first|last|previous) pregnancy;
        in a (previous|prior) pregnancy; , sober; , abstinent; , none in; , cured; , cleared"""),
    Trigger(FAMILY, BEFORE, FAR, frozenset({PERSON}), """
        KIN; family {hx} [of|for]; family (medical|psychiatric|social) {hx} [of|for]; fam {hx} [of|for]; fh; fhx;
        familial history [of]; in the family; family member; family members; maternal; paternal;
        (maternal|paternal) {hx} of; KIN [has|had|have] [a] {hx} of"""),
    Trigger(FAMILY, BEFORE, 2, _NEAR | {PERSON}, "KINS"),
    Trigger(FAMILY, AFTER, 5, frozenset({TURN, STATE}), """
        in [{whose}] [maternal|paternal|older|younger|twin|elder|late] KIN; runs in (the|his|her|their) family;
        in (the|his|her) family; (affects|affected) {whose} KIN; on the (maternal|paternal|KINS) side; : KIN;
        - KIN; ( KIN"""),
    Trigger(OTHER, BEFORE, 7, frozenset({PERSON, TURN, STATE, CLAIM}), """
        NONKIN; in [his|her|the] same (daycare|class|classroom|school|household|home|room|dormitory|unit)"""),
    Trigger(PSEUDO, BEFORE, 0, frozenset(), """
        no {better} [in|of|to|with|from]; not {better}; no (evidence|sign|signs) of {better};
        without {better} [in|of|to|with]; not changed; no worse;
        not (only|just|merely|simply|necessarily|surprisingly|certain|clear|known|due to|to mention|
            to be missed);
        no longer (requiring|requires|required|require|on|needs|needing|needed|takes|taking|using|uses);
        without (difficulty|incident); no (doubt|question) [that|about];
        no (cause|etiology|explanation) [of|for]; without (doubt|question);
        no {treatment} [exists|available|needed|indicated|at this time]; no (more|less|better|later) than;
        not (a candidate|candidate|compliant|adherent|effective|anticoagulated); non compliant;
        not (stop|stopped|ceased|resolved|resolve|improved|improving|cleared|clear|relieved|relieve|help|helped|
            helping|control|controlled|tolerate|tolerated|respond|responded|responding);
        not [been] (treated|taking|using|evaluated|tested|screened|worked up|given|started);
        not present (on|at) admission; free {free};
        (gram|triple|coagulase|culture|rh|net|guaiac) [-] (negative|neg); gram neg; or excluded;
        negative (pressure|inotropy); {unit} [-] [long|old] {hx} of; {unit} h / o;
        {hx} of [the] present [illness]; {hx} (obtained|limited|provided|given|taken|and physical|from|per|by);
        past the; past NUMBER {unit}; (over|for|during|within) the past; in the past {unit};
        in the past (NUMBER|two|three|four|five|six|several|few) [{unit}]; {unit} old; {unit} - old; yo old;
        - old; prior to; prior {test}; previous {test}; diagnosed in YEAR; diagnosed at age [of] NUMBER;
        since age NUMBER; since YEAR; last one; KIN [also|both|has|have|had] [not] {tells};
        NONKIN [also] {tells}; (per|according to|from|by) [{whose}] KIN; {lives} [{whose}] KIN;
        (per|according to|from|by) [{whose}] NONKIN; {lives} {whose} NONKIN;
        KIN [who|have|has] not (measured|noticed|seen); KIN of; (care|cares|caring) for [{whose}] KIN;
        (discussed|spoke|spoken|talked|reviewed|conversation|meeting) with [{whose}] KIN; likely to;
        (likely|possible|probable) (cause|causes|etiology|source|sources|explanation|reason|trigger|triggers|
            precipitants) [of|for]; not certain [if|whether]; possibly to;
        should (have|be|not|continue|take|follow|remain); if not; even if; as if; what if; call if"""),
    Trigger(PSEUDO, AFTER, 0, frozenset(), """
        negative (for|to|pressure); neg for; not present (on|at) admission; absent (from|in); free {free}"""),
)  # fmt: skip

#: What ends which reach, wherever it stands.
ENDS = {
    TURN: """
        but; however; nevertheless; nonetheless; although; though; even though; yet; except; except for;
        apart from; aside from; other than; than; besides; due to; secondary to; because; because of; since;
        as a result of; attributed to; in the setting of; caused by; which; that is; whereas; while; when; where;
        until; after; despite; only; (presents|presented|presenting) [with|for|to]; came in; comes in;
        here (with|for); who (presents|presented|comes|came|was|is|now) [with|in];
        (admitted|readmitted) (for|with); NUMBER ); treated for; with (his|her|their|resultant); TICKED; +;
        and (the|there|his|her|he|she|we|it|patient); , {organ}; as the (cause|source|reason|etiology) (of|for);
        , (for|with|on|due|mild|moderate|severe|trace|minimal|small|large|positive|some|occasional|chronic|known|
            stable|improving|worsening);
        , (continue|continues|still|started|given|his|her|he|she|the|they|it|patient|pt)""",
    STATE: """
        found to have; was found to; (now|still) (with|has|have); positive for; pos for;
        (is|was) (notable|significant|remarkable) for; reveals; revealed; shows; showed; demonstrates;
        demonstrated; complains of; complaining of; c / o; reports; reported; endorses; admits to; admits;
        developed; develops; (continued|continues) to; and {does}; explains; helped; makes; {subject_has};
        leading to; resulting in; began; started; beginning; , (is|has|was|had); is being treated""",
    PERSON: """
        the patient; patient; pt; he; she; himself; herself; the infant; infant; the child; the baby; baby's;
        the boy; the girl; the newborn; {subject_has}""",
    PRESENT: """
        now; today; currently; this morning; tonight; presently; at present; with residual; here; , with;
        on (exam|admission); presenting""",
    LINK: "for; because; to; that; by; from; as; on; during; of; about; in; if; after; before; at",
    DENIAL: "over",    JOIN: "and; or",
    COMPANY: "with; by",
    OWNED: "his; her; their; its; this; these; those; the",
}  # fmt: skip
