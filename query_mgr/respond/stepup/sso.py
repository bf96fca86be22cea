"""The hospital's single sign-on (OpenID Connect, authorization code with PKCE), as a factor of the provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.platform.web import current_settings
from query_mgr.respond.stepup import factors
from query_mgr.respond.stepup.id_token import Expected, IdTokenError, claims_of
from query_mgr.respond.stepup.models import ProviderFactor, StepUp
from query_mgr.respond.tokens import keyed_hash

_TIMEOUT = 10  # seconds for each request to the issuer
_SCOPE = "openid email"
_LASTS = 600  # seconds for signing on there


class SignOnError(Exception):
    """Signing on there did not work or was somebody else's; the message says so in the provider's words."""


def _metadata() -> dict[str, Any]:
    """Return what the issuer says of itself. Raises SignOnError where it is another one, or says nothing."""
    issuer = current_settings().oidc_issuer
    found = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise SignOnError("The hospital's sign-on is not set up rightly. Call the coder.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(str(found.get(name, ""))).scheme not in _schemes(issuer):
            raise SignOnError("The hospital's sign-on is not set up rightly. Call the coder.")
    return found


def _schemes(issuer: str) -> set[str]:
    return {"https"} if issuer.startswith("https") else {"http", "https"}


def _json(address: str) -> dict[str, Any]:
    try:
        answer = requests.get(address, timeout=_TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError):
        raise SignOnError(
            "The hospital's sign-on does not answer. Try again in a moment, or call the coder."
        ) from None
    return found if isinstance(found, dict) else {}


def _secret(challenge: str, what: str) -> str:
    """Return one of the secrets of a sign-on: all come from the one that the visit keeps."""
    return keyed_hash(current_settings().secret_key, f"sso {what}", challenge)


def _client() -> OAuth2Session:
    settings = current_settings()
    back = f"{settings.base_url.rstrip('/')}/answer/sso/back"
    return OAuth2Session(
        settings.oidc_client_id, settings.oidc_client_secret or None, scope=_SCOPE, redirect_uri=back,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if settings.oidc_client_secret else "none",
    )  # fmt: skip


def begin(visit: StepUp, kept: dict[str, str]) -> str:
    """Return the address to sign on at. kept: what was typed, to go on with afterwards. Raises SignOnError."""
    metadata, challenge = _metadata(), new_token()
    with unit_of_work():
        row = db.session.get_one(StepUp, visit.id)
        row.challenge, row.kept = f"sso:{int(clock.now().timestamp())}:{challenge}", kept
    address, _ = _client().create_authorization_url(
        metadata["authorization_endpoint"], state=_secret(challenge, "state"), nonce=_secret(challenge, "nonce"),
        code_verifier=_secret(challenge, "verifier"), prompt="login", max_age=0,
    )  # fmt: skip
    return str(address)


def finish(visit: StepUp, state: str, code: str) -> dict[str, str]:
    """Take what the issuer sent the browser back with; return what was typed before.

    Raises SignOnError for anything but the visit's own provider having signed on just now. Each sign-on is taken once.
    """
    begun_at, challenge, kept = _taken(visit)
    now = clock.now()
    if not challenge or now.timestamp() - begun_at > _LASTS or state != _secret(challenge, "state") or not code:
        raise SignOnError("This sign-on was not begun here, or took too long. Try again.")
    metadata = _metadata()
    try:
        with _client() as client:
            told = client.fetch_token(
                metadata["token_endpoint"],
                code=code,
                code_verifier=_secret(challenge, "verifier"),
                timeout=_TIMEOUT,
            )
    except (AuthlibBaseError, requests.RequestException, ValueError):
        raise SignOnError("The hospital's sign-on refused. Try again, or call the coder.") from None
    settings = current_settings()
    expected = Expected(
        settings.oidc_issuer, settings.oidc_client_id, _secret(challenge, "nonce"), begun_at, now.timestamp()
    )
    try:
        claims = claims_of(told.get("id_token", ""), _json(metadata["jwks_uri"]), expected)
    except IdTokenError:
        raise SignOnError("The hospital's sign-on did not say who you are. Call the coder.") from None
    _recognize(visit.provider, settings.oidc_issuer, claims, now)
    return kept


def _taken(visit: StepUp) -> tuple[float, str, dict[str, str]]:
    with unit_of_work():
        row = db.session.get_one(StepUp, visit.id, with_for_update=True, populate_existing=True)
        kind, _, rest = row.challenge.partition(":")
        begun_at, _, challenge = rest.partition(":")
        kept = dict(row.kept or {})
        row.challenge, row.kept = "", None
    return (float(begun_at), challenge, kept) if kind == "sso" and begun_at.isdigit() else (0.0, "", kept)


def _recognize(provider: Provider, issuer: str, claims: dict[str, Any], now: datetime) -> None:
    """Know the account as the provider's, or bind it the first time by the address that the issuer has verified.

    A subject is somebody only together with its issuer, and one account is one provider's (ASVS 6.8.1).
    """
    wanted = select(ProviderFactor).where(ProviderFactor.issuer == issuer, ProviderFactor.subject == claims["sub"])
    known = db.session.scalar(wanted)
    if known is not None:
        if known.provider_id != provider.id or known.revoked_at is not None:
            raise SignOnError("This account is not the one of whom the query is for.")
        return
    has_another = any(one.kind == "sso" and one.issuer == issuer for one in factors.of(provider))
    address = str(claims.get("email", "")).casefold()
    is_theirs = claims.get("email_verified") is True and address and address == (provider.email or "").casefold()
    if has_another or not is_theirs:
        raise SignOnError("This account is not the one of whom the query is for.")
    factor = ProviderFactor(
        kind="sso", label=urlsplit(issuer).hostname or "", issuer=issuer, subject=claims["sub"]
    )
    factor.last_used = int(now.timestamp())
    factors.add(provider, factor)
