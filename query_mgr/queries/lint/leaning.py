"""How a sentence leans toward an answer (Q06, Q28): it expects assent, concludes from the evidence, or praises one answer.

Naming a diagnosis is none of it, and neither is asking which of several, what a report or a note says, or whether it is so.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from query_mgr.clinical.terms.names import expanded, same_words
from query_mgr.clinical.terms.vocabulary import same_word
from query_mgr.queries.lint.grammar import Pattern, Patterns
from query_mgr.queries.lint.names import undocumented
from query_mgr.queries.lint.reading import Reading, Shown
from query_mgr.queries.lint.targets import telling_words

#: leads wherever it stands
LEANS = Patterns((
    # a question that expects one answer
    Pattern("^ AUX n't PRON|the|his|her|our|your|its|such|all|both|any|a|an", unless="WHY"),
    Pattern("^ do|does|did|would|could|should|is|are|was|were|has|have|had PRON not !only|yet|just|be_determined", unless="ASKS"),
    Pattern(", AUX n't PRON ?"),
    Pattern(", AUX PRON not ?"),
    Pattern("NOT|hardly|scarcely|barely|rarely|alone ..20 , AUX PRON ?"),
    Pattern("AUX n't PRON ?"),
    Pattern(",|- i|we ..2 PRESUME ?"),
    Pattern(",|- right|correct|agreed|agree|true|yes|no|yeah|ok|okay|surely|fair_enough ?", unless="yes_or_no left"),
    Pattern("is|be n't? that|it|this not? so ?"),
    Pattern("you ..1 not|n't agree|think|concur|feel|say|accept|believe|consider|find|suppose", unless="if when should_you need_not"),
    Pattern("any|what|some|good reason* ..4 not|n't|against|to_doubt", unless="patient was_not"),
    Pattern("what|anything ..2 keep~|prevent~|stop~|hold~ you"),
    Pattern("how_else|who_else|who_would|who_could", unless="LISTS"),
    Pattern("^ could|might|can|may it be|not_be|have_been that"),
    Pattern("you|we|i ..1 still ..2 want|wish|think|believe|feel|stand_by|consider|hold|insist|call|maintain|stand_behind|stand"),
    Pattern("by the numbers|book|look|looks|sound"),
    Pattern("one ..1 struggle~|strain~|search~_in_vain to|for"),
    Pattern("hard|difficult|impossible|tough|hard_pressed ..1 to ..3 anything|otherwise|another|any_other|differently|other|not"),
    Pattern("anything|nothing|none|little|no_diagnosis but|less_than|other_than|short_of|milder_than"),
    Pattern("by any|every|all definition|measure|standard|account|accounts|reckoning|criteria|yardstick"),
    Pattern("AUTHOR ..1 sure|certain|confident ..2 you|that"),
    Pattern("you will|'ll|would|must|may|might ..1 find|see|agree|recognize|appreciate|realize|notice ..1 that"),
    # the author's opinion
    Pattern("OUR_VIEW ..2 BE|that|,|as|:"),
    Pattern("it BE OUR_VIEW"),
    Pattern("this|that|which|it ..1 tell~|lead~|make~|suggest~_to|persuade~|convince~|indicate~_to us|me|cdi|coding ..2 that|think|believe|you|to"),
    Pattern("^ might|may|can|could|let i|we|me|us ..1 suggest|propose|offer|recommend|venture|submit|point_out"),
    Pattern("any|every|most|all|many DOCTORS would"),
    Pattern("any|every|most|all|many DOCTORS ..2 call|calls|label|consider|diagnose|document_it|document_this"),
    Pattern("no|little|hardly_any reason|cause|grounds ..1 to ..1 differ|disagree|doubt|think|object|dispute|argue|believe|question|suspect", unless="WHOSE PATIENT"),
    Pattern(", what|who|which does|would|is|could|else ?"),
    Pattern("make~|made|leave~|left|lead~|led us|me|one|coding|cdi ..1 wonder|wondering|think|believe|suspect|suspecting"),
    Pattern("wonder~|wondering ..1 whether|if ..1 you ..1 meant|mean|had_in_mind|intended|were_treating|were_thinking"),
    Pattern("we|i ..2 take~|taken|read|understood|assumed|interpreted ..5 to_be|as|to_mean", unless="lightly care WHOSE"),
    Pattern("our|my pick|guess|bet|vote|favorite|hunch|money|inclination|candidate|front_runner|leaning", unless="patient"),
    # an answer taken for granted
    Pattern("FOREGONE", unless="WHOSE PATIENT"),
    Pattern("ca|could|can|would n't|not|hardly|scarcely|never have_been|have_meant|have_had|have_come", unless="WHOSE PATIENT ASKS_IF"),
    Pattern("nobody|no_one|no_physician|no_doctor|no_surgeon|hardly_anyone ..2 TREATS ..8 for|over|if|unless|without|with|to|because", unless="WHOSE", near="PATIENT_NOT"),
    Pattern("would only|not|never|hardly ..1 have? ..1 TREATS|be_given|been_given|be_used|been_used|be_needed|been_needed|been_started|been_chosen|been_ordered ..6 for|if|unless|in", unless="WHOSE PATIENT_SAYS"),
    # an answer praised, or given beforehand
    Pattern("already ..1 make~|made the|a case for"),
    Pattern("you ..2 must|surely have_been|have_meant|have_had|have_thought|mean|have_suspected|be_treating|have_felt|have_seen|have_considered"),
))  # fmt: skip

#: leads where an answer that no provider has documented, or that only one option gives, stands in the sentence and no other beside it
_PLEADS = (
    Pattern("PLEADS ..6-OPEN ANSWER", unless="WHOSE"),
    Pattern("ANSWER ..3 fit~|sit~ ..1 best|better|well|nicely|with"),
    Pattern("ANSWER ..2 what you|AUTHOR ..3 mind|meant|mean|intended|suspected|treated"),
    Pattern("ANSWER ..3 comes_to_mind|come_to_mind|springs_to_mind"),
    Pattern("ANSWER ..4 HARDLY ..1 EXPLAINS", unless="WHOSE"),
    Pattern("HARDLY ..1 EXPLAINS ..6-OPEN ANSWER", unless="WHOSE"),
    Pattern("struggle~|strain~|hard_put|hard_pressed|fail|look_in_vain ..2 to ..2 find|see|spot ..4 ANSWER|NAMED"),
    Pattern("comes_to_mind|come_to_mind|springs_to_mind", beside="ANSWER"),
    Pattern("what AUTHOR ..2 know|call|term|label|consider|describe ..4 ANSWER"),
    Pattern("^ by ..3 , this|that|it BE ..3 ANSWER", unless="WHOSE"),
    Pattern("explanation|diagnosis|cause|answer|reason ..1 than|but|besides|except ..4 ANSWER"),
    Pattern("SO ..7-OPEN ANSWER", unless="WHOSE"),
    Pattern("CONSISTENT ..4-OPEN ANSWER", unless="WHOSE", beside="EVIDENCE PRON ANSWER"),
    Pattern("appear~|seem~|look~ ..5-OPEN ANSWER", unless="WHOSE"),
    Pattern("must|ought_to|has_to|have_to|had_to|could_only|can_only|cannot_but|bound_to ..2 be|been|have|mean|represent|reflect ..4-OPEN ANSWER"),
    Pattern("MAY ..4-OPEN be|been|represent|reflect|mean|indicate|constitute|have|signify|explain|suggest ..5-OPEN ANSWER", unless="ruled_out confirmed further specified described clarified detailed characterized", beside="?"),
    Pattern("^ MAY ..1 ANSWER ..3 be|fit|explain|describe|capture|account|apply|work|suffice|do|serve|cover|represent|reflect"),
    Pattern("FAIR ..1 DESCRIPTION", unless="your", beside="ANSWER"),
    Pattern("FAIR to say|call|assume|conclude|state|infer|presume|think|document|describe|consider|label", beside="ANSWER"),
    Pattern("ANSWER ..3 better|best|more_accurately|more_fully|more_closely|perfectly|neatly|nicely|fully|well|aptly DESCRIBES|DESCRIPTION", unless="your"),
    Pattern("better|best|more_accurately|more_fully|more_precisely|perfectly|neatly|nicely|aptly DESCRIBES ..6", beside="ANSWER", unless="your ASKS"),
    Pattern("^ do|would|can|will|could|don't you ..1 think|feel|believe|say|find|consider|see ..8-OPEN ANSWER"),
    Pattern("ASSENT", beside="ANSWER", unless="further finding* interpretation", near=""),
    Pattern("CONFIRM ..6-OPEN ANSWER", unless="date time site rule_out ruled_out refute"),
    Pattern("as ..3 EVIDENCE ..1 suggest~|imply~|indicate~|point~|argue~|would_suggest", beside="ANSWER"),
    Pattern("ANSWER ,? then|right|yes|no|correct|agreed|surely|i_take_it|perhaps|maybe|presumably ?"),
    Pattern("CULPRIT ..4-OPEN ANSWER", unless="ASKS WHOSE"),
    Pattern("ANSWER ..1 BE what ..4 describe~|show~|support~|say~|suggest~|indicate~|point~|see~|treat~|tell~"),
    Pattern("ANSWER ,? it be|is|was|must|would"),
    Pattern("BE all_that|what|the_one|the_only ..4 ANSWER", unless="ASKS"),
    Pattern("^ how|what about|of|say_you_to|would_you_say_to|do_you_say_to ..3 ANSWER"),
    Pattern("you ..2 consider~|entertain~|contemplate~|think~_of|think~_about|weigh~ ..4 ANSWER"),
    Pattern("^ consider|think_about|think_of|remember|recall|do_not_forget|entertain|note_that|bear_in_mind|keep_in_mind ..4-OPEN ANSWER"),
    Pattern("AUTHOR ..2 OPINES ..6-OPEN ANSWER"),
    Pattern("possibility|chance|likelihood|odds|probability|room|basis ..2 for|of|that|to ..4-OPEN ANSWER", unless="ASKS"),
    Pattern("you ..2 be? comfortable|willing|open|happy|ready|prepared|content|agreeable|amenable|inclined|able_to_support|all_right ..4-OPEN ANSWER"),
    Pattern("surely|certainly|definitely|undoubtedly|obviously|clearly|plainly|evidently|presumably|naturally|really|actually|truly|in_fact|after_all|all_along|in_reality|in_truth ..6-OPEN ANSWER", unless="WHOSE"),
    Pattern("ANSWER ..4-OPEN all_along|after_all|in_fact|in_reality|i_presume|i_assume|no_doubt|of_course|naturally|presumably|surely|i_take_it|i_trust|i_gather|we_presume|we_assume"),
    Pattern("ANSWER ..2 rather_than|instead_of|and_not|not|over", unless="ASKS WHOSE state name say specify"),
    Pattern("ANSWER ..2 BE ..2 obvious|clear|apparent|evident|plain|undeniable|likely|likeliest|logical|certain|manifest|inescapable|unmistakable|self_evident|the_diagnosis|the_answer|the_cause|in_play|at_work|present|met|established|proven|supported|well_supported|consistent", unless="WHOSE"),
    Pattern("already ..3 call~|name~|code~|label~|term~|enter~|document~|treat~|diagnose~ ..4 ANSWER"),
    Pattern("the|this|that|his|her|your ANSWER ..6 ?", beside="REASON"),
    Pattern("REASON ..8-OPEN be|is|was|were|has|had|have|having|being ..4-OPEN ANSWER", unless="WHOSE"),
    Pattern("you treat~|were_treating|were_managing|gave|ordered|started|chose ..5-OPEN ANSWER", unless="ASKS"),
)  # fmt: skip
PLEADS = Patterns([replace(row, unless=f"{row.unless} OPEN") for row in _PLEADS])


@functools.lru_cache(maxsize=16)
def answers_in(reading: Reading, shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text names one answer: a diagnosis that no provider has documented, or what only one option says."""
    named = ((one.start, one.end) for one in undocumented(reading, shown) if not one.is_finding)
    return tuple(sorted({*named, *_favoured(reading, shown)}))


def _favoured(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield the words of a sentence that together only one of the answers offered has ("acute" and "systolic").

    Words that a provider wrote or that the title uses tell what the query is about, and no answer.
    """
    options = telling_words(tuple(option.shown.text for option in reading.clinical_options))
    if len(options) < 2:
        return
    told = frozenset(same_words("\n".join((reading.title.text, *reading.record.texts))))
    known = frozenset().union(*options) - told
    said: dict[tuple[int, int], list[tuple[str, int, int]]] = defaultdict(list)
    for word in expanded(shown.text):
        if (plain := same_word(word.text)) in known:
            said[shown.span_of(word.start)].append((plain, word.start, word.end))
    for words in said.values():
        together = {word for word, _, _ in words}
        if sum(together <= option for option in options) == 1:
            yield from ((start, end) for _, start, end in words)
