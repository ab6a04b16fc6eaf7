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
        waiting = [each for each in customer.orders if self.due(each).cents]
        return [(customer.account_id, each) for each in waiting or (None,)]

    def take(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if claim.order_id is not None:
                before = self.taken.get(claim.order_id, 0)
                self.taken[claim.order_id] = before + claim.amount.cents
