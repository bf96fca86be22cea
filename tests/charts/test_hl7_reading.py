"""HL7 v2 text into messages: delimiters, escapes, framing, character sets; and what hostile bytes get."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.charts.hl7v2 import fold, looks_like, messages_in, parse, read_message
from query_mgr.charts.hl7v2.reader import Told
from query_mgr.charts.problems import Held, Ignored, Rejection, Warnings
from tests.charts.hl7_messages import PID, adt, mdm, message, msh, oru, pv1
from tests.charts.test_hl7_codes import CHANGE, CHARGES, FIRST

NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)


def read(text: str, warnings: Warnings | None = None, accepts: str = "P") -> Told:
    return read_message(parse(text), ZoneInfo("America/New_York"), NOW, warnings or Warnings(), accepts=accepts)


def taken(content: bytes) -> tuple[list[str], tuple[str, ...]]:
    warnings = Warnings()
    return messages_in(content, warnings), warnings.lines()


def test_an_admission_names_patient_stay_and_attending() -> None:
    told = read(adt("A01", "20260302050000", "1", admitted="20260301220000-0500"))
    assert (told.patient.mrn, told.patient.family_name, told.patient.given_names) == (
        "000417",
        "Testperson",
        "Ada M",
    )
    assert told.visit is not None
    assert told.visit.admitted_at == datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    assert (told.providers[0].npi, told.providers[0].name) == ("1234567893", "Rosa Medina")


def test_a_time_without_offset_is_the_hospitals_own() -> None:
    assert read(adt("A01", "20260302050000", "1")).header.event_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_a_result_is_a_fact_with_range_flag_and_number() -> None:
    (fact,) = read(oru("20260302070000", "1", "2.4")).facts
    assert (fact.name, fact.code_system, fact.code) == ("Creatinine", "loinc", "2160-0")
    assert (fact.value_number, fact.unit, fact.range_low, fact.range_high, fact.flag) == (
        2.4,
        "mg/dL",
        0.6,
        1.3,
        "H",
    )


@pytest.mark.parametrize(
    ("kind", "value", "text", "number"),
    [("SN", "<^0.01", "<0.01", None), ("SN", "^182", "182", 182.0), ("SN", "^1^:^128", "1:128", None), ("ST", "4.1", "4.1", 4.1),
     ("CWE", "260373001^Detected^SCT", "Detected", None), ("NM", "1e999", "1e999", None)],
)  # fmt: skip
def test_values_of_every_type_are_shown_as_written(kind: str, value: str, text: str, number: float | None) -> None:
    (fact,) = read(oru("20260302070000", "1", value, kind=kind)).facts
    assert (fact.value_text, fact.value_number) == (text, number)


@pytest.mark.parametrize("status", ["I", "O", "N"])
def test_a_result_that_has_no_value_yet_is_none(status: str) -> None:
    with pytest.raises(Ignored, match="no result"):
        read(oru("20260302070000", "1", "2.4", status))


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"5 \T\ 6", "5 & 6"), (r"a\F\b\S\c\R\d\E\e", r"a|b^c~d\e"), (r"x\X7C\y", "x|y"), (r"a\.br\b", "a\nb"), (r"\H\bold\N\ ", "bold"),
     (r"path C:\temp", r"path C:\temp"), (r"\Zlocal\ z", "z"), (r"\X00\n", "n"), (r"Sanit\XC3A4\t", "Sanität")],
)  # fmt: skip
def test_escapes_are_undone_and_a_lone_backslash_stays(written: str, meant: str) -> None:
    note = read(mdm("T02", "20260302070000", "1", "D1", written)).note
    assert note is not None
    assert note.record.text == meant.strip()


def test_declared_delimiters_are_honoured() -> None:
    text = adt("A01", "20260302050000", "1").translate(str.maketrans({"|": "]", "^": "@"}))
    assert read(text).patient.family_name == "Testperson"


def test_a_truncation_character_is_accepted() -> None:
    assert read(adt("A01", "20260302050000", "1").replace("^~\\&", "^~\\&#", 1)).patient.mrn == "000417"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end_separates_segments(end: str) -> None:
    assert read(adt("A01", "20260302050000", "1").replace("\r", end)).patient.mrn == "000417"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xef\xbb\xbf%s", ()),
        (b"\x0b%s\x1c\r", ()),
        (b"\x0b\x0b%s\x1c\r\x1c\r", ("framing: a message was framed twice",)),
        (b"2026-03-02 INFO sending\n\x0b%s\x1c\r", ("framing: text before the first message was left out",)),
    ],
)
def test_frames_marks_and_log_lines_are_taken_off(content: bytes, says: tuple[str, ...]) -> None:
    whole = content.replace(b"%s", adt("A01", "20260302050000", "1").encode())
    texts, warnings = taken(whole)
    assert looks_like(whole)
    assert read(texts[0]).patient.mrn == "000417"
    assert warnings == says


@pytest.mark.parametrize(
    ("charset", "encoding", "says"),
    [("UNICODE UTF-8", "utf-8", ""), ("8859/1", "latin-1", ""), ("8859/1", "utf-8", "written in UTF-8"), ("", "latin-1", "Windows-1252"),
     ("", "utf-8", ""), ("KLINGON", "utf-8", "is not known")],
)  # fmt: skip
def test_a_name_survives_its_character_set_and_a_wrong_one_is_noted(
    charset: str, encoding: str, says: str
) -> None:
    text = message(msh("ADT^A08", "20260302050000", "1", charset=charset), PID.replace("Ada", "Zoë"), pv1())
    texts, warnings = taken(text.encode(encoding))
    assert read(texts[0]).patient.given_names == "Zoë M"
    assert says in " ".join(warnings)
    assert bool(says) == bool(warnings)


def test_a_batch_with_a_wrong_count_is_refused_before_anything_is_taken() -> None:
    batch = f"FHS|^~\\&\rBHS|^~\\&\r{adt('A01', '20260302050000', '1')}BTS|2\rFTS|1\r"
    with pytest.raises(Rejection, match="says 2 messages and there are 1"):
        taken(batch.encode())
    assert len(taken(batch.replace("BTS|2", "BTS|1").encode())[0]) == 1


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("PID|1", Rejection, "begins with MSH"),
        ("MSH", Rejection, "MSH-1"),
        ("MSH||", Rejection, "MSH-2"),
        ("MSH|^^^^|", Rejection, "MSH-2"),
        (message(msh("ADT^A01", "20260302", "1"), "garbage in the middle"), Rejection, "segment 2"),
        (message(msh("ADT^A99", "20260302", "1"), PID), Rejection, "ADT\\^A99 is not read"),
        (message(msh("ADT", "20260302", "1"), PID), Rejection, "is not read"),
        (message(msh("", "20260302", "1"), PID), Rejection, "MSH-9"),
        (message(msh("ADT^A01", "", "1"), PID), Rejection, "MSH-7"),
        (message(msh("ADT^A01", "20260302", "1", processing="T"), PID), Rejection, "test message"),
        (message(msh("ADT^A01", "20260302", "1")), Held, "PID"),
        (message(msh("ADT^A01", "20260302", "1"), "PID|1||123-45-6789^^^USA^SS||X"), Held, "PID-3"),
        (message(msh("ADT^A40", "20260302", "1"), PID), Rejection, "MRG-1"),
        (message(msh("BAR^P01", "20260302", "1"), PID), Ignored, "no diagnosis"),
        (message(msh("BAR^P06", "20260302", "1"), PID), Rejection, "BAR\\^P06 is not read"),
        (message(msh("MDM^T02", "20260302", "1"), PID, "TXA|1|PN"), Rejection, "TXA-12"),
        (message(msh("ACK^A01", "20260302", "1"), "MSA|AA|1"), Ignored, "acknowledgement"),
    ],
)
def test_what_cannot_be_taken_says_why(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read(text)


@pytest.mark.parametrize("born", ["00000000", "19001399", "20260230", "99991231", "x"])
def test_an_impossible_birthday_is_left_out(born: str) -> None:
    told = read(adt("A01", "20260302050000", "1", pid=PID.replace("19480302", born)))
    assert told.patient.birth_on is None


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_read_but_never_crash(content: bytes) -> None:
    head = b"MSH|^~\\&|A|B|||20260302||ADT^A01|1|P|2.5\r"
    for whole in (content, head + content, head[: len(content) % len(head)] + content):
        try:
            for text in messages_in(whole, Warnings()):
                fold([read(text)], Warnings())
        except (Rejection, Held, Ignored):
            pass


OF_EVERY_KIND = "".join(
    (
        oru("20260302070000", "1", "2.4"),
        mdm("T02", "20260302070000", "2", "D1", "A line"),
        "OBX|2|ED|PDF^Report^L||^Application^PDF^Base64^JVBERi0xLjc=||||||F\r",
        FIRST,
        CHANGE,
        *CHARGES[:3],
    )
)


@given(st.integers(0, len(OF_EVERY_KIND)), st.characters(exclude_categories=["Cs"]))
def test_a_changed_sign_anywhere_is_refused_or_read_but_never_crashes(place: int, sign: str) -> None:
    text = OF_EVERY_KIND
    broken = text[:place] + sign + text[place + 1 :]
    try:
        for one in messages_in(broken.encode(), Warnings()):
            fold([read(one)], Warnings())
    except (Rejection, Held, Ignored):
        pass
