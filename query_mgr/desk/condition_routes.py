"""The condition library, for those who write queries: names, codes, what points to a condition, and by whose criteria."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, abort, render_template, request

from query_mgr.accounts.permissions import requires
from query_mgr.clinical.in_words import asked, measured, phrases
from query_mgr.clinical.library import Condition, load
from query_mgr.codes import lookup
from query_mgr.queries.site_templates import in_force

condition_desk = Blueprint("condition_desk", __name__)

#: the name of a condition file -> how the page names its group
GROUPS = {
    "cardiac": "Heart and circulation",
    "medicine": "Adult medicine",
    "respiratory": "Lungs and airways",
    "infection": "Infection",
    "kidney": "Kidney, fluid and electrolytes",
    "blood": "Blood and clotting",
    "digestive": "Stomach, bowel, liver, pancreas",
    "metabolic": "Nutrition and endocrine",
    "nutrition": "Wasting, vitamins, refeeding",
    "neuro": "Brain, mind and substances",
    "psychiatry": "Psychiatry and tobacco",
    "oncology": "Cancer",
    "obstetric": "Pregnancy and birth",
    "newborn_child": "Newborns and children",
    "surgical": "Surgery, devices, burns",
    "skin_procedures": "Skin, wounds and procedures",
    "outpatient": "Chronic conditions in clinic",
}
_LONGEST = 100


@condition_desk.get("/conditions")
@requires("template.view")
def library() -> Any:
    """List the conditions, all of them or those that words or a group pick."""
    typed, group = request.args.get("q", "")[:_LONGEST].strip(), request.args.get("group", "")
    everything = load()
    found = [one for one in everything.values() if group in ("", one.group) and _fits(one, typed.casefold())]
    return render_template(
        "desk/conditions.html",
        conditions=sorted(found, key=lambda one: one.name.casefold()),
        count=len(everything),
        groups={
            key: GROUPS.get(key, key) for key in sorted({one.group for one in everything.values()}, key=_title)
        },
        templates=Counter(one.condition for one in in_force().values()),
        typed=typed,
        group=group,
    )


def _title(group: str) -> str:
    return GROUPS.get(group, group)


def _fits(condition: Condition, typed: str) -> bool:
    """Say whether every word typed stands in the condition's name, a synonym or a code."""
    told = " ".join((condition.id, condition.name, *condition.mentions, *condition.icd10cm)).casefold()
    return all(word in told for word in typed.split())


@condition_desk.get("/conditions/<key>")
@requires("template.view")
def condition(key: str) -> Any:
    """Show all that the library holds of one condition."""
    everything = load()
    found = everything.get(key)
    if found is None:
        abort(404)
    known = lookup.lineages(found.icd10cm)
    return render_template(
        "desk/condition.html",
        condition=found,
        group=_title(found.group),
        wider=everything.get(found.kind_of),
        narrower=[one for one in everything.values() if one.kind_of == key],
        codes=[(code, known[code][0] if code in known else None) for code in found.icd10cm],
        thresholds=[*map(measured, found.labs), *(measured(one, changes=True) for one in found.rises)],
        words=list(dict.fromkeys(one for pattern in found.words for one in phrases(pattern))),
        criteria=[(one, asked(one.when) if one.when else None) for one in found.criteria],
        alternatives=[everything[one] for one in found.alternatives],
        templates=sorted(
            (one for one in in_force().values() if one.condition == key), key=lambda one: (one.title, one.id)
        ),
    )
