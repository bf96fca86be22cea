"""From the coder's last code to billing and back, with nothing in between left out."""

from __future__ import annotations

import pytest
from flask import Flask

from query_mgr.coding import actions, finishing, scrubbing
from query_mgr.coding.handoff.actions import hand_off
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from tests.coding.builders import an_edition, an_encounter
from tests.coding.handoff.builders import CODER, a_receiver, status_of
from tests.conftest import Clock

DOCUMENTED = {"kind": "document", "ref": "doc-1", "label": "Discharge summary"}


@pytest.mark.sqlite_only
def test_codes_that_a_coder_finished_and_corrected_reach_billing_as_they_stand(app: Flask, time: Clock) -> None:
    an_edition()
    stay = an_encounter()
    finishing.set_stay(CODER, stay, disposition="01", admitting_code="N17.9")
    actions.assign(CODER, stay, "N17.9", poa="Y", evidence=DOCUMENTED, reason="documented")
    for one in scrubbing.note_findings(CODER, stay).blocking:
        scrubbing.override(CODER, stay, one.key, "looked at")
    version = finishing.finalize(CODER, stay)
    with a_receiver(app) as billing:
        (first,) = hand_off(CODER, stay)
        drain(Smtp())
        assert status_of(stay) == "handed_off"
        finishing.correct(CODER, stay, "the tubular necrosis was documented late")
        row = actions.assign(CODER, stay, "N17.0", poa="Y", evidence=DOCUMENTED, reason="documented", sequence=1)
        actions.remove(CODER, version.content["diagnoses"][0]["ref"], reason="more specific")
        for one in scrubbing.note_findings(CODER, stay).blocking:
            scrubbing.override(CODER, stay, one.key, "looked at")
        finishing.finalize(CODER, stay)
        (second,) = hand_off(CODER, stay)
        drain(Smtp())
    assert status_of(stay) == "rebilled"
    assert billing.control_ids == [first.ref, second.ref]
    codes = [line.split("|") for line in billing.messages[1].split("\r") if line.startswith("DG1")]
    assert [(one[3].split("^")[0], one[6], one[21]) for one in codes] == [
        ("N17.0", "F", "A"), ("N17.9", "A", "U"), ("N17.9", "F", "D"),
    ]  # fmt: skip
    assert codes[0][20] == f"{row.ref}-N170^QUERY_MGR"
