"""Text out of RTF."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.charts.rtf import looks_like, rtf_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"{\rtf1\ansi Hello\par world}", "Hello\nworld"),
        (rb"{\rtf1\ansi\ansicpg1252 Caf\'e9 \'93q\'94}", "Café “q”"),
        (rb"{\rtf1\ansi\ansicpg1251 \'d1\'e5\'ef}", "Сеп"),
        (rb"{\rtf1\ansi\ansicpg932 \'93\'fa}", "日"),
        (rb"{\rtf1\ansi\uc1 \u955?-test \u-10179?\u-8704?}", "λ-test 😀"),
        (rb"{\rtf1\ansi\uc0 \u955 x}", "λx"),
        (rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator Riched;}{\info{\author X}}Text}", "Text"),
        (rb"{\rtf1 {\pict\pngblip 89504e47}after}", "after"),
        (rb"{\rtf1 a{\field{\*\fldinst HYPERLINK http://evil}{\fldrslt link}}b}", "alinkb"),
        (rb"{\rtf1 no {\deleted sepsis}{\v hidden }fever}", "no fever"),
        (rb"{\rtf1 \trowd K\cell 4.0\cell\row Na\cell 140\cell\row}", "K | 4.0 |\nNa | 140 |"),
        (rb"{\rtf1 a\{b\}\\c\~d\emdash e}", "a{b}\\c d—e"),
        (b"{\\rtf1 one\r\ntwo}", "onetwo"),
        (rb"{\rtf1 }}}} after", "after"),
        (rb"{\rtf1\ansicpg99999 x}", "x"),
        (rb"{\rtf1 \bin3 abc}", "abc"),
    ],
)
def test_what_a_reader_sees_is_the_text(source: bytes, text: str) -> None:
    assert rtf_to_text(source) == text


def test_a_published_note_reads_as_its_plain_text_twin(shared: Path) -> None:
    source = (shared / "data" / "ccda" / "Notes_RTF_Note_RTF_Note_C-CDA_R2.1.xml").read_text()
    encoded = re.search(r'representation="B64">\s*([A-Za-z0-9+/=\s]+?)\s*<reference', source)
    plain = re.search(r"<paragraph>(.*?)</paragraph>", source, re.S)
    assert encoded and plain
    assert rtf_to_text(base64.b64decode(encoded[1])) == " ".join(plain[1].split())


@pytest.mark.parametrize(
    "source", [b"{\\rtf1" + b"{" * 10**6, b"{\\rtf1 " + b"\\'e9" * 10**5, b"{\\rtf1 " + b"x" * 10**6]
)
def test_odd_files_end_soon(source: bytes) -> None:
    started = time.process_time()
    rtf_to_text(source)
    assert time.process_time() - started < 2


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(["{", "}", "\\", "\\par ", "\\'", "\\'9", "\\u", "\\u99999999 ", "\\u-1?", "\\uc", "\\*", "\\v0", "\\v ",
                         "\\ansicpg932 ", "ab", "\u00e9", "\\bin", "\n", "\\uc9 "]), max_size=60)
)  # fmt: skip
def test_any_mixture_of_tokens_gives_some_text(tokens: list[str]) -> None:
    text = rtf_to_text(("{\\rtf1 " + "".join(tokens)).encode("latin-1"))
    text.encode()  # no half of a sign is left
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=60))
def test_what_is_written_as_unicode_comes_back(text: str) -> None:
    units = text.encode("utf-16-le")
    written = "".join(
        f"\\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2)
    )
    assert rtf_to_text(f"{{\\rtf1\\uc1 {written}}}".encode()) == text.strip()


def test_rtf_is_told_by_its_first_bytes() -> None:
    assert looks_like(b"{\\rtf1 x}")
    assert not looks_like(b"rtf")
