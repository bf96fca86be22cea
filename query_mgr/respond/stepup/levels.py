"""What a provider must prove, as one table: level of the site, whether the stay is sensitive, whether the device is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

#: factors that a person gives by hand, the weakest first, with the words that a signature says
FACTORS: dict[str, str] = {
    "pin": "emailed link and PIN",
    "totp": "emailed link and authenticator code",
    "sso": "emailed link and single sign-on",
    "passkey": "emailed link and passkey",
}
LEVELS = ("L-1", "L-2", "L-3")
_ANY = frozenset(FACTORS)
_STRONG = frozenset({"sso", "passkey"})


@dataclass(frozen=True)
class Need:
    """What opens a query, and what signs its answer.

    accepted: any one of these factors, given by hand. is_strongest: only the strongest that the provider has.
    device_opens: a remembered device shows the query without any of them; it never signs.
    """

    accepted: frozenset[str]
    is_strongest: bool = False
    device_opens: bool = False


#: (level, the stay is sensitive) -> what is needed. Source: assurance §1.2 item 1; Part 2, psychiatry and HIV force L-2
#: without a remembered device.
TABLE: dict[tuple[str, bool], Need] = {
    ("L-1", False): Need(_ANY),
    ("L-1", True): Need(_ANY, is_strongest=True),
    ("L-2", False): Need(_ANY, device_opens=True),
    ("L-2", True): Need(_ANY, is_strongest=True),
    ("L-3", False): Need(_STRONG),
    ("L-3", True): Need(_STRONG, is_strongest=True),
}


def offered(need: Need, enrolled: Collection[str]) -> tuple[str, ...]:
    """Return the factors that a provider who has `enrolled` may give, the strongest first; none: access is to be set up.

    Who has set up something stronger is not asked for the PIN alone: it would make the stronger one worthless.
    """
    have = [one for one in FACTORS if one in need.accepted and one in enrolled]
    have.reverse()
    if need.is_strongest:
        return tuple(have[:1])
    return tuple(one for one in have if one != "pin") or tuple(have)


def opens(need: Need, enrolled: Collection[str], factor: str) -> bool:
    """Return whether somebody who gave `factor`, or comes with a remembered device ("device"), is shown the query."""
    return need.device_opens if factor == "device" else factor in offered(need, enrolled)
