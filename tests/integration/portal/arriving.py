"""Money that arrives for the customer of the passing days, and what is left of it."""

from __future__ import annotations

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import ledger, orders, payments
from cloudmatic_portal.services.payments import Booked
from tests.integration.portal import balanced
from tests.integration.portal.passing_days import CUSTOMER, PassingDays

PRICE = 3600
"""A year of Complete."""


async def pay(days: PassingDays, reference: str, cents: int, source: str = "bank 1") -> Booked:
    payment = Payment(Money(cents), days.today, source)
    return await payments.book(days.database, reference, payment, days.now)


async def left(days: PassingDays) -> int:
    await balanced.check(days.database)
    return (await ledger.balance(days.database, CUSTOMER)).cents


async def with_balance(days: PassingDays, cents: int) -> None:
    """Let as much arrive for an order that is cancelled."""
    reference = await days.book()
    await orders.cancel(days.database, CUSTOMER, reference, days.now)
    await pay(days, reference, cents, f"for {reference}")
