"""Every benchmark, one row each: its folder, and how it is run at full size and small."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.bench import (
    answer,
    assertions,
    chart,
    code_search,
    codes_load,
    compliance,
    composer,
    drain,
    fhir,
    finding,
    lint_corpus,
    memory,
    mllp,
    ncci_load,
    opportunities,
    reading,
    request,
    scrub,
    worklist,
)
from tests.bench.timing import Row

#: name, full size, small enough for a test
BENCHES: tuple[tuple[str, Callable[[Path], Iterable[Row]], Callable[[Path], Iterable[Row]]], ...] = (
    ("request", lambda at: [request.run(at, 400)], lambda at: [request.run(at, 2)]),
    ("worklist", lambda at: worklist.run(at, 60, 200_000), lambda at: worklist.run(at, 2, 6_000)),
    ("answer", lambda at: [answer.run(at, 60)], lambda at: [answer.run(at, 3)]),
    ("drain", lambda at: drain.run(at, 7, 1_000), lambda at: drain.run(at, 2, 12)),
    ("compliance", lambda at: compliance.run(60), lambda at: compliance.run(2)),
    ("lint_corpus", lambda at: lint_corpus.run(10), lambda at: lint_corpus.run(2, 20)),
    ("assertions", lambda at: assertions.run(60), lambda at: assertions.run(2)),
    ("fhir", lambda at: [fhir.run(at, 7)], lambda at: [fhir.run(at, 2, 200)]),
    ("memory", lambda at: [memory.run(at)], lambda at: [memory.run(at, 2)]),
    ("mllp", lambda at: mllp.run(at, 150), lambda at: mllp.run(at, 3, 16)),
    ("chart", lambda at: chart.run(at, 40), lambda at: chart.run(at, 2, 60, 2_000)),
    ("composer", lambda at: composer.run(at, 20), lambda at: composer.run(at, 2, 60, 2_000)),
    ("finding", lambda at: finding.run(at, 20), lambda at: finding.run(at, 2)),
    ("codes_load", lambda at: codes_load.run(at, 5, 150_000), lambda at: codes_load.run(at, 2, 1_700)),
    ("ncci_load", lambda at: ncci_load.run(at, 3, 400_000), lambda at: ncci_load.run(at, 2, 2_000)),
    (
        "code_search",
        lambda at: code_search.run(at, 60, whole=True),
        lambda at: code_search.run(at, 2, whole=False),
    ),
    ("reading", lambda at: reading.run(at, 60), lambda at: reading.run(at, 2, 30)),
    ("opportunities", lambda at: opportunities.run(5), lambda at: opportunities.run(2, 12)),
    ("scrub", lambda at: scrub.run(at, 60), lambda at: scrub.run(at, 2, 20)),
)
