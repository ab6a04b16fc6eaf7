"""What is known about the orders and customers that bank lines may be for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.reference import grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An order that money may be for. `due` is what is still to pay, nothing if it waits not."""

    order_id: int
    reference: str
    account_id: int
    due: Money

    @property
    def number(self) -> str:
        return grouped(self.reference)


@dataclass(frozen=True, slots=True)
class Customer:
    """A subscription, by its own reference, and its orders that wait, the oldest first."""

    account_id: int
    orders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of a line: for an order, or for the balance of the account if there is none."""

    amount: Money
    candidate: Candidate | None = None

    @property
    def order_id(self) -> int | None:
        return self.candidate.order_id if self.candidate else None


@dataclass(slots=True, kw_only=True)
class Books:
    """What is known about the orders and customers that some lines may be for.

    `orders` has every order that is named or may be meant, by its id; `references` leads to it.
    `successors` are the waiting orders of the subscription of an order that waits no more.
    `taken` is what the lines before this one have paid.
    """

    orders: dict[int, Candidate] = field(default_factory=dict)
    references: dict[str, int] = field(default_factory=dict)
    successors: dict[int, tuple[int, ...]] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    waiting: dict[int, tuple[int, ...]] = field(default_factory=dict)
    payers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    user_names: dict[str, int] = field(default_factory=dict)
    account_ids: set[int] = field(default_factory=set)
    taken: dict[int, int] = field(default_factory=dict)

    def due(self, order_id: int) -> Money:
        due = self.orders[order_id].due
        return Money(max(0, due.cents - self.taken.get(order_id, 0)), due.currency)

    def named(self, reference: str) -> Sequence[tuple[int, int | None]]:
        """Account and order of a reference that is known, of a subscription's all that wait."""
        order_id = self.references.get(reference)
        if order_id is not None:
            return [(self.orders[order_id].account_id, order_id)]
        customer = self.customers.get(reference)
        if customer is None:
            return []
        waiting = self.still_due(customer.orders)
        return [(customer.account_id, each) for each in waiting or (None,)]

    def still_due(self, order_ids: Iterable[int]) -> tuple[int, ...]:
        """Those of the orders that something is still to be paid of."""
        return tuple(each for each in order_ids if self.due(each).cents)

    def meant(self, order_id: int) -> int:
        """The order that money for `order_id` is for: it, or if it is paid the next one that waits.

        A standing order names the first order of its subscription for ever.
        """
        waiting = self.still_due((order_id, *self.successors.get(order_id, ())))
        return waiting[0] if waiting else order_id

    def take(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if claim.order_id is not None:
                before = self.taken.get(claim.order_id, 0)
                self.taken[claim.order_id] = before + claim.amount.cents
