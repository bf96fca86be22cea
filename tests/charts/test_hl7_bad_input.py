"""What hostile or careless senders of HL7 v2 get: items 28 to 48 of the list of bad inputs, each by its number."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.charts import inbox, reader
from query_mgr.charts.actions import import_file
from query_mgr.charts.framing import END, VT, Framer
from query_mgr.charts.hl7v2 import parse
from query_mgr.charts.models import Attachment, Document, DocumentVersion, Encounter, Fact, FeedMessage, Patient
from query_mgr.charts.report import Report
from query_mgr.platform.db import db
from query_mgr.queries import compose
from query_mgr.queries.models import Query
from tests.charts.hl7_messages import PID, adt, mdm, message, msh, oru, pv1
from tests.queries.builders import a_coder, a_provider

ADMIT = adt("A01", "20260302050000", "1", admitted="20260302045500")


def send(*texts: str | bytes) -> list[tuple[str, str]]:
    """Send frames as the listener does; return acknowledgement code and error of every answer, charts caught up."""
    frames = [one if isinstance(one, bytes) else one.encode() for one in texts]
    answers = [parse(reply.decode()) for replies in inbox.receive(frames) for reply in replies]
    while inbox.catch_up("tester"):
        pass
    db.session.rollback()
    errors = [one.first("ERR") for one in answers]
    return [
        (next(one.of("MSA")).text(1), error.text(8) if error else "")
        for one, error in zip(answers, errors, strict=True)
    ]


def take(text: str | bytes) -> Report:
    content = text if isinstance(text, bytes) else text.encode()
    return import_file(content, "feed.hl7", by="tester")


def patient() -> Patient:
    db.session.rollback()
    return db.session.scalars(select(Patient)).one()


@pytest.mark.parametrize("frame", [b"no message", b"PID|1||5\rPV1|1", b"", b"MSG|^~\\&|A"])
def test_28_what_holds_no_msh_is_ar_and_leaves_nothing(app: Flask, frame: bytes) -> None:
    assert send(frame)[0][0] == "AR"
    assert db.session.scalar(select(func.count(FeedMessage.id))) == 0


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"2026-03-02 INFO sending\n\x0b", b"\r\n\r\n"])
def test_28_a_mark_or_a_line_of_a_log_before_msh_is_skipped(app: Flask, before: bytes) -> None:
    assert send(before + ADMIT.encode()) == [("AA", "")]
    assert patient().mrn == "000417"


def rewritten(text: str, msh2: str, **signs: str) -> str:
    table = {"|": signs.get("field", "|"), "^": msh2[0], "~": msh2[1:2] or "~", "\\": msh2[2:3] or "\\"}
    body = text.replace("^~\\&", "\0", 1).translate(str.maketrans(table))
    return body.replace("\0", msh2, 1)


@pytest.mark.parametrize(
    ("field", "msh2"), [("|", "^~\\"), ("|", "^~\\&#"), ("|", "@!$%"), ("]", "(^~\\&"), ("*", "^~\\&")]
)
def test_29_declared_delimiters_are_honoured(app: Flask, field: str, msh2: str) -> None:
    assert send(rewritten(ADMIT, msh2, field=field)) == [("AA", "")]
    assert (patient().family_name, patient().given_names) == ("Testperson", "Ada M")


def test_29_empty_encoding_characters_are_ar(app: Flask) -> None:
    assert send(ADMIT.replace("^~\\&", "", 1))[0][0] == "AR"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_30_line_feeds_end_segments_and_are_flagged(app: Flask, end: str) -> None:
    report = take(ADMIT.replace("\r", end))
    assert (report.status, report.warnings[0].split(":")[0]) == ("imported", "segments")


def test_31_a_message_that_was_framed_twice_is_unwrapped_and_flagged(app: Flask) -> None:
    framer = Framer(10_000)
    (frame,) = framer.feed(VT + VT + ADMIT.encode() + END + END)
    assert not framer.is_waiting
    assert send(frame) == [("AA", "")]
    assert "framed twice" in take(VT + VT + ADMIT.encode() + END + END).warnings[0]


@pytest.mark.parametrize("broken", [ADMIT.encode() + b"\x1c", ADMIT.encode() + b"\x1c\n", ADMIT.encode() + b"\r"])
def test_32_a_message_without_its_whole_end_is_none_yet(broken: bytes) -> None:
    framer = Framer(10_000)
    assert framer.feed(VT + broken) == []
    assert framer.is_waiting


def test_32_an_end_sign_within_a_field_makes_a_broken_message_and_no_chart(app: Flask) -> None:
    (frame,) = Framer(10_000).feed(VT + ADMIT.replace("Ada", "A\x1cda").encode() + END)
    assert send(frame)[0][0] == "AR"
    assert db.session.scalar(select(func.count(Patient.id))) == 0


@given(st.lists(st.integers(1, 400), max_size=30), st.integers(0, 5))
def test_33_frames_are_the_same_however_packets_cut_them(cuts: list[int], extra: int) -> None:
    texts = [oru("20260302070000", str(n), "2.4").encode() for n in range(4)]
    stream = b"\r\n" * extra + b"".join(VT + one + END for one in texts)
    framer, found, at = Framer(100_000), [], 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    assert [one + b"\r" for one in found] == texts
    assert not framer.is_waiting


@given(st.lists(st.binary(max_size=60) | st.sampled_from([VT, END, b"\x1c", b"\r", ADMIT.encode()]), max_size=40))
def test_33_any_bytes_make_frames_or_wait_and_none_holds_an_end(packets: list[bytes]) -> None:
    framer = Framer(10_000)
    for packet in packets:
        for frame in framer.feed(packet):
            assert frame
            assert END not in frame


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"a\F\b", "a|b"), (r"a\S\b", "a^b"), (r"a\T\b", "a&b"), (r"a\R\b", "a~b"), (r"a\E\b", "a\\b"), (r"a\X7C\b", "a|b"),
     (r"a\.br\b", "a\nb"), (r"\H\a\N\b", "ab"), (r"a\Zxx\b", "ab"), (r"a\X00\b", "ab"), ("a\\b", "a\\b"), (r"a\Q\b", r"a\Q\b")],
)  # fmt: skip
def test_34_every_escape_is_undone_and_what_is_none_stays(app: Flask, written: str, meant: str) -> None:
    report = take(mdm("T02", "20260302070000", "1", "D1", written))
    assert db.session.scalars(select(Document.text)).one() == meant
    assert any("NUL" in one for one in report.warnings) == ("X00" in written)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_35_utf_16_is_read_and_flagged(app: Flask, encoding: str) -> None:
    text = message(
        msh("ADT^A08", "20260302050000", "1", charset="UNICODE UTF-16"), PID.replace("Ada", "Zoë"), pv1()
    )
    report = take(text.encode(encoding))
    assert patient().given_names == "Zoë M"
    assert "UTF-16" in report.warnings[0]


@pytest.mark.parametrize("kind", ["ADT", "ADT^A99", "ORM^O01", "XYZ^Q01"])
def test_36_a_type_that_is_not_read_is_ar_with_the_list_of_those_that_are(app: Flask, kind: str) -> None:
    code, error = send(message(msh(kind, "20260302", "7"), PID))[0]
    assert code == "AR"
    assert "ORU R01" in error


@pytest.mark.parametrize("kind", ["ADT^A01", "ADT^A01^ADT_A01"])
def test_36_the_message_structure_may_be_missing(app: Flask, kind: str) -> None:
    assert send(ADMIT.replace("ADT^A01", kind, 1)) == [("AA", "")]


def test_37_a_control_id_with_other_content_is_ae_and_the_first_is_kept(app: Flask) -> None:
    assert send(ADMIT, ADMIT.replace("Testperson", "Other"))[1] == (
        "AE",
        "was used before with other content; the first message stays",
    )
    assert send(ADMIT) == [("AA", "")]
    assert patient().family_name == "Testperson"


def test_37_an_empty_control_id_is_ae(app: Flask) -> None:
    code, error = send(ADMIT.replace("|1|P|", "||P|"))[0]
    assert (code, "MSH-10" in error or "is empty" in error) == ("AE", True)


@pytest.mark.parametrize("processing", ["T", "D"])
def test_38_a_test_message_on_production_is_ar(app: Flask, processing: str) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=False)
    assert send(ADMIT.replace("|1|P|", f"|1|{processing}|"))[0][0] == "AR"
    assert db.session.scalar(select(func.count(Patient.id))) == 0


@pytest.mark.parametrize("version", ["2.1", "2.9", "2.3.1", ""])
def test_39_any_version_is_read(app: Flask, version: str) -> None:
    assert send(ADMIT.replace("|2.5.1", f"|{version}", 1)) == [("AA", "")]


def test_40_of_several_numbers_the_medical_record_number_counts(app: Flask) -> None:
    pid = "PID|1||77^^^CLINIC^PI~000417^^^RIVERBEND^MR~123-45-6789^^^USA^SS||Testperson^Ada"
    assert send(ADMIT.replace(PID, pid)) == [("AA", "")]
    assert patient().mrn == "000417"


def test_40_numbers_of_other_hospitals_are_held_where_ours_are_named(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], hl7_authorities="RIVERBEND, 1.2.3")
    away = ADMIT.replace("000417^^^RIVERBEND^MR", "99^^^ELSEWHERE^MR")
    both = ADMIT.replace("000417^^^RIVERBEND^MR", "99^^^ELSEWHERE^MR~000417^^^NAME&1.2.3&ISO^MR").replace(
        "|1|", "|2|", 1
    )
    assert send(away, both) == [("AA", ""), ("AA", "")]
    kept = db.session.execute(select(FeedMessage.status, FeedMessage.reason).order_by(FeedMessage.id)).all()
    assert kept[0].status == "held"
    assert "no number of this hospital's" in kept[0].reason
    assert db.session.scalars(select(Patient.mrn)).all() == ["000417"]


def test_40_who_has_no_number_of_ours_is_held(app: Flask) -> None:
    assert send(ADMIT.replace(PID, "PID|1||123-45-6789^^^USA^SS||Testperson^Ada")) == [("AA", "")]
    assert [one.status for one in db.session.scalars(select(FeedMessage))] == ["held"]


@pytest.mark.parametrize("born", ["00000000", "19001399", "20260230"])
def test_41_an_impossible_birthday_is_none_and_noted(app: Flask, born: str) -> None:
    report = take(ADMIT.replace("19480302", born))
    assert patient().birth_on is None
    assert bool(report.warnings) == (born != "00000000")


def test_42_an_update_of_an_unknown_visit_and_a_merge_with_an_unknown_survivor_are_taken(app: Flask) -> None:
    merge = message(msh("ADT^A40", "20260310050000", "40"), PID, "MRG|000999^^^RIVERBEND^MR")
    assert send(adt("A08", "20260303050000", "2"), merge) == [("AA", "")] * 2
    assert [one.status for one in db.session.scalars(select(FeedMessage))] == ["imported"] * 2
    assert db.session.scalars(select(Encounter)).one().patient.mrn == "000417"


def embedded(kind: str, content: bytes, *, status: str = "F") -> str:
    return f"OBX|2|ED|PDF^Report^L||^{kind}^Base64^{base64.b64encode(content).decode()}||||||{status}"


PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2000


@pytest.mark.parametrize("kind", ["Application^PDF", "TEXT^plain"])
def test_43_a_pdf_of_half_a_megabyte_is_an_attachment_of_its_document(app: Flask, kind: str) -> None:
    report = take(mdm("T02", "20260302070000", "1", "D1", "See attached.") + embedded(kind, PDF))
    (file,) = db.session.scalars(select(Attachment))
    assert (file.content_type, file.name, file.content) == ("application/pdf", "Report.pdf", PDF)
    assert any("is application/pdf" in one for one in report.warnings) == (kind == "TEXT^plain")


def test_43_a_result_may_carry_a_rich_text_report_that_is_read_and_kept(app: Flask) -> None:
    report = oru("20260302070000", "1", "2.4") + embedded(
        "Application^RTF", b"{\\rtf1 Acute {\\b heart} failure.}"
    )
    take(report)
    (document,) = db.session.scalars(select(Document))
    assert document.text == "Acute heart failure."
    assert db.session.scalars(select(Attachment.content_type)).one() == "application/rtf"


def test_43_what_is_broken_or_too_large_is_left_out_and_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("query_mgr.charts.hl7v2.embedded.MAX_BYTES", 1000)
    note = mdm("T02", "20260302070000", "1", "D1", "See attached.")
    broken = embedded("Application^PDF", b"%PDF-").replace("JVBERi0=", "JVB*!")
    report = take(note + embedded("Application^PDF", PDF) + "\r" + broken)
    assert [one.split(": ")[2].split(";")[0] for one in report.warnings[:2]] == [
        "is larger than 0 MB", "is not valid base64"
    ]  # fmt: skip
    assert db.session.scalar(select(func.count(Attachment.id))) == 0
    assert db.session.scalars(select(Document.text)).one() == "See attached."


@pytest.fixture
def cited(app: Flask) -> Query:
    """A draft that cites a creatinine and a word of a note, both from a feed."""
    send(ADMIT, oru("20260302070000", "5", "9.9"), mdm("T02", "20260303090000", "6", "D1", "Heart failure."))
    actor, encounter = a_coder(), db.session.scalars(select(Encounter)).one()
    draft = compose.start(actor, encounter, a_provider("Petra Novak", "1245319599"), "")
    fact = db.session.scalars(select(Fact).where(Fact.kind == "lab")).one()
    note = db.session.scalars(select(Document)).one()
    draft = compose.attach(actor, draft, compose.Place("fact", (fact.ref,)))
    return compose.attach(actor, draft, compose.Place("document", (note.ref,), 0, 13))


def states(query: Query) -> dict[str, str]:
    db.session.rollback()
    return {one.source_kind: one.source_state for one in query.indicators}


@pytest.mark.parametrize("status", ["W", "X", "D"])
def test_44_a_result_that_is_taken_back_withdraws_the_evidence_that_cites_it(cited: Query, status: str) -> None:
    send(oru("20260302080000", "7", "", status))
    assert states(cited) == {"fact": "withdrawn", "document": ""}


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        (mdm("T11", "20260304090000", "8", "D1"), "withdrawn"),
        (mdm("T10", "20260304090000", "8", "D2", "Heart failure.", parent="D1"), "withdrawn"),
        (mdm("T08", "20260304090000", "8", "D1", "No heart failure."), "changed"),
        (mdm("T06", "20260304090000", "8", "D2", "It was acute.", parent="D1"), ""),
    ],
    ids=["cancelled", "replaced", "edited", "addendum"],
)
def test_44_a_note_that_its_source_changes_is_no_evidence_as_it_was(cited: Query, sent: str, state: str) -> None:
    send(sent)
    assert states(cited) == {"fact": "", "document": state}


def test_45_unknown_segments_are_kept_raw_and_what_follows_them_is_read(app: Flask) -> None:
    text = ADMIT.replace("PV1|", "ZPX|1|a^b&c~d\\F\\|\rZZZ\rPV1|")
    assert send(text) == [("AA", "")]
    assert "ZPX|1|a^b&c~d\\F\\|" in db.session.scalars(select(FeedMessage.text)).one()
    assert db.session.scalars(select(Encounter.number)).one() == "CSN1"


LEAVE = adt("A03", "20260306150000", "3")


@pytest.mark.parametrize(
    "wrong",
    [
        f"BHS|^~\\&\r{ADMIT}BTS|2\r",
        f"FHS|^~\\&\rBHS|^~\\&\r{ADMIT}BTS|1\rFTS|2\r",
        f"FHS|^~\\&\rBHS|^~\\&\r{ADMIT}BTS|1\rBHS|^~\\&\r{LEAVE}BTS|2\rFTS|2\r",
    ],
)
def test_46_a_batch_with_a_wrong_count_is_ae_before_anything_is_kept(app: Flask, wrong: str) -> None:
    assert [code for code, _ in send(wrong)] == ["AE"]
    assert take(wrong).status == "rejected"
    assert db.session.scalar(select(func.count(FeedMessage.id))) == 0


def test_46_batches_within_a_file_are_counted_each_for_itself(app: Flask) -> None:
    right = f"FHS|^~\\&\rBHS|^~\\&\r{ADMIT}BTS|1\rBHS|^~\\&\r{LEAVE}BTS|1\rFTS|2\r"
    assert send(right) == [("AA", "")] * 2


@pytest.mark.parametrize(("said", "kept"), [("", True), ('""', False)])
def test_47_an_explicit_null_takes_back_and_an_empty_field_keeps(app: Flask, said: str, kept: bool) -> None:
    later = adt("A08", "20260303050000", "2", service=said, pid=PID.replace("19480302", said))
    for order in ((ADMIT, later), (later, ADMIT)):
        send(*order)
        stay = db.session.scalars(select(Encounter)).one()
        assert stay.service_line == ("MED" if kept else "")
        assert (patient().birth_on is not None) == kept
        assert patient().sex == "female"


def test_an_edited_note_keeps_what_it_said_whatever_came_first(app: Flask) -> None:
    texts = [
        mdm("T02", "20260303090000", "6", "D1", "Heart failure."),
        mdm("T08", "20260304090000", "7", "D1", "Acute heart failure."),
        mdm("T08", "20260305090000", "8", "D1", "Acute systolic heart failure."),
    ]
    send(ADMIT, texts[2])
    send(texts[0])
    send(texts[1])
    (note,) = reader.documents_of(db.session.scalars(select(Encounter)).one())
    assert (note.text, note.status) == ("Acute systolic heart failure.", "amended")
    earlier = select(DocumentVersion.text).order_by(DocumentVersion.authored_at)
    assert db.session.scalars(earlier).all() == ["Heart failure.", "Acute heart failure."]
