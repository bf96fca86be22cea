"""The opportunity finder: a whole chart, a chart after one new value, and how often it is right on labelled charts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from query_mgr.queries.library.files import shipped
from query_mgr.queries.opportunities.finding import finder_of
from query_mgr.queries.opportunities.record import Record
from query_mgr.queries.opportunities.settling import settle
from tests.bench.timing import Row
from tests.queries.opportunities.labelled import charts, scores

SCAN_MS, CHANGE_MS = 20.0, 2.0


def run(rounds: int, most: int = 1_000) -> Iterator[Row]:
    """Yield the time of a scan and of a change, on charts whose texts were read before, in CPU milliseconds."""
    finder, every = finder_of(shipped()), [one.chart for one in charts()][:most]
    scans, changes = [], []
    for _ in range(rounds + 1):  # the first reads the texts
        start = time.process_time()
        for chart in every:
            record = Record(chart)
            settle(finder.scan(record), record)
        scans.append((time.process_time() - start) * 1000 / len(every))
    for chart in every:
        fact = chart.facts[-1]._replace(ref="new", observed_at=chart.facts[-1].observed_at + timedelta(hours=1))
        before, grown = finder.scan(Record(chart)), replace(chart, facts=(*chart.facts, fact))
        start = time.process_time()
        after = Record(grown)
        now = settle(finder.rescan(after, before, finder.touched([fact], ())), after)
        changes.append((time.process_time() - start) * 1000)
        assert {repr(one) for one in now} == {
            repr(one) for one in settle(finder.scan(Record(grown)), Record(grown))
        }
    for name, is_held_back in (("developed on", False), ("held back", True)):
        recall, precision, count = scores(one for one in charts()[:most] if one.is_held_back == is_held_back)
        print(f"    gaps, {name}: recall {recall:.2f}, precision {precision:.2f} ({dict(count)})")
    yield Row("F1", "gaps of a chart, ms of at most 20", len(every), scans[1:], [SCAN_MS] * 2, 1.0)
    yield Row("F2", "gaps after one new value, ms of at most 2", len(every), changes, [CHANGE_MS] * 2, 1.0)
