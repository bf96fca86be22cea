"""What a transaction or batch asks for, entry by entry, before anything of it is read as a chart. Pure."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from query_mgr.charts.fhir.elements import dicts, words
from query_mgr.charts.fhir.intake import Decimal
from query_mgr.charts.problems import Problem, Rejection

MAX_ENTRIES = 100_000
TYPES = ("transaction", "batch")
_METHODS = ("PUT", "POST")
_OTHER_METHODS = ("GET", "HEAD", "DELETE", "PATCH")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ETAG = re.compile(r'W/"([A-Za-z0-9\-.]{1,64})"')
_PRECONDITIONS = ("ifNoneMatch", "ifModifiedSince", "ifNoneExist")
#: the directory never overwrites, so that "create it if there is none" is what happens to these anyway
_NEVER_OVERWRITTEN = {"Practitioner", "PractitionerRole", "Organization", "Location"}
#: stands for an entry that is left out, so that all others keep their number
_LEFT_OUT = {"request": {"method": "PUT", "url": ""}}


@dataclass
class Submission:
    """A transaction or batch, and what is wrong with which of its entries."""

    type: str
    entries: list[Any]
    faults: dict[int, list[Problem]] = field(default_factory=dict)

    @property
    def is_batch(self) -> bool:
        """True where each entry stands or falls for itself."""
        return self.type == "batch"

    def fail(self, index: int, problem: Problem) -> None:
        """Note that an entry cannot be taken."""
        self.faults.setdefault(index, []).append(problem)

    def resource(self, index: int) -> Mapping[str, Any]:
        """Return the resource of an entry, or an empty one."""
        entry = self.entries[index]
        resource = entry.get("resource") if isinstance(entry, dict) else None
        return resource if isinstance(resource, dict) else {}

    def kind(self, index: int) -> str:
        """Return the resource type of an entry, or ""."""
        return words(self.resource(index).get("resourceType"))[:60]

    def id(self, index: int) -> str:
        """Return the id under which a resource is kept: its own, else the UUID of its fullUrl."""
        entry = self.entries[index]
        url = words(entry.get("fullUrl")) if isinstance(entry, dict) else ""
        given = self.resource(index).get(
            "id", url.removeprefix("urn:uuid:") if url.startswith("urn:uuid:") else ""
        )
        return given if isinstance(given, str) else ""

    def where(self, index: int, path: str = "") -> str:
        """Return the place of an entry as a report names it."""
        return f"entry[{index}] {self.kind(index)}{'.' + path if path else ''}".strip()

    def if_match(self) -> dict[int, str]:
        """Return the version that the sender has seen, of the entries that name one."""
        named = {index: words(request_of(entry).get("ifMatch")) for index, entry in enumerate(self.entries)}
        return {index: _ETAG.fullmatch(etag)[1] for index, etag in named.items() if _ETAG.fullmatch(etag)}  # type: ignore[index]

    def index_of(self) -> dict[str, int]:
        """Return the number of the entry behind each key under which its rows may be kept."""
        found: dict[str, int] = {}
        for index in range(len(self.entries)):
            for key in self._keys(index):
                found.setdefault(key, index)
        return found

    def _keys(self, index: int) -> Iterable[str]:
        yield f"{self.kind(index)}/{self.id(index)}"
        if self.kind(index) in {"Patient", "Practitioner"}:
            for each in dicts(self.resource(index).get("identifier")):
                yield f"{words(each.get('system'))}|{words(each.get('value'))}"

    def content(self) -> bytes:
        """Return the bundle without the entries that failed, the others under their numbers."""
        kept = [_LEFT_OUT if index in self.faults else entry for index, entry in enumerate(self.entries)]
        return written({"resourceType": "Bundle", "type": self.type, "entry": kept})


def request_of(entry: Any) -> Mapping[str, Any]:
    """Return the request of an entry, or an empty one."""
    request = entry.get("request") if isinstance(entry, dict) else None
    return request if isinstance(request, dict) else {}


def open_submission(value: Any) -> Submission:
    """Return the transaction or batch in `value` with the faults of its entries. Raises Rejection."""
    found = Submission(*_opened(value))
    for index, entry in enumerate(found.entries):
        for problem in _entry_problems(found, index, entry):
            found.fail(index, problem)
    _check_twins(found)
    _check_references(found)
    return found


def _opened(value: Any) -> tuple[str, list[Any]]:
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        what = value.get("resourceType", "an object") if isinstance(value, dict) else type(value).__name__
        raise Rejection("structure", "", f"must be a FHIR R4 Bundle, not {str(what)[:40]}")
    kind, entries = value.get("type"), value.get("entry", [])
    if kind in ("collection", "searchset"):
        text = f"is {kind!r}; post a transaction or batch, or import it as a file (flask charts import)"
        raise Rejection("structure", "Bundle.type", text)
    if kind not in TYPES:
        shown = "missing" if kind is None else f"{str(kind)[:40]!r}"
        raise Rejection("structure", "Bundle.type", f"is {shown}; must be one of {', '.join(TYPES)}")
    if not isinstance(entries, list):
        raise Rejection("structure", "Bundle.entry", "must be a list")
    if len(entries) > MAX_ENTRIES:
        text = f"has {len(entries)} entries, more than the limit of {MAX_ENTRIES}; split it, one patient a bundle"
        raise Rejection("too-large", "Bundle.entry", text)
    return kind, entries


def _entry_problems(found: Submission, index: int, entry: Any) -> Iterable[Problem]:
    request, resource = request_of(entry), found.resource(index)
    method = words(request.get("method")) or "PUT"
    if method in _OTHER_METHODS:
        text = f"{method} is not supported; only PUT and POST are, and nothing is ever deleted here"
        yield Problem("method" if found.is_batch else "not-supported", f"entry[{index}].request", text)
        return
    if method not in _METHODS:
        yield Problem("value", f"entry[{index}].request", f"{method[:20]!r} is no HTTP verb; send PUT or POST")
        return
    if not resource or not found.kind(index):
        yield Problem("structure", f"entry[{index}]", "has no resource with a resourceType")
        return
    given = resource.get("id")
    if given is not None and not (isinstance(given, str) and _ID.fullmatch(given)):
        text = f"{str(given)[:70]!r} is not a FHIR id (1 to 64 of A-Z a-z 0-9 - .)"
        yield Problem("id", found.where(index, "id"), text)
        return
    yield from _request_problems(found, index, request, method)


def _request_problems(found: Submission, index: int, request: Mapping[str, Any], method: str) -> Iterable[Problem]:
    where, kind = f"entry[{index}].request", found.kind(index)
    url = request.get("url")
    if isinstance(url, str) and "?" in url:
        yield Problem("not-supported", where, "a conditional update is not supported; PUT to Type/id")
    elif url is not None and url != kind and (method == "POST" or url != f"{kind}/{found.id(index)}"):
        expected = kind if method == "POST" else f"{kind}/{found.id(index) or 'id'}"
        yield Problem("id", where, f"the url {str(url)[:80]!r} does not fit the resource; {expected!r} would")
    for name in _PRECONDITIONS:
        if request.get(name) and not (name == "ifNoneExist" and kind in _NEVER_OVERWRITTEN):
            yield Problem("not-supported", where, f"{name} is not supported; ifMatch is")
    if "ifMatch" in request and not _ETAG.fullmatch(words(request["ifMatch"])):
        yield Problem("value", where, 'ifMatch must be an ETag as answered here, W/"..."')


def _check_twins(found: Submission) -> None:
    """Refuse what comes twice; the same again word for word is let pass in a batch."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(found.entries):
        if index in found.faults:
            continue
        names = [words(entry.get("fullUrl")), f"{found.kind(index)}/{found.id(index)}"]
        for name in names:
            first = seen.setdefault(name, index) if name and not name.endswith("/") else index
            if first == index or (found.is_batch and found.resource(first) == found.resource(index)):
                continue
            text = f"are both {name[:100]}; send each resource once"
            found.fail(index, Problem("duplicate", f"entry[{first}] and entry[{index}]", text))
            break


