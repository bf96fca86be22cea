"""From bytes to strict JSON. Each refusal says what is wrong and, where it can, at which byte."""

from __future__ import annotations

import gc
import json
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from query_mgr.charts.problems import Rejection, Warnings

#: A hospital's longest stays are near 20 MB; more than this is a bulk export and must be split.
MAX_BYTES = 200 * 1024 * 1024
_RATIO_FREE_BYTES = 8 * 1024 * 1024
_MAX_RATIO = 200  # FHIR JSON packs 10:1 to 30:1
_MAX_DIGITS = 40
_CHUNK = 1024 * 1024
_ODD_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class Decimal(float):
    """A JSON number that remembers how it was written: FHIR's 2.40 is not 2.4."""

    __slots__ = ("written",)
    written: str


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking a bundle again and again while it grows; JSON makes no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def is_escaped(text: str) -> bool:
    """Return whether JSON text holds an escape that `clean` must look at."""
    return "\\u" in text and _ODD_ESCAPE.search(text) is not None


def inflate(content: bytes) -> bytes:
    """Return `content` unpacked where it is gzip, whatever its file name says."""
    if content[:2] != b"\x1f\x8b":
        return _limited(content)
    packed, parts, size = content, [], 0
    try:
        while packed:
            stream = zlib.decompressobj(wbits=31)
            while not stream.eof:
                part = stream.decompress(packed, _CHUNK)
                if not part and not stream.unconsumed_tail and not stream.eof:
                    raise Rejection(
                        "gzip", f"byte {size} inflated", "the gzip stream ends too early; send it again"
                    )
                parts.append(part)
                size += len(part)
                packed = stream.unconsumed_tail
                _check_inflated(size, len(content))
            packed = stream.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise Rejection("gzip", f"byte {size} inflated", f"not valid gzip ({error}); send it again") from None
    return b"".join(parts)


def _check_inflated(size: int, packed: int) -> None:
    if size > MAX_BYTES:
        raise Rejection(
            "too-large", "", f"inflates to more than {MAX_BYTES >> 20} MB; split it, one patient a file"
        )
    if size > _RATIO_FREE_BYTES and size > packed * _MAX_RATIO:
        raise Rejection("too-large", "", f"inflates to more than {_MAX_RATIO} times its size, as no chart does")


def _limited(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise Rejection("too-large", "", f"larger than {MAX_BYTES >> 20} MB; split it, one patient a file")
    return content


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        where = f"{found.get('resourceType', 'object')} {found.get('id', '')}".strip()
        raise Rejection("structure", where[:80], f"the key {twice[:60]!r} comes twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise Rejection("structure", "", f"{name} is not JSON; leave a missing number out")


def _bounded_int(written: str) -> int:
    if len(written) > _MAX_DIGITS:
        raise Rejection("number", "", f"a whole number of {len(written)} digits; FHIR integers have 32 bits")
    return int(written)


def _bounded_float(written: str) -> float:
    number = Decimal(written)
    if len(written) > 4 * _MAX_DIGITS or not math.isfinite(number):
        raise Rejection("number", "", f"the number {written[:20]}… is out of range")
    number.written = written
    return number


def clean(value: Any, warnings: Warnings) -> Any:
    """Refuse lone surrogates and drop NUL, which no database text can hold. Bounded by the parser's own depth."""
    if isinstance(value, dict):
        return {clean(key, warnings): clean(each, warnings) for key, each in value.items()}
    if isinstance(value, list):
        return [clean(each, warnings) for each in value]
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Rejection("encoding", "", r"a lone surrogate (\ud800–\udfff) is no character") from None
    if "\0" in value:
        warnings.add("encoding", "", "a NUL character was left out of a text")
        return value.replace("\0", "")
    return value


#: reads one JSON value; raises Rejection for what no chart may hold
DECODER = json.JSONDecoder(
    object_pairs_hook=_without_duplicates,
    parse_constant=_no_constant,
    parse_int=_bounded_int,
    parse_float=_bounded_float,
)
