"""What PayPal tells us, in our words (Orders v2, Subscriptions v1, Webhooks v1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from cloudmatic_portal.domain.money import Money

PAYPAL_ID: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{2,63}")
"""Ids of orders, captures, sales, refunds, plans, subscriptions and events."""

MOST_MONTHS: Final = 12
"""The longest interval of a plan whose unit is the month (Subscriptions v1, `interval_count`)."""

CheckoutStatus = Literal[
    "CREATED", "SAVED", "APPROVED", "VOIDED", "COMPLETED", "PAYER_ACTION_REQUIRED"
]
CaptureStatus = Literal[
    "COMPLETED", "DECLINED", "PARTIALLY_REFUNDED", "PENDING", "REFUNDED", "FAILED"
]
AgreementStatus = Literal[
    "APPROVAL_PENDING", "APPROVED", "ACTIVE", "SUSPENDED", "CANCELLED", "EXPIRED"
]
AgreementStep = Literal["cancel", "suspend", "activate"]

EventKind = Literal["order", "agreement", "arrived", "denied", "taken_back", "other"]
"""order, agreement: look what has become of it. arrived, taken_back: money has moved."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Money that PayPal took from the customer for us, or means to."""

    capture_id: str
    status: CaptureStatus
    amount: Money

    @property
    def arrived(self) -> bool:
        """Whether the money came; what went back later is told by an event of its own."""
        return self.status in {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}


@dataclass(frozen=True, slots=True)
class Checkout:
    """An order at PayPal. `approve` is where the customer agrees to it."""

    paypal_id: str
    status: CheckoutStatus
    approve: str | None = None
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A subscription at PayPal, by which it pays us without being asked each time."""

    paypal_id: str
    status: AgreementStatus
    approve: str | None = None

    @property
    def over(self) -> bool:
        """Whether it pays nothing any more, for ever."""
        return self.status in {"CANCELLED", "EXPIRED"}


@dataclass(frozen=True, slots=True)
class Sale:
    """One payment of an agreement."""

    sale_id: str
    amount: Money
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a webhook tells, and no more of it than is needed.

    `subject` is the PayPal id of what it is about. `parent` is what that belongs to: the order or
    agreement of money that arrived, the capture or sale of money that went back.
    """

    event_id: str
    event_type: str
    kind: EventKind
    subject: str | None = None
    parent: str | None = None
    amount: Money | None = None
    day: date | None = None


def source(money_id: str) -> str:
    """What names a payment (or its return) that PayPal knows as `money_id`, once for ever."""
    return f"paypal:{money_id}"


def request_id(purpose: str, reference: str, number: int) -> str:
    """`PayPal-Request-Id`: the same for each repetition, so that PayPal does it once."""
    return f"cloudmatic-{purpose}-{reference}-{number}"
