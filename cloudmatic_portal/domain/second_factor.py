"""The second factor of a customer's login: an app that shows codes, and codes for when it is lost.

A recovery code is sixteen characters of an alphabet without look-alikes, random: 79 bits, so that
its hash tells nothing to whoever reads it. Each is good once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.reference import ALPHABET

RECOVERY_CODES: Final = 10
CODE_BYTES: Final = 24
"""Random bytes for one recovery code: so many that no character is likelier."""

STEP_LIFETIME: Final = timedelta(minutes=5)
"""How long after the password the second factor is waited for."""

WARN_AFTER: Final = 5
"""Wrong codes after the right password that the owner is told of, once a day."""

_LENGTH: Final = 16
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Since when an account has one, and how many recovery codes have not been used."""

    since: datetime
    codes_left: int


@dataclass(frozen=True, slots=True)
class SecondStep:
    """A login whose password was right and whose second factor is still waited for.

    `devices_valid_from` is the account's; see `Device.vouches`.
    """

    account: Account
    created_at: datetime
    devices_valid_from: datetime | None = None

    def alive(self, now: datetime) -> bool:
        return now < self.created_at + STEP_LIFETIME


def new_recovery_code(random: bytes) -> str:
    """A code made of `random` (`CODE_BYTES` of them)."""
    number = int.from_bytes(random, "big")
    code = ""
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def read_recovery_code(text: str) -> str | None:
    """The code that `text` is, however it is grouped and in small letters; None if none."""
    code = "".join(sign for sign in text.upper() if sign not in " -\u2013")
    return code if len(code) == _LENGTH and set(code) <= set(ALPHABET) else None


def grouped(code: str) -> str:
    """`K7QX-4M9P-RTW2-8HJC`: how a recovery code is shown."""
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