def _check_references(found: Submission) -> None:
    """Refuse entries that point to a urn:uuid which the bundle does not hold, or only in an entry that failed."""
    urls = {
        words(entry.get("fullUrl")): index for index, entry in enumerate(found.entries) if isinstance(entry, dict)
    }
    pointing = {
        index: [(path, url) for path, url in _references(found.resource(index)) if url.startswith("urn:uuid:")]
        for index in range(len(found.entries))
        if index not in found.faults
    }
    is_new = True
    while is_new:
        is_new = False
        for index, references in list(pointing.items()):
            lost = [(path, url) for path, url in references if urls.get(url, -1) not in pointing]
            for path, url in lost:
                text = f"points to {url[:60]}, which {'failed' if url in urls else 'the bundle does not hold'}"
                found.fail(index, Problem("reference", found.where(index, path), text))
            if lost:
                del pointing[index]
                is_new = True


def _references(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    todo: list[tuple[str, Any]] = [("", resource)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("reference"), str):
                yield path, value["reference"]
            todo += [(f"{path}.{name}" if path else name, each) for name, each in value.items()]
        elif isinstance(value, list):
            todo += [(f"{path}[{place}]", each) for place, each in enumerate(value)]


def written(value: Any) -> bytes:
    """Return `value` as JSON with each number as its sender wrote it (2.40 stays 2.40)."""
    mark = secrets.token_hex(8)

    def marked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: marked(each) for name, each in value.items()}
        if isinstance(value, list):
            return [marked(each) for each in value]
        return f"{mark}{value.written}" if isinstance(value, Decimal) else value

    text = json.dumps(marked(value), ensure_ascii=False)
    return re.sub(f'"{mark}([^"]*)"', r"\1", text).encode()
