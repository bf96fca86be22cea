"""How a sentence sets one of the answers apart: by its place, its print, a tick, or what happens without a reply (Q06, Q16)."""

from __future__ import annotations

from query_mgr.queries.lint.grammar import Pattern, Patterns

SET_APART = Patterns((
    Pattern("PLACED|NUMBERED OFFERED ..4 BE|fits|fit|seems|matches|reflects|represents ..3 AUTHOR|FAIR|ours|recommended|expected|our|supported|suggested|the_one|what|on_top_because", unless="NEUTRAL"),
    Pattern("OFFERED NUMBERED ..3 BE ..3 AUTHOR|FAIR|ours|recommended|expected|our|the_one|what|supported|suggested", unless="NEUTRAL"),
    Pattern("FAIR|our|expected|recommended|suggested|supported ..2 OFFERED|DESCRIPTION ..4 MARKED|PLACED", unless="NEUTRAL which"),
    Pattern("OFFERED|one|ones|line|diagnosis that|which, ..7 best|most|likely|supported|AUTHOR|fits|favor|prefer ..8 MARKED|PLACED", unless="NEUTRAL"),
    Pattern("OFFERED|it|one|box|line|diagnosis ..3 BE|been|have|has|'ve ..3 MARKED ..4 for_you|convenience|already|in_advance|as_a_guide|to_help|to_save|to_make, ", unless="NEUTRAL labs lab_report"),
    Pattern("convenience|save_you|save_time|speed_things|make_it_easy|make_this_easy|make_it_easier|save_a_click|as_a_guide|as_a_hint ..12 MARKED|first|PLACED", unless="NEUTRAL"),
    Pattern("OFFERED|DESCRIPTION|one|favorite|candidate|choice ..4 in|with ..2 MARKS", unless="NEUTRAL lab_report abnormal labs values"),
    Pattern("MARKS ..5 OFFERED|one|answer|choice|favorite", unless="NEUTRAL lab_report abnormal labs values"),
    Pattern("OFFERED|one|line|box ..3 will|would|shall|is|are ..3 taken|assumed|recorded|used|entered|counted|treated|considered|submitted|default ..3 as|if|unless|without|when|by", unless="lab_report"),
    Pattern("no|without|absent ..2 answer|response|reply|objection ..9 OFFERED|taken|assumed|default|recorded|entered"),
    Pattern("ticking|checking|marking|circling|highlighting|selecting|filling|starring ..4 OFFERED|first|one|it ..4 for_you|for_your|in_advance|already"),
    Pattern("most ..2 to|through least"),
    Pattern("order|ordered|sorted|listed|ranked|arranged|list ..4 likelihood|probability|plausibility|preference|fit|strength|most_likely|best_fit", unless="NEUTRAL no not"),
))  # fmt: skip
