"""Why a pairing does not go on: for the hub that asks, and for the customer who decides."""

from __future__ import annotations

from typing import ClassVar

from cloudmatic_link import pairing
from cloudmatic_portal.domain.errors.base import PortalError


class PairingError(PortalError):
    """`error` is the word of RFC 8628, section 3.5."""

    reason = "pairing"
    error: ClassVar[str] = "invalid_grant"


class PairingPending(PairingError):
    reason = "authorization-pending"
    error = pairing.PENDING


class PairingTooFast(PairingError):
    reason = "slow-down"
    error = pairing.SLOW_DOWN


class PairingExpired(PairingError):
    """Nobody decided in time, or no such pairing was ever begun."""

    reason = "expired-token"
    error = pairing.EXPIRED


class PairingRefused(PairingError):
    reason = "access-denied"
    error = pairing.DENIED


class PairingCodeUnknown(PortalError):
    """No hub shows that code, or not any more."""

    reason = "pairing-code-unknown"


class PairingForAnotherAccount(PortalError):
    """The hub's own files name the account `account_id`; no other one can confirm."""

    reason = "pairing-for-another-account"

    def __init__(self, account_id: int) -> None:
        super().__init__(str(account_id))
        self.account_id = account_id


class HubUnknown(PortalError):
    """The account has no hub of that number."""

    reason = "hub-unknown"
