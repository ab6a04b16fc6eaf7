"""Any order of payments, cancellations, expiry, refunds and returns leaves the ledger balanced, and
each payment used once.

`CLOUDMATIC_LEDGER=EXAMPLES` tries as many (the usual ones are few).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmatic_portal.domain.due import Due
from cloudmatic_portal.domain.errors import (
    BalanceTooSmall,
    OrderCannot,
    OrderUnknown,
    PaymentBookedBefore,
    PaymentUnknown,
    TakenBackBeyond,
    VoucherNotMade,
    VoucherUsedUp,
)
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import ledger, orders, payments
from cloudmatic_portal.services.payments import Share
from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal import balanced
from tests.integration.portal.purchases import add_accounts, add_voucher, buy, fill, find
from tests.integration.portal.world import NOW, TODAY

EXAMPLES = int(os.environ.get("CLOUDMATIC_LEDGER", "8"))
PRICE = 2400
REFUSED = (
    BalanceTooSmall,
    OrderCannot,
    OrderUnknown,
    PaymentUnknown,
    TakenBackBeyond,
    VoucherUsedUp,
)
"""What a step may be answered. It changes nothing then, which is checked like the rest."""
_numbers = itertools.count(30_000)

which = st.integers(0, 3)
cents = st.sampled_from([1, 600, 1800, PRICE, PRICE + 700, 2 * PRICE])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.booleans(), which),
        st.tuples(st.just("pay"), which, cents),
        st.tuples(st.just("pay_several"), which, cents),
        st.tuples(st.just("pay_twice"), which, cents),
        st.tuples(st.just("cancel"), which, cents),
        st.tuples(st.just("expire"), which, cents),
        st.tuples(st.just("refund_order"), which, cents),
        st.tuples(st.just("refund"), which, cents),
        st.tuples(st.just("take_back"), which, cents),
    ),
    min_size=3,
    max_size=14,
)


@dataclass
class Books:
    """An account, what it has ordered and what has arrived for it."""

    database: Database
    account: int
    references: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    async def do(self, step: tuple[str, Any, Any]) -> None:
        name, first, second = step
        with contextlib.suppress(*REFUSED):
            await getattr(self, name)(first, second)

    async def order(self, with_voucher: bool, _: int) -> None:
        agreed = await fill(
            self.database, self.account, "connect", voucher="ONCE" if with_voucher else None
        )
        self.references.append(await buy(self.database, agreed, self.account))

    async def pay(self, place: int, amount: int) -> None:
        await payments.book(self.database, self._order(place), self._payment(amount), NOW)

    async def pay_twice(self, place: int, amount: int) -> None:
        payment = self._payment(amount)
        await payments.book(self.database, self._order(place), payment, NOW)
        with contextlib.suppress(PaymentBookedBefore):
            await payments.book(self.database, self._order(place + 1), payment, NOW)
            raise AssertionError("a payment was booked twice")

    async def pay_several(self, place: int, amount: int) -> None:
        both = {self._order(place), self._order(place + 1)}
        found = [await find(self.database, each) for each in sorted(both)]
        shares = [Share(each.order_id, Money(amount)) for each in found] + [Share(None, Money(7))]
        payment = self._payment(amount * len(found) + 7)
        async with self.database.writing() as connection:
            await payments.book_within(connection, self.account, payment, shares, NOW)

    async def cancel(self, place: int, _: int) -> None:
        await orders.cancel(self.database, self.account, self._order(place), NOW)

    async def expire(self, place: int, _: int) -> None:
        order = await find(self.database, self._order(place))
        due = Due(
            due_id=0,
            kind="order_expiry",
            key="-",
            due_at=NOW,
            account_id=self.account,
            order_id=order.order_id,
        )
        async with self.database.writing() as connection:
            await orders.expire(connection, due, NOW)

    async def refund_order(self, place: int, _: int) -> None:
        await orders.refund(self.database, self._order(place), NOW)

    async def refund(self, _: int, amount: int) -> None:
        source = f"out {self.account} {next(_numbers)}"
        await ledger.refund(self.database, self.account, Money(amount), source, NOW)

    async def take_back(self, place: int, amount: int) -> None:
        if not self.sources:
            return
        source = self.sources[place % len(self.sources)]
        new = f"back {next(_numbers)}"
        async with self.database.writing() as connection:
            await payments.take_back(connection, source, Money(amount), "return_debit", new, NOW)

    def _order(self, place: int) -> str:
        return self.references[place % len(self.references)] if self.references else "222222222"

    def _payment(self, amount: int) -> Payment:
        source = f"bank {self.account} {next(_numbers)}"
        self.sources.append(source)
        return Payment(Money(amount), TODAY, source)


async def live(database: Database, life: list[tuple[str, Any, Any]]) -> None:
    books = Books(database, next(_numbers))
    await add_accounts(database, books.account)
    with contextlib.suppress(VoucherNotMade):
        once = Voucher(
            code="ONCE", kind="amount", value=500, valid_from=TODAY, limit=1, per_account=None
        )
        await add_voucher(database, once)
    for step in life:
        await books.do(step)
        await balanced.check(database)


def test_whatever_happens_the_ledger_is_balanced(database_url: str) -> None:
    with asyncio.Runner() as runner:
        # One for all examples: statements are compiled once.
        database = Database(parse_url(database_url))

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(life=steps)
        def try_one(life: list[tuple[str, Any, Any]]) -> None:
            runner.run(live(database, life))

        try_one()
        runner.run(database.close())
