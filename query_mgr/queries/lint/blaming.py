"""How a sentence blames its reader, talks down, loses patience or threatens (Q26): what is said of whom.

Only the provider and what the provider wrote can be blamed; a patient may be a poor historian, a notice may be the second.
"""

from __future__ import annotations

from query_mgr.queries.lint.grammar import Pattern, Patterns

BLAMES = Patterns((
    Pattern("HARSH ..2 WORK|EXAM", unless="BAD_CLINICAL PATIENT"),
    Pattern("WORK|EXAM ..4-PATIENT BE|seem~|look~|read~|remain~|sound~|border~_on ..4-PATIENT HARSH", unless="BAD_CLINICAL PATIENT"),
    Pattern("SOFT WORK", unless="BAD_CLINICAL PATIENT", beside="your you yours this the_team the_surgeon provider"),
    Pattern("your ..2 WORK|EXAM ..3 BE|seem~|look~|read~|remain~|sound~ ..3-PATIENT SOFT|HARSH", unless="BAD_CLINICAL PATIENT"),
    Pattern("your ..1 SOFT|HARSH ..2 WORK|EXAM|FAULT", unless="BAD_CLINICAL your_patient"),
    Pattern("you BE ..3 HARSH|wrong|mistaken|SOFT|confused", unless="BAD_CLINICAL PATIENT whether if_you"),
    Pattern("WRITERS ..4-PATIENT FAILED", unless="IGNORE_IT your_patient PATIENT"),
    Pattern("you ..2 missed|refused|skipped|misread|mislabeled|misdiagnosed|misnamed|mixed_up|mangled", unless="your_patient PATIENT"),
    Pattern("fail~|neglect~|forget~|omit~|refuse~|decline~ to SAYING|do_so", unless="PATIENT respond therapy treatment"),
    Pattern("WORK|you|this ..3 give~|leave~|tell~|offer~|provide~|hand~ ..1 us|me|coding|anyone|nobody|everyone|the_reader|readers ..2 nothing|little|no|guessing|guess|to_guess|wondering|in_the_dark|clueless", unless="PATIENT"),
    # patience lost
    Pattern("for? the? NTH time ..8 AUTHOR|this|you|ask~|remind~|chase~|write~|request~|had_to|have_to", unless="PATIENT"),
    Pattern("NTH time|attempt|request|reminder|query|message|e|email|page|ask ..3 that|AUTHOR|without", unless="PATIENT", beside="chase remind again without still ignored nothing silence had_to have_had you your this_week to_get"),
    Pattern("had|have|having|need|needing|hate|reduced|forced to ..2 CHASE"),
    Pattern("CHASE you|your|this_service|doctors|the_same"),
    Pattern("AUTHOR ..4 FEELING", unless="PATIENT"),
    Pattern("it BE ..2 disappointing|surprising|astonishing|troubling|regrettable|frustrating|annoying|embarrassing|remarkable|odd|strange|curious|puzzling|baffling|a_pity|a_shame|sad|unfortunate|telling|ironic|amazing|incredible ..1 that|how|to|when|,", unless="PATIENT"),
    Pattern("TRY", unless="PATIENT"),
    Pattern("SCORN|GRUMBLES", unless="PATIENT"),
    Pattern("why BE|do~|have~|would|could|can|ca ..7 NOT ..3 SAYING", unless="PATIENT"),
    Pattern("why BE|was|is ..5 NOT|never|missing|left_out|omitted|absent|blank", unless="PATIENT antibiotic given started held", beside="note cause type diagnosis documented SAYING WORK"),
    Pattern("MOCKS", unless="PATIENT BAD_CLINICAL asleep_at_home"),
    Pattern("your|this|the ..1 service|team|group|department|practice|note|notes ..1 BE ..2 known|famous|notorious|infamous|legendary|a_legend|a_byword"),
    Pattern("what your|the|his|her WORK ..1 would|did|could|does|do NOT"),
    Pattern("took|takes|take ..3 people|readers|coders|nurses|reviewers|attempts|tries|hours|us ..2 to ..2 read|decipher|figure|find|understand|decode|interpret", unless="PATIENT"),
    # talking down
    Pattern("should|ought|must|would|surely BE|to_be|be ..1 EASY ..4", unless="PATIENT clear_margins", beside="anyone any you to NOVICE DOCTORS"),
    Pattern("BE ..1 EASY ..1 to|for ..1 NOVICE|DOCTORS|you", unless="PATIENT"),
    Pattern("even a|an|the|our|my|your ..1 NOVICE", unless="PATIENT"),
    Pattern("any|a|every|your GOOD DOCTORS|WORK ..1 WOULD", unless="PATIENT"),
    Pattern("a|an|any|every GOOD DOCTORS|WORK ..1 WOULD", unless="PATIENT"),
    Pattern("NOVICE ..1 would|could|can|knows|know|learns|is_taught ..4", beside="document write SAYING tell see better that this", unless="PATIENT"),
    Pattern("every|all|most|your|the other|fellow|own? ..1 DOCTORS ..4 MANAGE"),
    Pattern("your DOCTORS ..3 MANAGE"),
    Pattern("unlike|in_contrast_to ..1 your|other ..1 DOCTORS"),
    Pattern("told|hear|heard|understand|gather|rumor|they_say|word_is ..4 you|your_service|your_group ..2 n't|never|not|refuse|hate|dislike|ignore|do_not"),
    Pattern("perhaps|maybe|surely|at_least|might ..4 give|spend|take|find|spare ..5 second*|minute*|moment"),
    Pattern("time ..2 you ..2 spend|spent|waste|find|devote"),
    Pattern("nobody|no_one|someone|somebody ..3 bother~|care~|look~|think~|notice~|read~ ..1", unless="PATIENT", beside="you your note chart this SAYING"),
    Pattern("mistake|error|oversight|lapse|blunder|omission on_your|by_you|of_yours|of_your_own"),
    Pattern("FAULT ..2 on|of|by|with ..1 your|you|yours", unless="PATIENT"),
    Pattern("your ..2 FAULT|vagueness|silence|indifference|refusal|reluctance|habit|stubbornness|inattention|disregard|neglect|laziness|ignorance|attitude|bluntness|brevity", unless="your_patient PATIENT"),
    Pattern("actually|finally|properly|for_once|at_last|this_time|next_time ..2 read|look|document|answer|write|finish|reply|respond|try|think|open|do|be_done|use", unless="PATIENT"),
    Pattern("read|look|document|answer|write|finish|reply|respond|try|think|do ..4 properly|for_once|at_last|this_time|next_time", unless="PATIENT"),
    Pattern("if you had|'d read|looked|checked|bothered|opened|reviewed|documented|answered|taken|listened|paid", unless="PATIENT"),
    Pattern("had you read|looked|checked|bothered|opened|reviewed|documented|answered|taken|listened|paid"),
    # threats
    Pattern("THREAT_IF ..14 SANCTION", unless="ESCALATION_POLICY PATIENT"),
    Pattern("SANCTION ..10 THREAT_IF", unless="ESCALATION_POLICY PATIENT"),
    Pattern("you ..3 be reported|suspended|sanctioned|fined|disciplined|penalized|flagged|listed|written_up|named|counseled|removed|terminated|delinquent|held_responsible|held_accountable", unless="PATIENT health_department"),
    Pattern("last|final warning|chance|notice|reminder|opportunity", unless="PATIENT"),
))  # fmt: skip
