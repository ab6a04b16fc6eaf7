"""Pairing a hub with an account by the device flow (RFC 8628), as the portal keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_link.pairing import ALPHABET
from cloudmatic_portal.domain.errors import (
    PairingCodeUnknown,
    PairingExpired,
    PairingForAnotherAccount,
    PairingPending,
    PairingRefused,
    PairingTooFast,
)

PairingState = Literal["waiting", "confirmed", "refused"]
PAIRING_STATES: Final[tuple[PairingState, ...]] = get_args(PairingState)

LIFETIME: Final = timedelta(minutes=10)
"""How long a code may be entered."""

KEPT: Final = timedelta(days=1)
"""How much longer a hub that was offline finds out what the customer decided."""

INTERVAL: Final = 5
SLOWER: Final = 5
"""Seconds between two questions of a hub, and how many more each one that comes too soon costs
(RFC 8628, section 3.5).
"""

_LONGEST: Final = 300
_JITTER: Final = timedelta(seconds=1)
_IGNORED: Final = re.compile(r"[\s-]+")
_CODE: Final = re.compile(f"[{ALPHABET}]{{8}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """The hub `serial` wants its key to speak for an account, which one the customer decides.

    `wanted` is the account that the hub's own files name, if they name one: no other will do.
    """

    user_code: str
    serial: str
    key_id: str
    public_key: bytes
    created_at: datetime
    expires_at: datetime
    wanted: int | None = None
    state: PairingState = "waiting"
    account_id: int | None = None
    interval: int = INTERVAL
    asked_at: datetime | None = None

    @property
    def code(self) -> str:
        """The user code as it is shown."""
        return f"{self.user_code[:4]}-{self.user_code[4:]}"

    def require_open(self, account_id: int, now: datetime) -> None:
        """Raises PairingCodeUnknown if nothing can be decided any more, or another account has;
        PairingForAnotherAccount if `account_id` is not the one that the hub wants.
        """
        if self.expires_at <= now or self.account_id not in {None, account_id}:
            raise PairingCodeUnknown
        if self.wanted is not None and self.wanted != account_id:
            raise PairingForAnotherAccount(self.wanted)

    def too_soon(self, now: datetime) -> bool:
        """Whether the hub asks sooner than it may."""
        if self.asked_at is None:
            return False
        return now - self.asked_at < timedelta(seconds=self.interval) - _JITTER

    def slower(self) -> int:
        """The interval after a question that came too soon."""
        return min(_LONGEST, self.interval + SLOWER)

    def refusal(self, now: datetime) -> Exception | None:
        """What a hub that asks is told, None if the customer has confirmed."""
        if self.state == "confirmed":
            return None
        if self.state == "refused":
            return PairingRefused()
        if self.expires_at <= now:
            return PairingExpired()
        return PairingTooFast() if self.too_soon(now) else PairingPending()


def new_user_code(random_bytes: bytes) -> str:
    """Eight letters from 16 random bytes: 34 bits, of which nothing can be guessed in time."""
    number, letters = int.from_bytes(random_bytes), []
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def read_user_code(text: str) -> str | None:
    """The code as it was typed, in small letters too, with or without hyphen; None if it is none.

    >>> read_user_code("bcdf ghjk")
    'BCDFGHJK'
    """
    code = _IGNORED.sub("", text).upper()
    return code if _CODE.fullmatch(code) else None
