"""Many at once, on two pools of connections: what may happen once happens once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from datetime import timedelta
from itertools import cycle, pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.errors import (
    CartChanged,
    MethodNotOffered,
    OrderCannot,
    PaymentBookedBefore,
    PortalError,
    QuoteChanged,
    VoucherUsedUp,
)
from cloudmatic_portal.domain.payment import Payment, PaymentMethod
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import cart, ledger, orders, payments
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.tables import metadata
from tests.integration.portal.purchases import (
    ACCOUNT,
    add_accounts,
    add_voucher,
    buy,
    fill,
    find,
    pay,
)
from tests.integration.portal.world import NOW, TODAY, all_rows

CUSTOMERS = range(9001, 9051)


@pytest.fixture
async def databases(database: Database, database_url: str) -> AsyncIterator[list[Database]]:
    """The same database twice, as two processes have it."""
    other = Database(parse_url(database_url))
    yield [database, other]
    await other.close()


async def at_once(*what: Awaitable[Any]) -> list[Any]:
    """What each one returned, or the refusal that it met; any other exception is a failure."""
    found = await asyncio.gather(*what, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, PortalError):
            raise each
    return found


async def count(database: Database, table: str) -> int:
    async with database.reading() as connection:
        query = select(func.count()).select_from(metadata.tables[table])
        return int((await connection.execute(query)).scalar_one())


def kinds(outcomes: Iterable[Any]) -> Counter[type]:
    return Counter(type(each) for each in outcomes)


async def test_of_fifty_customers_one_gets_the_last_use_of_a_voucher(
    databases: list[Database],
) -> None:
    database = databases[0]
    await add_accounts(database, 9000, *CUSTOMERS)
    code = await add_voucher(
        database, Voucher(code="LAST-ONE", kind="amount", value=500, valid_from=TODAY, limit=2)
    )
    await buy(database, await fill(database, 9000, voucher=code), 9000)
    agreed = {each: await fill(database, each, voucher=code) for each in CUSTOMERS}
    outcomes = await at_once(
        *(
            buy(each, agreed[customer], customer)
            for customer, each in zip(CUSTOMERS, cycle(databases), strict=False)
        )
    )
    found = kinds(outcomes)
    assert found[str] == 1
    assert found[VoucherUsedUp] + found[QuoteChanged] == len(CUSTOMERS) - 1
    assert await count(database, "orders") == 2
    assert await count(database, "voucher_redemptions") == 2
    winner = CUSTOMERS[next(place for place, each in enumerate(outcomes) if type(each) is str)]
    for customer in set(CUSTOMERS) - {winner}:
        shown = await cart.show(database, customer, NOW)
        assert shown.lines, "whoever came too late still has the cart"
        assert isinstance(shown.vouchers[0].refused, VoucherUsedUp)


@pytest.mark.fault("impatient clients", "twenty clicks make one order")
async def test_twenty_clicks_on_buy_make_one_order(databases: list[Database]) -> None:
    database = databases[0]
    code = await add_voucher(
        database, Voucher(code="TEN", kind="percent", value=1000, valid_from=TODAY)
    )
    agreed = await fill(database, voucher=code)
    clicks = zip(range(20), cycle(databases), strict=False)
    references = await at_once(*(buy(each, agreed) for _, each in clicks))
    assert len(set(references)) == 1
    assert type(references[0]) is str
    for table in ("orders", "order_items", "voucher_redemptions", "mails"):
        assert await count(database, table) == 1, table
    # The cart is there for the next purchase, and the former one is still known.
    assert not (await cart.show(database, ACCOUNT, NOW)).lines
    assert await buy(database, agreed) == references[0]


async def test_twenty_clicks_on_a_free_cart_activate_it_once(databases: list[Database]) -> None:
    database = databases[0]
    code = await add_voucher(
        database, Voucher(code="GIFT", kind="percent", value=10_000, valid_from=TODAY)
    )
    before = await count(database, "access_periods")
    agreed = await fill(database, voucher=code)
    clicks = zip(range(20), cycle(databases), strict=False)
    references = await at_once(*(buy(each, agreed) for _, each in clicks))
    assert len(set(references)) == 1
    assert (await find(database, references[0])).state == "active"
    assert await count(database, "access_periods") == before + 1


@pytest.mark.parametrize("attempt", range(6))
async def test_payment_and_cancellation_at_once_agree_on_one_outcome(
    databases: list[Database], attempt: int
) -> None:
    database, other = databases
    code = await add_voucher(
        database, Voucher(code="FIVE", kind="amount", value=500, valid_from=TODAY, limit=1)
    )
    before = await count(database, "access_periods")
    reference = await buy(database, await fill(database, voucher=code))
    both: list[Awaitable[Any]] = [
        orders.cancel(other, ACCOUNT, reference, NOW),
        pay(database, reference),
    ]
    outcomes = await at_once(*(both if attempt % 2 else reversed(both)))
    order = await find(database, reference)
    left = await ledger.balance(database, ACCOUNT)
    assert order.paid + left == order.total.gross, "money that arrived is never lost sight of"
    if order.state == "active":
        assert any(isinstance(each, OrderCannot) for each in outcomes)
        assert await count(database, "access_periods") == before + 1
        assert left.cents == 0
    else:
        assert order.state == "cancelled"
        assert await count(database, "access_periods") == before
        assert order.paid.cents == 0
        # Its voucher is free again.
        await fill(database, voucher=code)


@pytest.mark.fault("impatient clients", "a payment reported ten times at once is booked once")
async def test_a_payment_that_is_reported_ten_times_at_once_is_booked_once(
    databases: list[Database],
) -> None:
    database = databases[0]
    reference = await buy(database, await fill(database))
    money = (await find(database, reference)).total.gross
    payment = Payment(money, TODAY, "statement 17, line 3")
    outcomes = await at_once(
        *(
            payments.book(each, reference, payment, NOW)
            for _, each in zip(range(10), cycle(databases), strict=False)
        )
    )
    assert kinds(outcomes)[PaymentBookedBefore] == 9
    assert (await find(database, reference)).paid == money
    assert await count(database, "payments") == 1


async def test_orders_paid_at_once_run_one_after_the_other(databases: list[Database]) -> None:
    database = databases[0]
    products = ("connect", "smarthome", "complete", "fullservice")
    references = [await buy(database, await fill(database, product=each)) for each in products]
    await at_once(
        *(pay(each, ref) for ref, each in zip(references, cycle(databases), strict=False))
    )
    async with database.reading() as connection:
        periods = await stored_access.not_ended(connection, ACCOUNT, berlin_day(NOW))
    assert len(periods) == 1 + len(products)
    for earlier, later in pairwise(periods):
        assert later.first_day == earlier.last_day + timedelta(days=1)


async def test_what_is_put_into_the_cart_during_a_purchase_is_bought_or_kept(
    databases: list[Database],
) -> None:
    database, other = databases
    for attempt in range(6):
        agreed = await fill(database)
        adding = cart.put(other, ACCOUNT, Wish("connect", 12, "single"), NOW)
        both: list[Awaitable[Any]] = [buy(database, agreed), adding]
        outcomes = await at_once(*(both if attempt % 2 else reversed(both)))
        bought = [each for each in outcomes if type(each) is str]
        left = {line.product for line in (await cart.show(database, ACCOUNT, NOW)).lines}
        if bought:
            lines = (await find(database, bought[0])).lines
            assert [line.product for line in lines] == ["complete"]
            assert left == {"connect"}
        else:
            assert any(isinstance(each, CartChanged) for each in outcomes)
            assert left == {"complete", "connect"}
        await cart.update(database, ACCOUNT, products=left, now=NOW)


@pytest.mark.parametrize("method", ["none", "standing_order"])
async def test_a_refused_purchase_changes_nothing(
    database: Database, method: PaymentMethod
) -> None:
    agreed = await fill(database)
    before = await all_rows(database)
    with pytest.raises(MethodNotOffered):
        await buy(database, agreed, method=method)
    assert await all_rows(database) == before
