"""The FHIR server at the other end: only its host, no redirects, patience with bounds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from config.settings import is_loopback
from query_mgr.charts.fhir_pull.authorization import Authorization
from query_mgr.charts.fhir_pull.problems import AnsweredError, PullError
from query_mgr.platform import clock

_LONGEST_PAGE = 64 << 20  # bytes of one JSON answer
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_TOKEN_ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
}  # fmt: skip
FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True)
class Patience:
    """How often and how long a server is waited for, in seconds."""

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 300.0  # more than this a Retry-After does not get
    connect: float = 10.0
    read: float = 120.0
    poll: float = 10.0  # between two looks at an export that names no time
    export_hours: float = 24.0
    sleep: Callable[[float], None] = time.sleep


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address. Raises ValueError for one that has none."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in {"http", "https"} or not host or parts.username or parts.password:
        raise ValueError(url)
    return scheme, host, parts.port or (443 if scheme == "https" else 80)


class Server:
    """Answers requests below one base address."""

    def __init__(
        self,
        base_url: str,
        authorization: Authorization | None = None,
        *,
        file_hosts: frozenset[str] = frozenset(),
        patience: Patience | None = None,
    ) -> None:
        self.base_url, self.authorization = base_url.rstrip("/"), authorization
        self.patience, self._file_hosts = patience or Patience(), file_hosts
        self.host = urlsplit(base_url).netloc
        self.seen_at: datetime | None = None  # the server's clock in its first answer
        self._http = requests.Session()

    def json(self, url: str, step: str) -> dict[str, Any]:
        """Return the JSON object at an address. Raises PullError."""
        with self.answer("GET", url, step) as response:
            return _object(self._limited(response, step), self.host, step)

    def content(self, url: str, step: str) -> tuple[bytes, str]:
        """Return what is at an address, and its media type. Raises PullError."""
        with self.answer("GET", url, step) as response:
            return self._limited(response, step), response.headers.get("Content-Type", "").partition(";")[
                0
            ].strip()

    @contextmanager
    def answer(
        self,
        method: str,
        url: str,
        step: str,
        *,
        headers: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (200,),
        with_token: bool = True,
        form: Mapping[str, str] | None = None,
    ) -> Iterator[requests.Response]:
        """Yield the answer to a request, tried again while the server is busy. Raises PullError."""
        host = self.check(url, step)
        response = self._persist(method, url, step, dict(headers or {}), with_token, form)
        try:
            if response.status_code in expected:
                yield response
                return
            if 300 <= response.status_code < 400:
                raise PullError(f"{host} answered {response.status_code} to {step}: redirects are not followed")
            if form is not None:
                raise PullError(self._token_refusal(response, host))
            raise AnsweredError(host, response.status_code, step)
        except requests.RequestException as error:
            raise PullError(f"{host} broke off {step} ({type(error).__name__})") from None
        finally:
            response.close()

    def check(self, url: str, step: str) -> str:
        """Return the host of an address that may be asked. Raises PullError for any other."""
        try:
            scheme, host, port = origin(url)
            is_ours = (scheme, host, port) == origin(self.base_url)
        except ValueError:
            raise PullError(f"{self.host} names no usable address for {step}") from None
        if not is_ours and host not in self._file_hosts and url != self._token_url:
            text = f"QUERY_MGR_FHIR_FILE_HOSTS may allow {host}"
            raise PullError(f"{self.host} points to another host for {step}; {text}")
        if scheme != "https" and not is_loopback(host):
            raise PullError(f"{host} is asked over https only, for {step}")
        return host

    @property
    def _token_url(self) -> str:
        return self.authorization.token_url if self.authorization else ""

    def _persist(
        self,
        method: str,
        url: str,
        step: str,
        headers: dict[str, str],
        with_token: bool,
        form: Mapping[str, str] | None,
    ) -> requests.Response:
        """Return the first answer that is not "later", or the last one."""
        wait, is_renewed, tries = self.patience.first_wait, False, 0
        while True:
            tries += 1
            try:
                response = self._once(method, url, headers, with_token, form)
            except requests.exceptions.SSLError:
                raise PullError(f"{urlsplit(url).hostname} has no certificate that is trusted here") from None
            except requests.RequestException as error:
                if tries >= self.patience.attempts:
                    text = f"cannot be reached for {step} ({type(error).__name__}, {tries} tries)"
                    raise PullError(f"{urlsplit(url).hostname} {text}") from None
                self.patience.sleep(wait)
                wait *= 2
                continue
            if response.status_code == 401 and with_token and self.authorization and not is_renewed:
                is_renewed = True
                self.authorization.forget()
                response.close()
                continue
            if response.status_code not in _TRANSIENT or tries >= self.patience.attempts:
                return response
            response.close()
            self.patience.sleep(min(retry_after(response) or wait, self.patience.longest_wait))
            wait *= 2

    def _once(
        self, method: str, url: str, headers: dict[str, str], with_token: bool, form: Mapping[str, str] | None
    ) -> requests.Response:
        sent = {"Accept": FHIR_JSON, "User-Agent": "query_mgr"} | headers
        if with_token and self.authorization:
            sent["Authorization"] = f"Bearer {self.authorization.token(self._ask_for_token)}"
        response = self._http.request(
            method,
            url,
            headers=sent,
            data=form,
            auth=_as_it_is,
            timeout=(self.patience.connect, self.patience.read),
            allow_redirects=False,
            stream=True,
        )
        if self.seen_at is None and form is None:
            self.seen_at = _http_date(response.headers.get("Date", "")) or clock.now()
        return response

    def _ask_for_token(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        step = "the request for a token"
        with self.answer(
            "POST", url, step, headers={"Accept": "application/json"}, with_token=False, form=form
        ) as response:
            return _object(self._limited(response, step), urlsplit(url).netloc, step)

    def _token_refusal(self, response: requests.Response, host: str) -> str:
        try:
            code = json.loads(self._limited(response, "a refusal")).get("error")
        except (ValueError, AttributeError, PullError, requests.RequestException):
            code = None
        why = f" ({code})" if code in _TOKEN_ERRORS else ""
        return f"{host} answered {response.status_code} to the request for a token{why}"

    def _limited(self, response: requests.Response, step: str) -> bytes:
        pieces, size = [], 0
        try:
            for piece in response.iter_content(1 << 16):
                size += len(piece)
                if size > _LONGEST_PAGE:
                    raise PullError(f"{self.host} sends more than {_LONGEST_PAGE >> 20} MB for {step}")
                pieces.append(piece)
        except requests.RequestException as error:
            raise PullError(f"{self.host} broke off {step} ({type(error).__name__})") from None
        return b"".join(pieces)


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that an answer asks to wait, or None."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isdigit() and len(written) < 8:
        return float(written)
    at = _http_date(written)
    return max(0.0, (at - clock.now()).total_seconds()) if at else None


def _http_date(written: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send a request as it was made: without this a .netrc on this machine would put its own password in."""
    return request


def _object(content: bytes, host: str, step: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise PullError(f"{host} answered 200 to {step}, but no JSON object")
    return value
