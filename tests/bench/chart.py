"""R1: opening the chart of 500 documents and 20,000 facts, beside raw SQL and bare Jinja of the same visible rows."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import jinja2

from query_mgr.charts import remembered
from query_mgr.platform.db import db
from tests.accounts.builders import a_user
from tests.bench.house import an_app, cookie_of, get
from tests.bench.long_chart import fill
from tests.bench.timing import NO_TARGET, Row, in_turn

#: first paint stays below this
MOST_BYTES = 100_000
_COUNTS = "status NOT IN ('entered_in_error', 'cancelled', 'replaced')"
_DOCUMENTS = f"""
SELECT ref, kind, title, author_name, author_role, authored_at, status FROM document
WHERE encounter_id = ? AND {_COUNTS} ORDER BY authored_at DESC, id DESC LIMIT 50
"""
_OPEN = f"""
SELECT title, author_name, authored_at, text FROM document WHERE encounter_id = ? AND {_COUNTS}
ORDER BY kind <> 'discharge_summary', authored_at DESC LIMIT 1
"""
_TESTS = f"""
SELECT kind, name, unit, count(*), min(value_number), max(value_number), sum(flag <> '') FROM fact
WHERE encounter_id = ? AND kind IN ('lab', 'vital', 'finding') AND {_COUNTS} GROUP BY 1, 2, 3
"""
_VALUES = f"""
SELECT ref, value_text, value_number, flag, observed_at, range_low, range_high FROM fact
WHERE encounter_id = ? AND kind = ? AND name = ? AND unit = ? AND {_COUNTS} ORDER BY observed_at DESC LIMIT 24
"""
_COURSES = f"""
SELECT kind, name, value_text, min(observed_at), max(observed_at), count(*) FROM fact
WHERE encounter_id = ? AND kind IN ('medication', 'procedure', 'allergy', 'location') AND {_COUNTS} GROUP BY 1, 2, 3
"""
_PAGE = jinja2.Environment(autoescape=True).from_string(
    "<ol>{% for row in documents %}<li><a href='?doc={{ row[0] }}'>{{ row[2] }}</a>{% for cell in row[3:] %} {{ cell }}{% endfor %}"
    "</li>{% endfor %}</ol><h1>{{ open[0] }}</h1><p>{{ open[1] }} {{ open[2] }}</p><pre>{{ open[3] }}</pre>"
    "<table>{% for row, values in tests %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}<td>"
    "{% for one in values %}{{ one[2] }},{% endfor %}{% for one in values[:8] %}{{ one[1] }} {{ one[3] }} {{ one[4] }}; {% endfor %}"
    "</td></tr>{% endfor %}</table><table>{% for row in courses %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)


def run(folder: Path, rounds: int, documents: int = 500, facts: int = 20_000) -> list[Row]:
    """Time the whole page; print its size."""
    app = an_app(folder)
    with app.app_context():
        stay = fill(documents, facts)
        ref, encounter_id, key = stay.ref, stay.id, a_user("coder").fs_uniquifier
        db.session.remove()
    cookie = cookie_of(app, key)
    raw = sqlite3.connect(folder / "bench.sqlite")

    def ours(number: int) -> str:
        status, body = get(app, f"/encounters/{ref}", cookie)
        assert status == 200
        assert len(body) < MOST_BYTES, len(body)
        return body.decode()

    def first(number: int) -> str:
        remembered.forget()
        return ours(number)

    def floor(number: int) -> str:
        here = (encounter_id,)
        tests = raw.execute(_TESTS, here).fetchall()
        return _PAGE.render(
            documents=raw.execute(_DOCUMENTS, here).fetchall(),
            open=raw.execute(_OPEN, here).fetchone(),
            tests=[(row, raw.execute(_VALUES, (*here, *row[:3])).fetchall()) for row in tests],
            courses=raw.execute(_COURSES, here).fetchall(),
        )

    mine, theirs = first(0), floor(0)
    assert _results(ours(1)) == _results(mine)
    assert _documents(mine) == _documents(theirs)
    assert len(_documents(mine)) == min(documents, 50)
    assert mine.count('<svg class="spark"') == theirs.count("<td>lab</td>") + theirs.count("<td>vital</td>")
    assert mine.count('<svg class="course"') == theirs.count("<td>medication</td>") + theirs.count(
        "<td>procedure</td>"
    )
    again, anew = in_turn(ours, floor, rounds), in_turn(first, floor, max(2, rounds // 2))
    raw.close()
    name = f"chart of {documents} documents, {len(mine.encode()) / 1000:.0f} kB / raw SQL"
    return [
        Row("R1", name, facts, *again, 1.5),
        Row("R1", "  the first time, or after a change", facts, *anew, NO_TARGET),
    ]


def _results(page: str) -> str:
    return page.partition('<section id="results"')[2].partition('<section id="timeline"')[0]


def _documents(page: str) -> set[str]:
    return set(
        re.findall(r"\?doc=(\w+)", page.partition("<article")[0].partition("<h1>")[0])
        or re.findall(r"\?doc=(\w+)", page)
    )
