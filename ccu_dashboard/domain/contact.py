"""How the hub's last attempt to hear from the portal went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """The result of one attempt."""

    HEARD = "heard"
    NOT_LINKED = "not-linked"
    ACCOUNT_UNREADABLE = "account-unreadable"
    NO_SERIAL = "no-serial"
    KEY_UNUSABLE = "key-unusable"
    STATE_UNWRITABLE = "state-unwritable"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    PAIRING = "pairing"
    SILENT = "silent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Contact:
    """One attempt. `reason` is a stable word that explains the outcome further.

    `portal_time` is what the portal's clock said (UTC) when this hub's `elapsed` seconds since
    boot had passed; both are None if the portal was not heard at all. `pause` is how many seconds
    it is until the next attempt is worth while, where that is known.
    """

    outcome: Outcome
    reason: str = ""
    portal_time: datetime | None = None
    elapsed: float | None = None
    pause: float | None = None
