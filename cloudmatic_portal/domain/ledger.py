"""The ledger: what became of every cent, in entries that are never changed.

An entry with an order is money of that order, one without is the account's balance. Of an account
the entries add up to payments, less what active orders cost, less what was paid out or taken back.
Of an order that is active, cancelled or refunded they add up to nothing: what is too much, or not
owed any more, is moved to the balance at once. Of one that waits they are what it has been paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order

EntryKind = Literal[
    "payment", "charge", "moved", "reversal", "refund", "return_debit", "correction"
]
ENTRY_KINDS: Final[tuple[EntryKind, ...]] = get_args(EntryKind)
"""payment: money in, +. charge: an order became active, minus its total. moved: a pair, from an
order to the balance or back. reversal: the charge of an order that is refunded, +. refund: paid out
to the customer, -. return_debit: taken back by the bank or PayPal, -. correction: the operator's.
"""

LONGEST_SOURCE: Final = 200
LONGEST_NOTE: Final = 200

TakenBack = Literal["return_debit", "refund"]
"""How a payment leaves again: the bank or PayPal takes it, or it is sent back as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`amount` for the account's `order_id`, or for its balance if that is None.

    `payment_id` is the payment that it comes from or goes back to. `source` names an event outside
    that is no payment (a refund, a return debit), once for ever. `note` says why, for the operator.
    `number` is the order's, once the entry is in the ledger.
    """

    kind: EntryKind
    account_id: int
    amount: Money
    booked_at: datetime
    order_id: int | None = None
    payment_id: int | None = None
    source: str | None = None
    note: str = ""
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment: for an order, or for the balance if `order_id` is None."""

    order_id: int | None
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.cents <= 0:
            raise ValueError("a share is more than nothing")


def check_shares(amount: Money, shares: Sequence[Share]) -> None:
    """Raises ValueError unless `shares` are all of `amount`, each order once."""
    total = Money(0, amount.currency)
    for share in shares:
        total += share.amount
    if total != amount:
        raise ValueError("the shares of a payment add up to it")
    if len({share.order_id for share in shares}) != len(shares):
        raise ValueError("an order has one share of a payment")


def paid(account_id: int, payment_id: int, share: Share, now: datetime) -> Entry:
    return Entry(
        kind="payment",
        account_id=account_id,
        amount=share.amount,
        booked_at=now,
        order_id=share.order_id,
        payment_id=payment_id,
    )


def charged(account_id: int, order_id: int, total: Money, now: datetime) -> tuple[Entry, ...]:
    """What an order costs once it is active; nothing for one that costs nothing."""
    if not total.cents:
        return ()
    amount = Money(-total.cents, total.currency)
    return (
        Entry(
            kind="charge", account_id=account_id, amount=amount, booked_at=now, order_id=order_id
        ),
    )


def reversed_charge(order: Order, now: datetime) -> tuple[Entry, ...]:
    """An order is refunded: its price comes back, to the order and from there to the balance."""
    total = order.total.gross
    if not total.cents:
        return ()
    reversal = Entry(
        kind="reversal",
        account_id=order.account_id,
        amount=total,
        booked_at=now,
        order_id=order.order_id,
    )
    return (reversal, *to_balance(order, total, now, "refunded"))


def to_balance(order: Order, amount: Money, now: datetime, why: str) -> tuple[Entry, ...]:
    """Move `amount` from the order to the balance; nothing if it is nothing."""
    return _moved(order.account_id, order.order_id, amount, now, why)


def from_balance(
    account_id: int, order_id: int, amount: Money, now: datetime, why: str
) -> tuple[Entry, ...]:
    """Move `amount` from the balance to the order; nothing if it is nothing."""
    return _moved(account_id, order_id, Money(-amount.cents, amount.currency), now, why)


def with_balance(order: Order, entries: Iterable[Entry]) -> Order:
    """The order with what the balance paid of it or got from it, by the order's entries.

    What went there and back is neither.
    """
    moved = sum(each.amount.cents for each in entries if each.kind == "moved")
    currency = order.paid.currency
    return replace(
        order,
        from_balance=Money(max(0, moved), currency),
        to_balance=Money(max(0, -moved), currency),
    )


def given(entries: Iterable[Entry], currency: str = "EUR") -> Money:
    """All that an order gave to the balance, also of what it had from there, by its entries."""
    moved = (each.amount.cents for each in entries if each.kind == "moved")
    return Money(-sum(cents for cents in moved if cents < 0), currency)


def was_sent(order: Order, entries: Iterable[Entry]) -> bool:
    """Whether an open order holds money that was sent for it, besides what the balance gave it.

    By the order's entries. What was sent and has gone back is not held.
    """
    moved = [each.amount.cents for each in entries if each.kind == "moved"]
    return order.paid.cents > sum(cents for cents in moved if cents > 0)


def spendable(balance: Money, due: Money) -> Money:
    """What of `balance` pays for `due`. A balance below nothing pays nothing."""
    return Money(min(max(0, balance.cents), due.cents), due.currency)


def balance(entries: Iterable[Entry], currency: str = "EUR") -> Money:
    """What the account has left: all that is no order's."""
    total = Money(0, currency)
    for entry in entries:
        if entry.order_id is None:
            total += entry.amount
    return total


def _moved(
    account_id: int, order_id: int, amount: Money, now: datetime, why: str
) -> tuple[Entry, ...]:
    if not amount.cents:
        return ()
    away = Money(-amount.cents, amount.currency)
    return tuple(
        Entry(
            kind="moved",
            account_id=account_id,
            amount=each,
            booked_at=now,
            order_id=of,
            note=why,
        )
        for each, of in ((away, order_id), (amount, None))
    )
