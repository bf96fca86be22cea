"""No talk of money, grouping, quality scores, denials or audits (Q04), and none of how sick it would look.

Many of these words have a clinical life: DRG is a ganglion, MCC a crash, HCC and CMI are diseases, ROM a range,
PSI a pressure, AUDIT-C a screen, "denies" a review of systems. So each pattern asks for the other meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading

_COUNTS_AS = (
    r"(?:as|is|be|adds?|adding|need(?:s|ed)?|giv(?:e|es|ing)|gain(?:s|ed)?|count(?:s|ed)? as|qualif(?:y|ies) (?:as|for)|"
    r"captur(?:e|es|ed|ing)|missing|secur(?:e|es|ing)|without)"
)
_MONEY = (
    r"re-?imburs\w*",
    r"revenue\b",
    r"financ\w*\b(?! (?:hardship|strain|insecurit|difficult|stress|barrier|resource|assistance|constraint|concern|"
    r"problem|toxicity|instability|counsel|abuse|exploitation|decision|power|affairs|support))",
    r"profit\w*",
    r"pay(?:o|e)rs?\b",
    r"(?:hospital|our|higher|lower|increase[ds]?|affect\w*|improv\w*|maximi[sz]\w*|full|proper|bundled|medicare|"
    r"insur\w*) payments?\b",
    r"payment (?:impact|rate|level|penalt\w*|differ\w*)",
    r"paid (?:at|more|less)\b",
    r"insurance (?:will|won't|would|may|might|require\w*|compan\w+ (?:will|requires?))",
    r"(?:medicare|medicaid|cms) (?:will|won't|pays?|requires?|penal\w*|rules?|covers?)",
    r"(?:add|adds|worth|lose|loses|gain|gains|pays?|increas\w+)\b[^.\n$]{0,30}\$ ?\d",
    r"\$ ?\d[\d,.]*k? (?:more|per case|in (?:revenue|payment)|higher|lower)",
    r"bill(?:ing|able)\b",
    r"up-?cod\w+",
)
_GROUPING = (
    r"(?:ms-?|apr-?)?d\.?r\.?gs?\b(?![- ]?(?:stim|neuro|s\b|inject|pain|block))",
    r"m?ccs?/m?ccs?\b",
    r"m?ccs? (?:or|and) m?ccs?\b",
    rf"{_COUNTS_AS} (?:an? |the |another |our )?m?ccs?\b(?! (?:of\b|urin|ua\b|midstream|diet|\d))",
    r"an mcc (?:here|would|will|could|to|if|or|status|on this)",
    r"mcc (?:capture|status|credit|rate)",
    r"comorbid\w* (?:or|and|/) complications? \(",
    r"case[- ]mix",
    r"(?:our|raise[sd]?|raising|improv\w+|increas\w+|impact\w*|affect\w*|lowers?|higher) (?:the |our )?cmi\b",
    r"relative weight",
    r"geometric mean|gmlos\b",
    r"risk[- ]adjust\w*",
    r"hierarchical condition",
    r"hcc (?:captur\w*|scores?|codes?|risk|raf|categor\w*|recaptur\w*|gap)",
    r"raf scores?",
    r"group(?:s|ed)? to a? ?(?:higher|lower|different)",
)
_QUALITY = (
    r"quality (?:scores?|metrics?|measures?|ratings?|indicators?|reporting|rankings?|penalt\w*|impact)",
    r"patient safety indicators?",
    r"psi[- /]?(?:90|0[2-9]|1[0-9])\b",
    r"psi/hac|hac/psi|psi exclu\w+",
    r"hacs? (?:exclu\w+|event|penalt\w*|list|reduction|rate)",
    r"(?:an?|avoid\w*|prevent\w*|as|count as) hacs?\b",
    r"hospital[- ]acquired condition",
    r"soi\b|soi/rom|rom/soi",
    r"(?:severity of illness|risk of mortality) (?:scores?|levels?|subclass\w*|ratings?|index)",
    r"rom (?:scores?|subclass\w*|level)",
    r"mortality (?:index|scorecard|ranking|profile)",
    r"observed[- ]to[- ]expected|o/e (?:ratio|mortality)",
    r"(?:five|5|cms)[- ]star\b|star ratings?|leapfrog|healthgrades",
    r"value[- ]based purchasing|vbp\b|hrrp\b|hedis\b|core measures?",
    r"mips (?:score|measure|quality)",
    r"readmission (?:penalt\w*|rate)",
    r"score-?cards?\b",
    r"(?:your|the department's) (?:response|agree|agreement|query) rate",
)
_DENIAL = (
    r"claims? (?:denial|denied|edit|will|would|could|may|rejection)",
    r"den(?:y|ied|ials?) (?:the |this |our |of )?(?:claims?|payment|coverage|reimb)",
    r"(?:avoid|prevent|risk|reduce|fight|appeal|insurance|payment|coverage|clinical validation)\w*"
    r"(?: of| an?| the| this)? denials?",
    r"denials? (?:risk|prevention|avoidance|management|rate|prone|letter)",
    r"will be denied",
    r"(?:rac|payer|payor|medicare|oig|external|insurance|coding|billing|claims?|compliance)[- ]audit(?:s|ors?)?\b",
    r"auditors?\b|audit[- ](?:risk|proof|defen\w+|target|exposure|purposes?)",
    r"(?:surviv\w+|withstand|pass|fail|in case of|protect\w* (?:us|you) (?:from|in)|for) an audit\b",
)
_IMPACT = re.compile(rf"(?<!\w)(?:{'|'.join((*_MONEY, *_GROUPING, *_QUALITY, *_DENIAL))})")

_URGING = re.compile(
    r"\b(?:(?:highest|greatest|maximum|maximal|most severe) (?:possible )?(?:severity|acuity|degree of (?:severity|illness)|"
    r"level of (?:severity|acuity|illness)|severity level|diagnosis|condition)|"
    r"as (?:severe|sick|acute) as possible|(?:how|just how|as) (?:truly |really )?sick|sicker\b|"
    r"true (?:severity|acuity)|the more (?:specific|severe)|"
    r"(?:maximi[sz]|optimi[sz]|upgrad|strengthen|boost|bump up|elevat)\w* (?:the |this |your )?(?:severity|acuity|"
    r"diagnos[ei]s|documentation|complexity)|(?:more|a more|something more) (?:severe|serious|acute) (?:diagnosis|term|"
    r"condition|wording|description)|stronger (?:diagnosis|term|wording|language)|"
    r"(?:better |fully |accurately |adequately )?captur\w+ (?:the |this |how )?(?:patient'?s )?(?:true |full |real )?"
    r"(?:severity|complexity|acuity|sick\w*)|(?:support|justify|reflect|show)s? (?:a )?higher (?:severity|acuity|level))"
)


def names_impact(reading: Reading) -> Iterator[Hit]:
    """Yield talk of money, grouping, quality scores, denials or audits anywhere the provider can see it."""
    for shown in reading.seen:
        for found in _IMPACT.finditer(shown.low):
            word = shown.text[found.start() : found.end()]
            yield shown.hit(*found.span(), f"Says “{word}”, which is no clinical matter.")


def urges_severity(reading: Reading) -> Iterator[Hit]:
    """Yield wording that asks for a more severe answer rather than for the right one."""
    for shown in reading.written:
        if found := _URGING.search(shown.low):
            word = shown.text[found.start() : found.end()]
            yield shown.hit(*found.span(), f"“{word}” asks for a more severe answer.")
