"""Money that arrives, goes and expires in the same instant, on two pools of connections."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import pytest

from cloudmatic_portal.domain.errors import PortalError, VoucherUsedUp
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import orders, payments
from cloudmatic_portal.services.payments import Booked, Share
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal import balanced
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.purchases import add_accounts, add_voucher, buy, fill, find, pay
from tests.integration.portal.world import NOW, TODAY

FIRST, SECOND = 9101, 9102
LATE = NOW + timedelta(days=16)
CENT = Money(1)


@pytest.fixture
async def databases(database: Database, database_url: str) -> AsyncIterator[list[Database]]:
    """The same database twice, as two processes have it."""
    await add_accounts(database, FIRST, SECOND)
    other = Database(parse_url(database_url))
    yield [database, other]
    await other.close()


async def at_once(*what: Awaitable[Any]) -> list[Any]:
    """What each one returned, or the refusal that it met; a deadlock would be another exception."""
    found = await asyncio.gather(*what, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, PortalError):
            raise each
    return found


async def work(database: Database) -> None:
    worker = Worker(HOUSE, secrets.token_bytes)
    while await worker.work(database, LATE):
        pass


async def make_once(database: Database) -> str:
    facts: dict[str, Any] = {"valid_from": TODAY, "limit": 1}
    return await add_voucher(database, Voucher(code="ONCE", kind="amount", value=500, **facts))


async def test_payments_cancellations_and_the_worker_never_wait_for_each_other_in_a_circle(
    databases: list[Database],
) -> None:
    database, other = databases
    references = [
        await buy(database, await fill(database, account), account)
        for account in (FIRST, SECOND) * 3
    ]
    total = (await find(database, references[0])).total.gross
    what: list[Awaitable[Any]] = [work(database), work(other)]
    for each, reference in zip(databases * 3, references, strict=True):
        whole, part = (Payment(amount, TODAY, f"{amount} {reference}") for amount in (total, CENT))
        what += [
            payments.book(each, reference, whole, LATE),
            orders.refund(each, reference, LATE),
            orders.cancel(each, None, reference, LATE),
            payments.book(each, reference, part, LATE),
        ]
    secrets.SystemRandom().shuffle(what)
    await at_once(*what)
    await work(database)
    await balanced.check(database)


async def test_an_expired_order_that_is_paid_late_takes_its_voucher_again(
    databases: list[Database],
) -> None:
    database, _ = databases
    code = await make_once(database)
    reference = await buy(database, await fill(database, FIRST, voucher=code), FIRST)
    await work(database)
    assert (await find(database, reference)).state == "expired"
    assert (await pay(database, reference, LATE)).activated
    await balanced.check(database)
    with pytest.raises(VoucherUsedUp):
        await fill(database, SECOND, voucher=code)


async def test_if_its_voucher_was_used_up_the_order_ends_and_the_money_is_kept(
    databases: list[Database],
) -> None:
    database, _ = databases
    code = await make_once(database)
    reference = await buy(database, await fill(database, FIRST, voucher=code), FIRST)
    await work(database)
    await buy(database, await fill(database, SECOND, voucher=code, now=LATE), SECOND, now=LATE)
    booked = await pay(database, reference, LATE)
    assert booked.order is not None
    assert (booked.order.state, booked.balance) == ("cancelled", booked.order.total.gross)
    await balanced.check(database)


async def test_one_payment_for_two_expired_orders_takes_both_vouchers_again(
    databases: list[Database],
) -> None:
    database, _ = databases
    found = []
    for code in ("FIVE-A", "FIVE-B"):
        facts: dict[str, Any] = {"valid_from": TODAY, "limit": 1}
        await add_voucher(database, Voucher(code=code, kind="amount", value=500, **facts))
        reference = await buy(database, await fill(database, FIRST, voucher=code), FIRST)
        found.append(await find(database, reference))
    await work(database)
    # The later voucher first: they are locked by code all the same.
    shares = [Share(each.order_id, each.total.gross) for each in reversed(found)]
    whole = found[0].total.gross + found[1].total.gross
    async with database.writing() as connection:
        booked = await payments.book_within(
            connection, FIRST, Payment(whole, TODAY, "bank 1"), shares, LATE
        )
    assert [each.activated for each in booked] == [True, True]
    await balanced.check(database)


@pytest.mark.parametrize("attempt", range(4))
async def test_of_a_late_payment_and_a_purchase_one_gets_the_last_use_of_a_voucher(
    databases: list[Database], attempt: int
) -> None:
    database, other = databases
    code = await make_once(database)
    reference = await buy(database, await fill(database, FIRST, voucher=code), FIRST)
    await work(database)
    agreed = await fill(database, SECOND, voucher=code, now=LATE)
    both: list[Awaitable[Any]] = [
        pay(database, reference, LATE),
        buy(other, agreed, SECOND, now=LATE),
    ]
    outcomes = await at_once(*(both if attempt % 2 else both[::-1]))
    [booked] = [each for each in outcomes if isinstance(each, Booked)]
    bought = any(isinstance(each, str) for each in outcomes)
    assert booked.activated != bought
    await balanced.check(database)
