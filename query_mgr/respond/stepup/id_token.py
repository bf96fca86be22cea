"""Whether an ID token of the hospital's OpenID Connect provider says that the right person signed on just now. Pure.

Source: OpenID Connect Core 1.0 section 3.1.3.7; ASVS 6.8.1-6.8.4 (namespace, signature, replay, freshness).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

#: signatures with a key that only the issuer has; "none" and shared secrets are no signatures here
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY_SECONDS = 60


class IdTokenError(ValueError):
    """The token proves nothing; the message names the claim, never its value."""


@dataclass(frozen=True)
class Expected:
    """What a token must say. begun_at: when the sign-on was asked for, in seconds since 1970; so is now."""

    issuer: str
    client_id: str
    nonce: str
    begun_at: float
    now: float


def claims_of(token: str, keys: Mapping[str, Any], expected: Expected) -> dict[str, Any]:
    """Return the claims of a token that is all it must be. keys: the issuer's JWK set. Raises IdTokenError."""
    if not isinstance(token, str) or len(token) > 16_384:
        raise IdTokenError("the token is missing or too long")
    registry = jwt.JWTClaimsRegistry(
        now=int(expected.now), leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer}, aud={"essential": True, "value": expected.client_id},
        exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )  # fmt: skip
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = dict(decoded.claims)
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise IdTokenError(f"the token is not valid ({type(error).__name__})") from None
    _check_party(claims, expected)
    _check_time(claims, expected)
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise IdTokenError("sub is not a name")
    return claims


def _check_party(claims: Mapping[str, Any], expected: Expected) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else expected.client_id) != expected.client_id:
        raise IdTokenError("azp names another client")


def _check_time(claims: Mapping[str, Any], expected: Expected) -> None:
    """Refuse who did not sign on for this: a session at the issuer from this morning is no fresh factor."""
    signed_on_at = claims.get("auth_time")
    if isinstance(signed_on_at, bool) or not isinstance(signed_on_at, int | float):
        raise IdTokenError("auth_time is missing")
    if not expected.begun_at - LEEWAY_SECONDS <= signed_on_at <= expected.now + LEEWAY_SECONDS:
        raise IdTokenError("auth_time is not of this sign-on")
