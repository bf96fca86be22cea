"""Every setting of query_mgr, read once from the environment.

Each field `name` is read from the variable QUERY_MGR_NAME; config/example.env documents them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PREFIX = "QUERY_MGR_"
ROOT = Path(__file__).resolve().parent.parent
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingsError(Exception):
    """A setting that query_mgr cannot start with; the message names the variable and what to do."""


@dataclass(frozen=True)
class Settings:
    """What one installation runs with. Durations are in seconds unless the name says otherwise."""

    instance_dir: Path = field(default=ROOT / "instance")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:5000"
    secret_key: str = field(default="", repr=False)
    organization: str = "Riverbend Medical Center"
    time_zone: str = "America/New_York"
    host: str = "127.0.0.1"
    port: int = 5000
    demo: bool = True
    mail_server: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = False
    mail_tls_ca: str = ""
    mail_sender: str = "queries@query-mgr.example"
    mail_timeout_seconds: int = 20
    mail_per_minute: int = 0
    mail_bounces: str = ""
    mail_imap_server: str = ""
    mail_imap_port: int = 993
    mail_imap_username: str = ""
    mail_imap_password: str = field(default="", repr=False)
    mail_imap_folder: str = "INBOX"
    worker_poll_seconds: float = 1.0
    outbox_lease_seconds: int = 60
    link_days: int = 7
    step_up_idle_minutes: int = 15
    step_up_absolute_minutes: int = 60
    step_up_level: str = "L-2"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    trusted_proxies: int = 0
    late_entry_days: int = 30
    mark_after_bill: bool = True
    lint_edition: str = "2022"
    opportunity_order: str = "weight"
    provider_queries_a_week: int = 5
    hl7_authorities: str = ""
    hl7_host: str = "127.0.0.1"
    hl7_port: int = 2575
    hl7_tls_certificate: str = ""
    hl7_tls_key: str = ""
    hl7_tls_client_ca: str = ""
    fhir_post_max_mb: int = 32
    fhir_base_url: str = ""
    fhir_client_id: str = ""
    fhir_token_url: str = ""
    fhir_private_key: str = ""
    fhir_key_id: str = ""
    fhir_scopes: str = "system/*.read"
    fhir_export: str = "$export"
    fhir_file_hosts: str = ""
    feed_retention_days: int = 30
    coding_evidence_required: bool = True
    billing_messages: str = "bar,dft,claim,csv"
    billing_hl7_host: str = ""
    billing_hl7_port: int = 2576
    billing_hl7_tls: bool = False
    billing_hl7_tls_ca: str = ""
    billing_hl7_tls_certificate: str = ""
    billing_hl7_tls_key: str = ""
    billing_hl7_sender: str = ""
    billing_hl7_application: str = ""
    billing_hl7_facility: str = ""
    billing_fhir_url: str = ""
    billing_fhir_token: str = field(default="", repr=False)
    billing_folder: str = ""
    billing_timeout_seconds: int = 20
    billing_hold_days: int = 3
    crash_at: str = ""

    @property
    def own_authorities(self) -> frozenset[str]:
        """Who assigns this hospital's patient numbers, as HL7 v2 senders write it; none means anybody."""
        return frozenset(filter(None, (one.strip() for one in self.hl7_authorities.split(","))))

    @property
    def billing_formats(self) -> tuple[str, ...]:
        """What billing gets of a finished encounter: keys of `query_mgr.coding.handoff.channels.MESSAGES`."""
        return tuple(filter(None, (one.strip().lower() for one in self.billing_messages.split(","))))

    @property
    def mail_goes_to_mailbox(self) -> bool:
        """True while no SMTP server is configured: mail then lands on the built-in mailbox page."""
        return not self.mail_server


def is_loopback(host: str) -> bool:
    """Return whether a host name is this machine itself."""
    return host == "localhost" or _is_address(host, "is_loopback")


