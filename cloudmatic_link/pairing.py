"""Pairing a hub with an account by the OAuth device flow (RFC 8628): what the two tell each other.

The hub POSTs forms, as the RFC has it, and proves its key by an assertion (RFC 7523) each time:

    DEVICE_PATH         `client_id` (its serial), `public_key` (a JWK), `client_assertion_type`,
                        `client_assertion`, and `account` if no other one will do
    DEVICE_TOKEN_PATH   `grant_type`, `client_id`, `device_code`, `client_assertion_type`,
                        `client_assertion`

The first is answered by an `Invitation`, the second by a `Confirmation` or by one of the `error`s
of section 3.5. No access token is given: what was confirmed is the hub's key, which signs its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_link.picture import Picture
from cloudmatic_link.status import NAME

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

PENDING: Final = "authorization_pending"
SLOW_DOWN: Final = "slow_down"
EXPIRED: Final = "expired_token"
DENIED: Final = "access_denied"

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters that do not look alike and make no words (RFC 8628, section 6.1)."""

USER_CODE: Final = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
DEVICE_CODE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ADDRESS: Final = re.compile(r"/[A-Za-z0-9/?=&._~-]{0,100}")


class PairingUnreadable(ValueError):
    """The document is not what was agreed; `member` tells where it fails."""

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What the customer is shown, and how long and how often the hub may ask (seconds).

    `device_code` is the hub's alone. `qr` is a picture of `verification_uri_complete`.
    """

    device_code: str = field(repr=False)
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int
    qr: Picture | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "device_code": self.device_code,
            "user_code": self.user_code,
            "verification_uri": self.verification_uri,
            "verification_uri_complete": self.verification_uri_complete,
            "expires_in": self.expires_in,
            "interval": self.interval,
            "qr": None if self.qr is None else self.qr.to_json(),
        }

    @classmethod
    def from_json(cls, members: Mapping[str, Any], *, portal: str) -> Self:
        """Read an answer; both addresses must be the portal's own. Raises PairingUnreadable."""
        return cls(
            device_code=_text(members, "device_code", DEVICE_CODE),
            user_code=_text(members, "user_code", USER_CODE),
            verification_uri=_address(members, "verification_uri", portal),
            verification_uri_complete=_address(members, "verification_uri_complete", portal),
            expires_in=_seconds(members, "expires_in", 1, 3600),
            # RFC 8628, section 3.2: five if none is named.
            interval=_seconds({"interval": 5} | dict(members), "interval", 1, 300),
            qr=Picture.from_json(members.get("qr")),
        )


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The account that the hub's key speaks for from now on."""

    account_id: str
    user_name: str

    def to_json(self) -> dict[str, Any]:
        return {"account": {"id": self.account_id, "user_name": self.user_name}}

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Read an answer. Raises PairingUnreadable."""
        account = members.get("account")
        if not isinstance(account, dict):
            raise PairingUnreadable("account")
        return cls(_text(account, "id", ACCOUNT_ID), _text(account, "user_name", NAME))


def _text(members: Mapping[str, Any], member: str, pattern: re.Pattern[str]) -> str:
    value = members.get(member)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise PairingUnreadable(member)
    return value


def _address(members: Mapping[str, Any], member: str, portal: str) -> str:
    value = members.get(member)
    if not isinstance(value, str) or not value.startswith(portal):
        raise PairingUnreadable(member)
    if not _ADDRESS.fullmatch(value.removeprefix(portal)):
        raise PairingUnreadable(member)
    return value


def _seconds(members: Mapping[str, Any], member: str, least: int, most: int) -> int:
    value = members.get(member)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PairingUnreadable(member)
    return value
