"""A payment that goes back: an order that waits loses it, one that is active stays so."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import select

from cloudmatic_portal.domain.errors import PaymentBookedBefore, PaymentUnknown, TakenBackBeyond
from cloudmatic_portal.domain.ledger import TakenBack
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import payments, trail
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import vouchers
from tests.integration.portal.arriving import PRICE, left, pay, with_balance
from tests.integration.portal.passing_days import BEGIN, CUSTOMER, DAY, END, PassingDays
from tests.integration.portal.purchases import add_accounts, add_voucher, buy, fill, find

AFTER = BEGIN + 16 * DAY
"""When an order of the first day has expired, if it has."""


@pytest.fixture
async def days(database: Database) -> PassingDays:
    await add_accounts(database, CUSTOMER)
    return PassingDays(database, BEGIN)


async def test_a_payment_that_is_taken_back_leaves_the_order_active_and_a_debt(
    days: PassingDays,
) -> None:
    reference = await days.book()
    await pay(days, reference, PRICE)
    await take_back(days, PRICE, "return 1")
    assert await left(days) == -PRICE
    assert (await find(days.database, reference, days.now)).state == "active"
    # A debt pays nothing; it is paid by what comes next for the order.
    other = await find(days.database, await days.book(), days.now)
    assert other.due == Money(PRICE)
    await pay(days, reference, PRICE, "bank 2")
    assert await left(days) == 0


@pytest.mark.parametrize("kind", get_args(TakenBack))
async def test_the_trail_asks_for_a_decision_while_there_is_a_debt(
    days: PassingDays, kind: TakenBack
) -> None:
    reference = await days.book()
    await pay(days, reference, PRICE)
    assert await asks_about(days, reference) == ()
    await take_back(days, 1000, f"{kind} 1", kind=kind)
    number = (await find(days.database, reference, days.now)).number
    assert await asks_about(days, reference) == (number,)
    assert (await trail.of_payment(days.database, "bank 1")).taken_back == (number,)
    await pay(days, reference, 1000, "bank 2")
    assert await asks_about(days, reference) == ()


async def test_the_trail_asks_nothing_while_the_balance_makes_good_what_is_gone(
    days: PassingDays,
) -> None:
    reference = await days.book()
    await pay(days, reference, PRICE)
    await with_balance(days, 1000)
    await take_back(days, 1000, "return 1")
    assert await asks_about(days, reference) == ()
    await take_back(days, 1, "return 2")
    assert len(await asks_about(days, reference)) == 1


async def test_a_part_that_is_taken_back_is_due_again(days: PassingDays) -> None:
    reference = await days.book()
    await pay(days, reference, 1000)
    await take_back(days, 1000, "return 1")
    order = await find(days.database, reference, days.now)
    assert (order.state, order.due) == ("open", Money(PRICE))
    assert await left(days) == 0


async def test_an_order_whose_payment_goes_back_after_its_day_expires_all_the_same(
    days: PassingDays,
) -> None:
    reference = await with_voucher_and_balance(days)
    await pay(days, reference, 1000)
    await days.until(AFTER)
    assert "order_expiry" in await days.planned("dropped")
    assert await state(days, reference) == "open"
    await take_back(days, 1000, "return 1")
    await days.work()
    assert await state(days, reference) == "expired"
    assert (await left(days), await uses(days)) == (600, 0)


async def test_an_order_whose_payment_goes_back_before_its_day_expires_on_it(
    days: PassingDays,
) -> None:
    reference = await with_voucher_and_balance(days)
    await pay(days, reference, 1000)
    await take_back(days, 1000, "return 1")
    await days.until(AFTER)
    assert await state(days, reference) == "expired"
    assert (await left(days), await uses(days)) == (600, 0)


async def test_an_order_that_keeps_a_part_of_its_payment_does_not_expire_before_that_goes_too(
    days: PassingDays,
) -> None:
    reference = await with_voucher_and_balance(days)
    await pay(days, reference, 1000)
    await days.until(AFTER)
    await take_back(days, 400, "return 1")
    await days.work()
    assert await state(days, reference) == "open"
    assert (await left(days), await uses(days)) == (0, 1)
    await take_back(days, 600, "return 2")
    await days.work()
    assert await state(days, reference) == "expired"
    assert (await left(days), await uses(days)) == (600, 0)


async def test_the_next_period_of_a_subscription_waits_on_whatever_goes_back(
    days: PassingDays,
) -> None:
    await days.subscribe()
    await days.until(END)
    [renewal] = await days.renewals()
    await pay(days, renewal, 100)
    await take_back(days, 100, "return 1")
    assert "order_expiry" not in await days.planned()
    await days.until(END + 60 * DAY)
    assert await state(days, renewal) == "open"


async def test_no_more_is_taken_back_than_arrived_and_each_return_once(
    days: PassingDays,
) -> None:
    await pay(days, await days.book(), PRICE)
    await take_back(days, 1000, "return 1")
    for cents, source, refusal in (
        (1000, "return 1", PaymentBookedBefore),
        (PRICE, "return 2", TakenBackBeyond),
        (0, "return 2", TakenBackBeyond),
    ):
        with pytest.raises(refusal):
            await take_back(days, cents, source)
    with pytest.raises(PaymentUnknown):
        await take_back(days, 1, "return 2", of="unheard of")
    assert await left(days) == -1000


async def take_back(
    days: PassingDays,
    cents: int,
    source: str,
    of: str = "bank 1",
    kind: TakenBack = "return_debit",
) -> None:
    async with days.database.writing() as connection:
        await payments.take_back(connection, of, Money(cents), kind, source, days.now)


async def with_voucher_and_balance(days: PassingDays) -> str:
    """Order with a voucher that can be used once, and 6 € of the balance."""
    once = Voucher(code="ONCE", kind="percent", value=1000, valid_from=BEGIN, limit=1)
    await add_voucher(days.database, once)
    await with_balance(days, 600)
    agreed = await fill(days.database, CUSTOMER, voucher="ONCE", now=days.now)
    return await buy(days.database, agreed, CUSTOMER, now=days.now)


async def asks_about(days: PassingDays, reference: str) -> tuple[str, ...]:
    """The orders that the trail of this one wants a decision about."""
    return (await trail.of_order(days.database, reference)).taken_back


async def uses(days: PassingDays) -> int:
    """How often the voucher is in use."""
    async with days.database.reading() as connection:
        [found] = await connection.scalars(
            select(vouchers.c.redeemed).where(vouchers.c.code == "ONCE")
        )
    return int(found)


async def state(days: PassingDays, reference: str) -> str:
    return (await find(days.database, reference, days.now)).state
