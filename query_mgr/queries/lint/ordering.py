"""How a sentence orders an answer (Q06, Q15): an imperative, a duty or a wish, and the answer it is about.

What is asked of the provider's own judgement (a type, a cause, the condition treated, whether it is so) orders nothing.
"""

from __future__ import annotations

from query_mgr.queries.lint.grammar import Pattern, Patterns

ORDERED = Patterns((
    Pattern("AUTHOR ..2 DESIRE ..8-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("^ WRITE ..7-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("please|kindly WRITE ..7-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("you BE asked|requested|instructed|directed|expected|required|urged|advised ..1 to ..8-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("you OBLIGED ..1 WRITE ..7-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("ANSWER|NAMED ..3 OBLIGED ..1 TAKE_OFF", unless="OPEN"),
    Pattern("the|this term|word|words|diagnosis|wording|entry|label|phrase|line|statement ..5 OBLIGED ..1 TAKE_OFF", unless="OPEN"),
    Pattern("ANSWER|NAMED ..2 need~|want~|require~ updating|changing|removing|correcting|amending|replacing|revising|adding|rewording|deleting|dropping|upgrading|to_go", unless="OPEN"),
    Pattern("please|kindly|you|just|so|must ..1 QUIT DOING", unless="OPEN"),
    Pattern("^ QUIT DOING ..4 ANSWER|NAMED", unless="OPEN"),
    Pattern("addendum|note|statement|sentence|entry|line STATING ..6-OPEN-OBJECT ANSWER ..6", unless="OPEN PATIENT", beside="please kindly complete sign submit file enter write prepare create attach add required needed requested must"),
    Pattern("PLACE ..1 OBLIGED ..1 SAYS ..6-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("^ have|let|get your|the ..1 PLACE ..1 SAYS ..5-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("^ cosign|co_sign|copy|adopt|echo|import|accept|endorse|repeat|transcribe|borrow ..5 diagnosis|statement|wording|version|assessment|impression|language|NAMED|ANSWER"),
    Pattern("^ go_with|stick_with|side_with|stay_with|run_with|settle_on|stick_to ..4 version|wording|term|one|option|diagnosis|word|first|second|last|NAMED|ANSWER|his|hers|theirs|that|this", unless="OPEN"),
    Pattern("respond|reply|answer by|with choosing|selecting|ticking|checking|picking|writing|circling|marking|stating ..5-OPEN-OBJECT ANSWER|first|top|last|second"),
    Pattern("^ choose|select|pick|tick|check|mark|circle it|this|that|this_one|that_one !box|line|form|page|query|slip|option_if"),
    Pattern("^ DELETE ..4-OPEN NAMED|ANSWER|QUOTED", unless="OPEN your_judgment"),
    Pattern("i|we|cdi|coding ..2 drafted|prepared|written|typed|filled|prefilled|composed|pended|queued ..6 QUOTED|ANSWER|NAMED|addendum|note|statement|it", beside="sign initial signature co_sign cosign approve accept file below"),
    Pattern("essential|important|imperative|critical|necessary|vital|crucial|required|mandatory|key that|for ..5-OPEN-OBJECT ANSWER|NAMED", unless="OPEN"),
    Pattern("^ say|WRITE ..2-OPEN QUOTED", unless="OPEN ASKS"),
    Pattern("^ link|tie|connect|attribute|relate ..5 to|with ..4-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("PLACE ..1 will|would|should|must ..1 need|require|want|contain ..3 word|words|term|diagnosis|ANSWER", unless="OPEN your"),
    Pattern("PLACE : ..3-OPEN ANSWER ..4 please|not|,", unless="OPEN"),
    Pattern("ANSWER ..1 BE ..2 wording|word|words|term|phrase|entry|diagnosis|language to_be|to_use|to_put|we|that|i", unless="OPEN"),
    Pattern("^ take|get|strike|cut|leave|keep|edit|move ..4 NAMED|ANSWER ..3 out|off|away|from", unless="OPEN"),
    Pattern("^ do_not|don't|never WRITE ..4-OBJECT NAMED|ANSWER", unless="OPEN"),
    Pattern("NAMED|this|it should|must|needs_to|has_to become|turn_into|read|be_called|change_to|go_to|be_turned_into ..4 ANSWER", unless="OPEN"),
    Pattern("^ finish|end|close|conclude|open|start|complete|lead|head ..4 PLACE ..3 with|by|as ..4 ANSWER", unless="OPEN"),
    Pattern("^ have|let|ask|tell|get the|your ..2 DOCTORS ..1 WRITE|chart|document ..6-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("NAMED|note|it|diagnosis ..1 need~|want~|require~|call~_for QUOTED", unless="OPEN"),
    Pattern("^ make ..1 ANSWER part|the|your|a"),
    Pattern("ANSWER ..3 BE ..1 what|how ..1 PRON|the|your ..3 OBLIGED|should|must|DESIRE"),
    Pattern("ANSWER ..2 BE ..1 required|mandatory|needed|wanted|requested|to_be_documented|missing_from|the_term_to_use|the_word_to_use|the_wording_we|what_we", unless="OPEN"),
    Pattern("use|using|employ the|this word|words|term|phrase|wording|language ..4-OPEN-OBJECT ANSWER", unless="OPEN"),
    Pattern("ANSWER ..2 instead_of|in_place_of|in_lieu_of|and_not|rather_than ..5 ", unless="OPEN ASKS", beside="use write say document put please call state"),
))  # fmt: skip
