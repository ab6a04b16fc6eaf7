"""A pairing that is under way on this hub (RFC 8628), and when one may be begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccu_dashboard.domain.account import Account, Linked, NotLinked, Pending
from cloudmatic_link.pairing import Invitation


class Ending(StrEnum):
    """Why a pairing came to nothing."""

    EXPIRED = "expired"
    DENIED = "denied"
    FAILED = "failed"
    OTHER_ACCOUNT = "other-account"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody has asked for a code; the portal has not been reached yet.

    `key_id` is the key that was made for it, once it was made.
    """

    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The code is shown until `expires_at` (UTC); `key_id` is the key that is to be confirmed."""

    invitation: Invitation
    expires_at: datetime
    key_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """It came to nothing; `reason` may say more."""

    ending: Ending
    reason: str = ""


Pairing = Wanted | Open | Ended


def needed(account: Account, refusal: str | None) -> bool:
    """Whether pairing would help: there is no account, or the portal does not take this hub's word
    for the one that there is.
    """
    match account:
        case NotLinked() | Pending():
            return True
        case Linked():
            return refusal is not None
        case _:
            return False
