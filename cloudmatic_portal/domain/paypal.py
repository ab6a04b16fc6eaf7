"""What PayPal tells us, in our words (Orders v2, Subscriptions v1, Webhooks v1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.quote import Line

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


def again_and_again(lines: Iterable[Line]) -> Line | None:
    """The line that an agreement would pay for each time: the only subscription, if its term is
    not too long for PayPal.
    """
    found = [line for line in lines if line.kind == "subscription"]
    return found[0] if len(found) == 1 and found[0].quantity <= MOST_MONTHS else None


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


AttemptState = Literal["created", "capturing", "pending", "captured", "gone"]
"""created: may be approved. capturing: the money is being taken. pending: PayPal waits for it.
gone: nothing comes of it any more.
"""
BondState = Literal["created", "active", "suspended", "ended"]
Place = Literal["login", "booking"]
EventState = Literal["waiting", "done", "ignored", "unclear"]
EVENT_STATES: Final[tuple[EventState, ...]] = get_args(EventState)
"""waiting: money went back of which we do not know yet that it came. unclear: somebody has to look.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it was told, and what became of it."""

    event: Event
    received_at: datetime
    state: EventState
    why: str


_FIRST_LOOK: Final = timedelta(minutes=5)
_UNAPPROVED: Final = 7
"""Looks at what is not approved: the last one after 5 hours. PayPal's order has expired then."""
_LONGEST: Final = timedelta(days=1)
_AGREEMENT: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at paying `order_id` by PayPal: one order there."""

    attempt_id: int
    order_id: int
    reference: str
    number: int
    amount: Money
    place: Place
    paypal_id: str | None
    state: AttemptState
    refusals: int
    checks: int = 0

    @property
    def create_id(self) -> str:
        return request_id("order", self.reference, self.number)

    @property
    def capture_id(self) -> str:
        """Another one once PayPal has said no: the answer to the same request would be the same."""
        return request_id(f"capture{self.refusals}", self.reference, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """An agreement with PayPal that the customer set up with the order `order_id`."""

    bond_id: int
    order_id: int
    account_id: int
    reference: str
    number: int
    amount: Money
    place: Place
    plan_id: str
    starts_at: datetime
    paypal_id: str | None
    state: BondState
    wanted: AgreementStep | None
    created_at: datetime
    checks: int = 0

    @property
    def create_id(self) -> str:
        return request_id("agreement", self.reference, self.number)


def next_look(state: AttemptState | BondState, checks: int, now: datetime) -> datetime | None:
    """When to ask PayPal again what has become of it, after `checks` times; None: never.

    PayPal tells by itself; asking is for what it could not tell.
    """
    if state in {"captured", "gone", "ended"}:
        return None
    if state in {"active", "suspended"}:
        return now + _AGREEMENT
    if state == "created" and checks >= _UNAPPROVED:
        return None
    first = timedelta(minutes=1) if state == "capturing" else _FIRST_LOOK
    return now + min(_LONGEST, first * (1 << min(checks, 20)))
