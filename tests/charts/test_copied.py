"""Seeing what a note repeats from an earlier one."""

from __future__ import annotations

from query_mgr.charts.copied import copied_lines, copied_runs, likely_origins, prints_of

LINE = "Lungs with crackles at both bases, oxygen weaned to two liters."
LONG = (
    "The patient was admitted with worsening shortness of breath and swelling of both legs over the past week, "
    "and was started on intravenous furosemide in the emergency department with good response."
)


def copied(text: str, *earlier: str) -> list[str]:
    texts = {f"d{number}": one for number, one in enumerate(earlier)}
    prints = {ref: prints_of(one) for ref, one in texts.items()}
    copies = copied_lines(text, prints)
    likely = likely_origins(text, copies, prints)
    copies += copied_runs(text, copies, {ref: texts[ref] for ref in likely})
    return [f"{one.origin}: {text[one.start : one.end]}" for one in sorted(copies, key=lambda one: one.start)]


def test_a_line_that_an_earlier_note_has_is_copied_from_the_first_that_had_it() -> None:
    text = f"Better.\n  {LINE.upper()}\nMore."
    assert copied(text, "Nothing.", f"{LINE}\nNew.", LINE) == [f"d1:   {LINE.upper()}"]


def test_short_lines_that_every_note_has_are_not_copied() -> None:
    assert copied("Vitals stable.", "Vitals stable.") == []


def test_the_same_line_twice_in_one_note_is_not_copied() -> None:
    assert copied(f"{LINE}\n{LINE}") == []


def test_a_paragraph_is_copied_however_its_lines_are_broken() -> None:
    broken = (
        LONG.replace("legs over", "legs\nover")
        .replace("week, and", "week,\nand")
        .replace("started on", "started\non")
    )
    assert copied(f"Today:\n{broken}\n", LONG) == [f"d0: {broken.rstrip('.')}"]


def test_what_changed_in_a_copied_line_is_not_marked() -> None:
    assert copied(LONG.replace("past week", "past month"), LONG) == [
        f"d0: {LONG.partition(' week')[0]}",
        f"d0: {LONG.partition('week, ')[2].rstrip('.')}",
    ]


def test_other_words_are_not_copied() -> None:
    assert (
        copied("Today she feels well, walks the hall twice, eats her meals and wants to go home to her dog.", LONG)
        == []
    )


def test_a_heading_and_a_few_numbers_are_not_copied() -> None:
    earlier = {"d0": "VITALS AND LABS:\nT 36.8 C, HR 101."}
    assert copied_runs("VITALS AND LABS:\nT 36.8 C, HR 87.", [], earlier) == []


def test_an_empty_note_copies_nothing() -> None:
    assert copied("", LONG) == []
