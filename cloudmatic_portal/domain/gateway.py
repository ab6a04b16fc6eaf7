"""Who lets customers in from afar: gateways, what proves who speaks, and what they are told.

Both ways are signed alike, by the scheme of standardwebhooks.com: HMAC-SHA256 over id, time and
body. So a gateway has one thing to check, whether it asked or was told.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.access import AccessPeriod

NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,30}")
MOST: Final = 5000
"""Accounts in one answer at most."""

_TOKEN: Final = re.compile(r"cmg_([a-z][a-z0-9-]{1,30})_([A-Za-z0-9_-]{43})")
_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that may ask. `serial` counts how often its credentials were made anew.

    It was told up to change `notified`, last at `told_at`. Of what has not arrived since:
    `attempts` in vain, why the last one was (`last_error`), and when the next one is.
    """

    name: str
    serial: int
    webhook: str | None = None
    notified: int = 0
    attempts: int = 0
    told_at: datetime | None = None
    last_error: str | None = None
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gateways:
    """Those that may ask, and the number of the latest change."""

    every: tuple[Gateway, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """`token` proves the gateway to us, `key` proves us to the gateway (`whsec_…`)."""

    token: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changed:
    """An account whose access changed, with all that it has from today on; nothing: no access."""

    account_id: int
    periods: tuple[AccessPeriod, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """What changed up to `cursor`; `more` says that there is more after it already."""

    cursor: int
    accounts: tuple[Changed, ...]
    more: bool


def credentials(secret: bytes, gateway: Gateway) -> Credentials:
    """What the gateway is given. Made from the portal's secret: none lies in the database."""
    token = _derived(secret, "token", gateway)
    key = base64.b64encode(_derived(secret, "key", gateway)).decode("ascii")
    return Credentials(
        f"cmg_{gateway.name}_{base64.urlsafe_b64encode(token).rstrip(b'=').decode('ascii')}",
        f"whsec_{key}",
    )


def name_in(token: str) -> str | None:
    """Which gateway `token` claims to be of; None if it has not the form of one."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def same(token: str, made: Credentials) -> bool:
    return hmac.compare_digest(token.encode("utf-8"), made.token.encode("ascii"))


def signed_headers(made: Credentials, number: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove that we said `body` at `now`, as message `number`."""
    moment = str(int(now.timestamp()))
    key = base64.b64decode(made.key.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{number}.{moment}.".encode("ascii") + body, hashlib.sha256)
    return {
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode('ascii')}",
    }


def pause(attempts: int) -> timedelta:
    """How long to wait after that many attempts in vain: doubling, up to an hour."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, _LONGEST_PAUSE)


def _derived(secret: bytes, purpose: str, gateway: Gateway) -> bytes:
    message = "\0".join(("gateway", purpose, gateway.name, str(gateway.serial))).encode("ascii")
    return hmac.digest(secret, message, hashlib.sha256)
