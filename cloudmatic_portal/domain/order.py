"""An order: what was bought, at which price, and what has become of it.

open ──► paid ──► active ──► refunded
 │ ▲      └────────────────────▲
 │ └── (a payment that is too small leaves it open)
 ├──► expired ──► paid          paid late: access begins then
 │       └──────► cancelled
 └──► cancelled
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.errors import OrderCannot
from cloudmatic_portal.domain.money import Money, Total
from cloudmatic_portal.domain.payment import PaymentMethod
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.domain.reference import grouped

OrderState = Literal["open", "paid", "active", "cancelled", "expired", "refunded"]
ORDER_STATES: Final[tuple[OrderState, ...]] = get_args(OrderState)

EnteredBy = Literal["login", "booking"]
"""Whether the customer was logged in, or came from the hub with a booking-only session."""

PAY_WITHIN: Final = timedelta(days=14)
"""How long an open order waits for its payment before it expires."""

_MOVES: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    "open": frozenset({"paid", "cancelled", "expired"}),
    "expired": frozenset({"paid", "cancelled"}),
    "paid": frozenset({"active", "refunded"}),
    "active": frozenset({"refunded"}),
    "cancelled": frozenset(),
    "refunded": frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`lines` and prices are as they were agreed: later changes of the catalogue are none of it.

    `paid` is what has arrived so far. `reference` is the order's number, for everybody. `items`
    are the ids of the lines, `transfer_references` what transfers for the subscriptions that they
    begin may name instead of the number. `vouchers` is what each one saved, `from_balance` and
    `to_balance` what the account's balance paid and got; None if nobody has looked it up.
    """

    order_id: int
    reference: str
    account_id: int
    state: OrderState
    method: PaymentMethod
    lines: tuple[Line, ...]
    items: tuple[int, ...] = ()
    paid: Money
    language: Language
    created_at: datetime
    pay_until: date
    activated_at: datetime | None = None
    vouchers: Mapping[str, Money] | None = None
    transfer_references: tuple[str | None, ...] = ()
    from_balance: Money | None = None
    to_balance: Money | None = None

    @property
    def number(self) -> str:
        return grouped(self.reference)

    @property
    def transfer_number(self) -> str:
        """What a transfer for the order names; a standing order names the subscription."""
        return transfer_number(self.method, self.reference, self.transfer_references)

    @property
    def total(self) -> Total:
        return Total.of(line.price for line in self.lines)

    @property
    def due(self) -> Money:
        """What is still to pay, never less than nothing."""
        rest = self.total.gross - self.paid
        waiting = self.state in {"open", "expired"}
        return Money(max(0, rest.cents) if waiting else 0, rest.currency)

    @property
    def excess(self) -> Money:
        """What was paid beyond the total, or for an order that is not to be paid."""
        rest = self.paid - self.total.gross
        owed = self.state not in {"cancelled", "refunded"}
        return Money(max(0, rest.cents), rest.currency) if owed else self.paid

    def can(self, state: OrderState) -> bool:
        return state in _MOVES[self.state]

    def require(self, state: OrderState) -> None:
        """Raises OrderCannot unless the order can go from its state to `state`."""
        if not self.can(state):
            raise OrderCannot(self.number, self.state, state)


def transfer_number(
    method: PaymentMethod, reference: str, transfer_references: Iterable[str | None]
) -> str:
    """What transfers for the order `reference` name: a standing order names the subscription."""
    standing = next((each for each in transfer_references if each), None)
    return grouped(standing if method == "standing_order" and standing else reference)
