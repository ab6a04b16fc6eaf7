"""Why a booking link or an enrolment from a hub is refused."""

from __future__ import annotations

from datetime import datetime

from cloudmatic_portal.domain.errors.base import PortalError


class BookingRefused(PortalError):
    reason = "booking-refused"


class UnknownKey(BookingRefused):
    reason = "unknown-key"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class RevokedKey(BookingRefused):
    """The key `key_id` was withdrawn at `revoked_at` (UTC)."""

    reason = "revoked-key"

    def __init__(self, key_id: str, revoked_at: datetime) -> None:
        super().__init__(key_id)
        self.key_id = key_id
        self.revoked_at = revoked_at


class HubMismatch(BookingRefused):
    reason = "hub-mismatch"

    def __init__(self, serial: str) -> None:
        super().__init__(serial)
        self.serial = serial


class AccountMismatch(BookingRefused):
    reason = "account-mismatch"

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class LinkReplayed(BookingRefused):
    """The link made at `made_at` (UTC) has done its work already."""

    reason = "replayed"

    def __init__(self, made_at: datetime) -> None:
        super().__init__(made_at.isoformat())
        self.made_at = made_at


class ProductUnknown(BookingRefused):
    reason = "product-unknown"

    def __init__(self, product: str) -> None:
        super().__init__(product)
        self.product = product


class ProductNotSold(BookingRefused):
    reason = "product-not-sold"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TermNotOffered(BookingRefused):
    """`name` is sold, but for the months (or messages) in `offered` only."""

    reason = "term-not-offered"

    def __init__(self, name: str, quantity: int, offered: tuple[int, ...]) -> None:
        super().__init__(f"{name}, {quantity}")
        self.name = name
        self.quantity = quantity
        self.offered = offered


class KindNotOffered(BookingRefused):
    reason = "kind-not-offered"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class EnrolmentRefused(PortalError):
    reason = "enrolment-refused"


class CredentialsRefused(EnrolmentRefused):
    """Says nothing about which of the two was wrong."""

    reason = "credentials-refused"


class KeyElsewhere(EnrolmentRefused):
    reason = "key-elsewhere"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id
