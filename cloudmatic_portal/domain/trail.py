"""The audit trail: all that happened to an order or a payment, from the bank to the access."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Money

StepKind = Literal[
    "order", "voucher", "payment", "entry", "state", "access", "credit", "due", "mail"
]
STEP_KINDS: Final[tuple[StepKind, ...]] = get_args(StepKind)
"""What a step is of; also their order within one instant: cause before effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened `at` an instant.

    `what` is its kind's own word: an order's new state, an entry's or a mail's kind, a product.
    `number` is the order's, where it is about one; `days` are those of access, `source` is what
    names money where it comes from, and `note` says the rest, for the operator.
    """

    at: datetime
    kind: StepKind
    what: str
    number: str | None = None
    amount: Money | None = None
    days: tuple[date, date] | None = None
    source: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The steps of `orders` (their numbers) of an account, the earliest first.

    `balance` is what the account has now. `taken_back` are the numbers of orders that are active
    though money for them was taken back, while the account owes it: somebody has to decide what
    becomes of them.
    """

    account_id: int
    orders: tuple[str, ...]
    steps: tuple[Step, ...]
    balance: Money
    taken_back: tuple[str, ...] = ()


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps as they happened; of one instant what causes comes before what follows."""
    return tuple(sorted(steps, key=lambda step: (step.at, STEP_KINDS.index(step.kind))))
