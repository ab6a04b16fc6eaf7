"""How the hub's last attempt to hear from the portal went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ccu_dashboard.domain.message import N_


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


OUTCOMES: Final = {
    Outcome.HEARD: N_("answered"),
    Outcome.NOT_LINKED: N_("not asked, no account is linked"),
    Outcome.ACCOUNT_UNREADABLE: N_("not asked, the account data cannot be read"),
    Outcome.NO_SERIAL: N_("not asked, the hub does not know its serial number"),
    Outcome.KEY_UNUSABLE: N_("not asked, the hub's key cannot be used"),
    Outcome.STATE_UNWRITABLE: N_("asked, but the answer cannot be stored:"),
    Outcome.UNREACHABLE: N_("not reached:"),
    Outcome.REFUSED: N_("refused:"),
    Outcome.FAILED: N_("failed:"),
    Outcome.PAIRING: N_("waits for somebody to confirm the code that the dashboard shows"),
    Outcome.SILENT: N_("not asked, personal data were deleted here"),
}
"""What is said of an attempt; those with a colon are followed by the reason."""


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
