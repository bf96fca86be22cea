"""Edits on what is past and what is active. Pure."""

from __future__ import annotations

from query_mgr.coding.scrub.claim import Check, Rows, alone, codes, pair, pairs, table
from query_mgr.coding.scrub.registry import GUIDELINES, Edit


def _rows(name: str, message: str) -> Check:
    return pairs(Rows(table("history")[name], "past", "active", "unless"), message)


EDITS = (
    Edit("history-and-active-neoplasm", "Neoplasm both active and past", "warning",
         f"{GUIDELINES}, sections I.C.2.d and I.C.2.m",
         _rows("neoplasms", "{0} says that the {meant} is past, {1} that it is active."),
         "Keep the history only if the neoplasm was removed and nothing of it is treated; a second tumour may have both."),
    Edit("history-and-active", "Condition both active and past", "advice", f"{GUIDELINES}, section I.C.21.c.4",
         _rows("others", "{0} is a history of {meant}, {1} is active; both are right only for two events."),
         "Check whether the record tells of two events."),
    Edit("cancer-only-followed", "Follow-up after cancer, with the cancer as active", "warning",
         f"{GUIDELINES}, sections I.C.2.m and I.C.21.c.8",
         pair(codes("Z08"), codes("C00-C43", "C45-C96"), "{0} says that treatment is complete, {1} that the neoplasm is "
              "active; after treatment the history (Z85.-) is coded."),
         "Replace the neoplasm by its history, or Z08 by the reason for the visit."),
    Edit("follow-up-without-history", "Follow-up without the history", "advice", f"{GUIDELINES}, section I.C.21.c.8",
         alone(codes("Z09"), codes("Z86", "Z87"), "{0} asks for the history of the condition as a second code."),
         "Add the history code."),
    Edit("exposure-and-infection", "Exposure and the infection itself", "warning",
         f"{GUIDELINES}, section I.C.21.c.1, and the Excludes1 note at Z20",
         _rows("exposures", "{0} is an exposure to {meant} without the disease, {1} is the disease."),
         "Remove the exposure, and keep the infection."),
)  # fmt: skip
