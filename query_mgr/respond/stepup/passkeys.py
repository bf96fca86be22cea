"""Passkeys (WebAuthn): made in the browser, kept as a public key, bound to this site's own address."""

from __future__ import annotations

import json
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import Select, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.respond.stepup import factors
from query_mgr.respond.stepup.models import ProviderFactor, StepUp

_ISSUER = "passkey"
_LONGEST = 20_000  # characters of what a browser sends


def site() -> tuple[str, str]:
    """Return whom a passkey is for: the host name and the origin of the configured address, never of the request."""
    url = urlsplit(current_settings().base_url)
    return url.hostname or "", f"{url.scheme}://{url.netloc}"


def are_possible() -> bool:
    """Return whether browsers make passkeys for this site: it needs a name, and TLS unless it is this machine."""
    host, origin = site()
    try:
        ip_address(host)
    except ValueError:
        return origin.startswith("https://") or host == "localhost"
    return False


def _known(provider: Provider) -> list[PublicKeyCredentialDescriptor]:
    mine = [one for one in factors.of(provider) if one.kind == "passkey"]
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.subject or "")) for one in mine]


def to_make(provider: Provider, challenge: bytes) -> str:
    """Return what the browser needs to make a passkey for `provider`, as JSON."""
    host, _ = site()
    made = webauthn.generate_registration_options(
        rp_id=host, rp_name=current_settings().organization, user_id=provider.ref.encode(),
        user_name=provider.npi or provider.ref, user_display_name=provider.signature_name, challenge=challenge,
        exclude_credentials=_known(provider),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return options_to_json(made)


def keep(provider: Provider, challenge: bytes, credential: str, label: str) -> bool:
    """Keep the passkey that a browser made for `challenge`; False where it is not what was asked for."""
    host, origin = site()
    try:
        made = webauthn.verify_registration_response(
            credential=credential[:_LONGEST], expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    subject = bytes_to_base64url(made.credential_id)
    if not made.user_verified or db.session.scalar(_by(subject)) is not None:
        return False
    factor = ProviderFactor(
        kind="passkey", label=label, issuer=_ISSUER, subject=subject, public_key=made.credential_public_key,
        last_used=made.sign_count,
    )  # fmt: skip
    factors.add(provider, factor)
    return True


def _by(subject: str) -> Select[ProviderFactor]:
    return select(ProviderFactor).where(ProviderFactor.issuer == _ISSUER, ProviderFactor.subject == subject)


def ask(visit: StepUp, purpose: str) -> bytes:
    """Return a new challenge for the visit, in the running transaction; it is answered once, for `purpose`."""
    challenge = secrets.token_bytes(32)
    db.session.get_one(StepUp, visit.id).challenge = f"{purpose}:{bytes_to_base64url(challenge)}"
    return challenge


def take(visit: StepUp, purpose: str) -> bytes | None:
    """Return the challenge that the visit was asked for `purpose`, and forget it: an answer is taken once."""
    with unit_of_work():
        row = db.session.get_one(StepUp, visit.id, with_for_update=True, populate_existing=True)
        asked, _, text = row.challenge.partition(":")
        row.challenge = ""
    return base64url_to_bytes(text) if asked == purpose and text else None


def to_answer(visit: StepUp) -> str:
    """Return what the browser needs to answer with a passkey of the visit's provider, as JSON."""
    host, _ = site()
    with unit_of_work():
        challenge = ask(visit, "get")
    asked = webauthn.generate_authentication_options(
        rp_id=host, challenge=challenge, allow_credentials=_known(visit.provider),
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return options_to_json(asked)


def check(visit: StepUp, credential: str) -> bool:
    """Return whether a passkey of the visit's provider answered what the visit was asked."""
    challenge, (host, origin) = take(visit, "get"), site()
    if challenge is None:
        return False
    try:
        subject = str(json.loads(credential[:_LONGEST])["id"])
        factor = next(
            one for one in factors.of(visit.provider) if one.kind == "passkey" and one.subject == subject
        )
        verified = webauthn.verify_authentication_response(
            credential=credential[:_LONGEST], expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin, credential_public_key=factor.public_key or b"",
            credential_current_sign_count=factor.last_used, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError, StopIteration):
        return False
    with unit_of_work():
        db.session.get_one(ProviderFactor, factor.id).last_used = verified.new_sign_count
    return True