def _is_address(host: str, *kinds: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(getattr(address, kind) for kind in kinds)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `environ` (the process's own by default).

    Raises SettingsError for an unknown key, a wrong type or a combination that must not start.
    """
    environ = os.environ if environ is None else environ
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for key, raw in environ.items():
        if not key.startswith(PREFIX) or key.startswith(PREFIX + "TEST_"):
            continue
        if key not in known:
            raise SettingsError(f"{key} is not a setting of query_mgr; config/example.env lists them all")
        if raw != "" or known[key].type == "str":
            values[known[key].name] = _convert(key, raw, str(known[key].type))
    settings = Settings(**values)
    return _completed(settings)


def _convert(key: str, raw: str, kind: str) -> object:
    raw = raw.strip()
    try:
        match kind:
            case "int":
                return int(raw)
            case "float":
                return float(raw)
            case "Path":
                return Path(raw).expanduser().resolve()
            case "bool":
                if raw.lower() in _TRUE | _FALSE:
                    return raw.lower() in _TRUE
                raise ValueError(raw)
    except ValueError:
        wanted = {"int": "a whole number", "float": "a number", "bool": "1 or 0", "Path": "a path"}[kind]
        raise SettingsError(f"{key}={raw!r} must be {wanted}") from None
    return raw


def _completed(settings: Settings) -> Settings:
    """Fill what depends on other settings and refuse what is unsafe."""
    url = urlsplit(settings.base_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise SettingsError(f"{PREFIX}BASE_URL={settings.base_url!r} must look like https://queries.example.org")
    if not settings.demo and url.scheme == "http" and url.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise SettingsError(f"{PREFIX}BASE_URL must be https where charts are real ({PREFIX}DEMO=0)")
    try:
        ZoneInfo(settings.time_zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"{PREFIX}TIME_ZONE={settings.time_zone!r} is no IANA time zone") from None
    for name in ("port", "mail_port", "mail_imap_port", "hl7_port", "billing_hl7_port"):
        if not 0 < getattr(settings, name) < 65536:
            raise SettingsError(f"{PREFIX}{name.upper()} must be between 1 and 65535")
    for name in ("fhir_base_url", "fhir_token_url", "billing_fhir_url"):
        _check_remote(PREFIX + name.upper(), getattr(settings, name))
    if settings.step_up_level not in ("L-1", "L-2", "L-3"):
        raise SettingsError(f"{PREFIX}STEP_UP_LEVEL takes L-1, L-2 or L-3")
    _check_remote(PREFIX + "OIDC_ISSUER", settings.oidc_issuer)
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise SettingsError(f"{PREFIX}OIDC_ISSUER needs {PREFIX}OIDC_CLIENT_ID")
    if not 0 <= settings.trusted_proxies <= 10:
        raise SettingsError(f"{PREFIX}TRUSTED_PROXIES must be between 0 and 10")
    if settings.fhir_post_max_mb < 1:
        raise SettingsError(f"{PREFIX}FHIR_POST_MAX_MB must be at least 1")
    if settings.provider_queries_a_week < 0:
        raise SettingsError(f"{PREFIX}PROVIDER_QUERIES_A_WEEK must be at least 0 (0: say nothing)")
    if settings.late_entry_days < 0:
        raise SettingsError(f"{PREFIX}LATE_ENTRY_DAYS must be at least 0 (0: mark none)")
    if settings.opportunity_order not in ("weight", "newest", "waiting"):
        raise SettingsError(f"{PREFIX}OPPORTUNITY_ORDER takes weight, newest or waiting")
    if settings.feed_retention_days < 1:
        raise SettingsError(f"{PREFIX}FEED_RETENTION_DAYS must be at least 1")
    _check_billing(settings)
    _check_mail(settings)
    if settings.secret_key and len(settings.secret_key) < 32:
        raise SettingsError(f"{PREFIX}SECRET_KEY must have at least 32 characters")
    changes: dict[str, Any] = {}
    if not settings.database_url:
        changes["database_url"] = f"sqlite:///{settings.instance_dir / 'query_mgr.sqlite'}"
    elif settings.database_url.startswith(("postgres://", "postgresql://")):
        changes["database_url"] = "postgresql+psycopg://" + settings.database_url.split("://", 1)[1]
    elif not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgresql://")
    if not settings.secret_key:
        changes["secret_key"] = _kept_secret(settings.instance_dir)
    return replace(settings, **changes)


_BILLING_MESSAGES = ("bar", "dft", "claim", "csv")


def _check_billing(settings: Settings) -> None:
    """Refuse a way to billing that could never work."""
    formats = settings.billing_formats
    if not formats or not set(formats) <= set(_BILLING_MESSAGES):
        raise SettingsError(f"{PREFIX}BILLING_MESSAGES takes {', '.join(_BILLING_MESSAGES)}, with commas between")
    for name, least in (("billing_timeout_seconds", 1), ("billing_hold_days", 0)):
        if getattr(settings, name) < least:
            raise SettingsError(f"{PREFIX}{name.upper()} must be at least {least}")


def _check_mail(settings: Settings) -> None:
    """Refuse mail settings that could never work."""
    if "=?" in settings.organization or not settings.organization.isprintable():
        raise SettingsError(
            f"{PREFIX}ORGANIZATION stands in the sender of mails: plain words, no =?...?= or line break"
        )
    if settings.mail_per_minute < 0:
        raise SettingsError(f"{PREFIX}MAIL_PER_MINUTE must be at least 0 (0: as fast as it goes)")
    local, _, domain = settings.mail_bounces.rpartition("@")
    # The token behind the plus takes 33 characters of the 64 that RFC 5321 §4.5.3.1.1 leaves.
    if settings.mail_bounces and not (0 < len(local) <= 31 and "+" not in local and "." in domain):
        raise SettingsError(f"{PREFIX}MAIL_BOUNCES must look like bounces@hospital.example, without a plus")
    if settings.mail_tls_ca and not Path(settings.mail_tls_ca).is_file():
        raise SettingsError(f"{PREFIX}MAIL_TLS_CA={settings.mail_tls_ca!r} is no file")


def _check_remote(key: str, written: str) -> None:
    """Refuse an address that no chart may be fetched from."""
    if not written:
        return
    try:
        url = urlsplit(written)
        scheme, host = url.scheme, url.hostname or ""
        is_plain = not (url.username or url.query or url.fragment) and url.port != 0
    except ValueError:
        scheme, host, is_plain = "", "", False
    if scheme not in {"http", "https"} or not host or not is_plain:
        raise SettingsError(f"{key} must look like https://fhir.example.org/r4")
    if scheme == "http" and not is_loopback(host):
        raise SettingsError(f"{key} must be https, unless it is on this machine")
    if _is_address(host, "is_link_local", "is_unspecified", "is_multicast"):
        raise SettingsError(f"{key} must not be a link-local address")


def _kept_secret(instance_dir: Path) -> str:
    """Return this instance's own key, made once and readable by its owner only."""
    path = instance_dir / "secret_key"
    try:
        instance_dir.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        key = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; set {PREFIX}SECRET_KEY or mend the file") from None
    if len(key) < 32:
        raise SettingsError(f"{path} is damaged (shorter than 32 characters); restore it from the backup")
    return key
