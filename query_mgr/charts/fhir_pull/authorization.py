"""Access tokens by SMART Backend Services: a JWT signed with our key buys a token for a few minutes.

Source: HL7 SMART App Launch 2.2, Backend Services and Client Authentication: Asymmetric.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey, import_key

from query_mgr.charts.fhir_pull.problems import PullError
from query_mgr.platform import clock
from query_mgr.platform.ids import new_token

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIVES = timedelta(minutes=4)  # five at most
_EARLY = timedelta(seconds=15)  # a token this close to its end is not used any more
_DEFAULT_SECONDS = 300
_KEY_SETTING = "QUERY_MGR_FHIR_PRIVATE_KEY"
#: (token URL, form) -> the server's answer
Ask = Callable[[str, dict[str, str]], dict[str, Any]]


def read_key(path: Path) -> RSAKey | ECKey:
    """Return the private key in a PEM or JWK file: RSA, or EC on P-384. Raises PullError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise PullError(f"{_KEY_SETTING}: the file cannot be read ({reason})") from None
    key = _jwk(text) if text.lstrip().startswith("{") else _pem(text)
    if key is None:
        raise PullError(f"{_KEY_SETTING}: is no private key in PEM or JWK, or one with a password")
    is_fit = isinstance(key, RSAKey) or (isinstance(key, ECKey) and key.curve_name == "P-384")
    if not is_fit or not key.is_private:
        raise PullError(f"{_KEY_SETTING}: must be a private RSA key, or EC on curve P-384")
    assert isinstance(key, RSAKey | ECKey)
    return key


def _jwk(text: str) -> Key | None:
    try:
        return import_key(json.loads(text))
    except (ValueError, JoseError, TypeError, KeyError):
        return None


def _pem(text: str) -> Key | None:
    # A PEM does not always say what kind of key it holds, so both are tried.
    for read in (lambda: import_key(text, "RSA"), lambda: import_key(text, "EC")):
        try:
            return read()
        except (ValueError, JoseError, TypeError, AttributeError):
            continue
    return None


@dataclass
class Authorization:
    """Who we are to the server, and the token it gave us."""

    client_id: str
    token_url: str
    key: RSAKey | ECKey
    key_id: str
    scopes: str
    _token: str = field(default="", repr=False)
    _ends_at: datetime | None = None

    def token(self, ask: Ask) -> str:
        """Return a token that is still good, asking for one where there is none."""
        if not self._token or self._ends_at is None or clock.now() >= self._ends_at:
            answer = ask(self.token_url, self.form())
            token, seconds = answer.get("access_token"), answer.get("expires_in", _DEFAULT_SECONDS)
            if not isinstance(token, str) or not token or any(sign.isspace() for sign in token):
                raise PullError("the token endpoint answered without an access_token")
            is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            lives = timedelta(seconds=min(seconds, 86_400) if is_number else _DEFAULT_SECONDS)
            self._token, self._ends_at = token, clock.now() + max(lives - _EARLY, lives / 2)
        return self._token

    def forget(self) -> None:
        """Let go of a token that the server does not accept any more."""
        self._token = ""

    def form(self) -> dict[str, str]:
        """Return what is posted for a token."""
        return {
            "grant_type": "client_credentials",
            "scope": self.scopes,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }

    def assertion(self) -> str:
        """Return a JWT that says who we are, good once and for four minutes."""
        algorithm = "RS384" if isinstance(self.key, RSAKey) else "ES384"
        header = {"alg": algorithm, "typ": "JWT"} | ({"kid": self.key_id} if self.key_id else {})
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url,
            "exp": int((clock.now() + _LIVES).timestamp()),
            "jti": new_token(),
        }
        return jwt.encode(header, claims, self.key, algorithms=[algorithm])
