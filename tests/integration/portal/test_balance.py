"""What is too much becomes balance, and the balance pays what comes next."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.errors import (
    AccountUnknown,
    BalanceChanged,
    BalanceTooSmall,
    OrderCannot,
    OrderUnknown,
    PaymentBookedBefore,
    PaymentUnknown,
)
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.services import checkout, ledger, orders, payments, subscriptions, trail
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.services.payments import Share
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.arriving import PRICE, left, pay, with_balance
from tests.integration.portal.passing_days import BEGIN, CUSTOMER, DAY, END, PassingDays
from tests.integration.portal.purchases import add_accounts, buy, fill, find
from tests.integration.portal.world import BANK, TERMS, random_bytes


@pytest.fixture
async def days(database: Database) -> PassingDays:
    await add_accounts(database, CUSTOMER)
    return PassingDays(database, BEGIN)


async def test_what_is_too_much_becomes_balance_with_a_word_to_the_customer(
    days: PassingDays,
) -> None:
    booked = await pay(days, await days.book(), PRICE + 600)
    assert (booked.activated, booked.balance) == (True, Money(600))
    assert await left(days) == 600
    [told] = await days.told("payment_balance")
    assert (told.facts["why"], told.facts["amount"], told.facts["balance"]) == (
        "overpaid",
        600,
        600,
    )


async def test_money_for_a_cancelled_order_becomes_balance(days: PassingDays) -> None:
    await with_balance(days, 2000)
    assert await left(days) == 2000
    [told] = await days.told("payment_balance")
    assert told.facts["why"] == "cancelled"
    assert await days.access() == []


async def test_what_was_paid_in_part_is_balance_once_the_order_is_cancelled(
    days: PassingDays,
) -> None:
    reference = await days.book()
    await pay(days, reference, 1000)
    assert await left(days) == 0
    await orders.cancel(days.database, CUSTOMER, reference, days.now)
    assert await left(days) == 1000


async def test_the_balance_pays_a_part_of_the_next_order(days: PassingDays) -> None:
    await with_balance(days, 600)
    reference = await days.book()
    order = await find(days.database, reference, days.now)
    assert (order.due, order.from_balance) == (Money(PRICE - 600), Money(600))
    assert await left(days) == 0
    [_, told] = await days.told("order_confirmation")
    assert (told.facts["from_balance"], told.facts["due"]) == (600, PRICE - 600)
    assert (await pay(days, reference, PRICE - 600)).activated
    assert await left(days) == 0


async def test_what_the_balance_covers_is_active_at_once(days: PassingDays) -> None:
    await with_balance(days, PRICE + 100)
    order = await find(days.database, await days.book(), days.now)
    assert (order.state, order.method) == ("active", "balance")
    assert len(await days.access()) == 1
    assert await left(days) == 100


async def test_another_balance_than_the_one_that_was_shown_buys_nothing(
    days: PassingDays,
) -> None:
    agreed = await fill(days.database, CUSTOMER, now=days.now)
    await pay(days, await buy(days.database, agreed, CUSTOMER, now=days.now), PRICE + 600)
    agreed = await fill(days.database, CUSTOMER, now=days.now)
    purchase = Purchase(
        revision=agreed.revision, fingerprint=agreed.fingerprint, method="transfer", terms=TERMS
    )
    with pytest.raises(BalanceChanged):
        await checkout.buy(
            days.database,
            Buyer(account_id=CUSTOMER, entered_by="login", language="de"),
            purchase,
            bank=BANK,
            now=days.now,
            random_bytes=random_bytes,
        )
    assert await left(days) == 600


async def test_who_pays_just_the_rest_has_it_taken_from_the_balance(days: PassingDays) -> None:
    reference = await days.book()
    await with_balance(days, 600)
    assert (await pay(days, reference, PRICE - 600)).activated
    assert await left(days) == 0


async def test_what_the_balance_paid_of_an_order_that_expires_comes_back(
    days: PassingDays,
) -> None:
    await with_balance(days, 600)
    reference = await days.book()
    await days.until(BEGIN + 16 * DAY)
    order = await find(days.database, reference, days.now)
    assert (order.state, order.due) == ("expired", Money(PRICE))
    assert await left(days) == 600
    # Paid late with what was asked for, it is taken once more.
    assert (await pay(days, reference, PRICE - 600)).activated
    assert await left(days) == 0


async def test_the_balance_pays_the_next_period_of_a_subscription(days: PassingDays) -> None:
    await days.subscribe()
    first = await days.ordered()
    await pay(days, first[0].reference, 2 * first[0].total_cents, "too early")
    assert await left(days) == 2 * first[0].total_cents
    await days.until(END)
    [renewal] = [row for row in await days.ordered() if row.cart_revision is None]
    assert renewal.state == "active"
    assert await left(days) == first[0].total_cents
    [told] = await days.told("order_renewed")
    assert told.facts["due"] == 0
    assert len(await days.access()) == 2
    assert "payment_note" not in await days.planned()
    # And the one after that.
    await days.until(END + 40 * DAY)
    assert await left(days) == 0


async def test_a_subscription_has_a_reference_for_ever_from_its_first_order_on(
    days: PassingDays,
) -> None:
    reference = await days.book("complete", 1, "subscription", "standing_order")
    order = await find(days.database, reference, days.now)
    stable = order.transfer_number
    assert read_reference(stable) not in {None, reference}
    assert (await pay(days, stable, order.total.gross.cents)).activated
    [mine] = await subscriptions.of_account(days.database, CUSTOMER)
    assert mine.number == stable
    await days.until(END)
    [renewal] = await days.renewals()
    assert (await find(days.database, renewal, days.now)).transfer_number == stable
    [told] = await days.told("order_renewed")
    assert told.facts["transfer_number"] == stable
    booked = await pay(days, stable, order.total.gross.cents, "bank 2")
    assert booked.order is not None
    assert (booked.order.reference, booked.activated) == (renewal, True)
    # Nothing waits now: it is balance.
    booked = await pay(days, stable, 500, "bank 3")
    assert (booked.order, booked.balance) == (None, Money(500))
    assert await left(days) == 500


async def test_one_payment_for_several_orders_and_the_balance(days: PassingDays) -> None:
    found = [await find(days.database, await days.book(), days.now) for _ in range(2)]
    shares = [Share(each.order_id, Money(PRICE)) for each in found] + [Share(None, Money(50))]
    payment = Payment(Money(2 * PRICE + 50), days.today, "bank 1")
    async with days.database.writing() as connection:
        booked = await payments.book_within(connection, CUSTOMER, payment, shares, days.now)
    assert [each.activated for each in booked] == [True, True, False]
    assert await left(days) == 50


async def test_shares_of_others_or_of_another_sum_are_refused(days: PassingDays) -> None:
    order = await find(days.database, await days.book(), days.now)
    payment = Payment(Money(PRICE), days.today, "bank 1")
    for account, shares, refusal in (
        (4711, [Share(order.order_id, Money(PRICE))], OrderUnknown),
        (1, [Share(None, Money(PRICE))], AccountUnknown),
        (CUSTOMER, [Share(None, Money(PRICE - 1))], ValueError),
        (CUSTOMER, [Share(None, Money(PRICE // 2))] * 2, ValueError),
    ):
        with pytest.raises(refusal):
            async with days.database.writing() as connection:
                await payments.book_within(connection, account, payment, shares, days.now)
    assert await left(days) == 0


async def test_the_balance_is_paid_out_once_and_no_more_than_there_is(days: PassingDays) -> None:
    await with_balance(days, 1000)
    rest = await ledger.refund(days.database, CUSTOMER, Money(400), "out 1", days.now)
    assert rest == Money(600)
    for cents, source, refusal in (
        (100, "out 1", PaymentBookedBefore),
        (601, "out 2", BalanceTooSmall),
        (0, "out 2", BalanceTooSmall),
    ):
        with pytest.raises(refusal):
            await ledger.refund(days.database, CUSTOMER, Money(cents), source, days.now)
    assert await left(days) == 600


async def test_an_order_that_is_taken_back_ends_its_access_and_its_price_is_balance(
    days: PassingDays,
) -> None:
    first = await days.book_and_pay("complete", 1)
    later = await days.book_and_pay("connect", 1)
    await days.until(BEGIN + 3 * DAY)
    for reference in (first, later):
        await orders.refund(days.database, reference, days.now)
    assert await days.access() == [(BEGIN, days.today)]
    total = sum(row.total_cents for row in await days.ordered())
    assert await left(days) == total
    assert [row.state for row in await days.ordered()] == ["refunded", "refunded"]
    assert len(await days.told("order_refunded")) == 2
    with pytest.raises(OrderCannot):
        await orders.refund(days.database, first, days.now)


async def test_with_the_order_of_a_subscription_the_subscription_ends(days: PassingDays) -> None:
    await days.subscribe()
    await days.until(END)
    [renewal] = await days.renewals()
    [first] = [row.reference for row in await days.ordered() if row.reference != renewal]
    await orders.refund(days.database, first, days.now)
    assert (await find(days.database, renewal, days.now)).state == "cancelled"
    assert await subscriptions.of_account(days.database, CUSTOMER) == ()
    await days.until(END + 60 * DAY)
    assert len(await days.ordered()) == 2


async def test_the_trail_leads_from_the_bank_to_the_access(days: PassingDays) -> None:
    reference = await days.book()
    days.sleep_until(BEGIN + DAY)
    await pay(days, reference, 1000, "bank 1")
    days.sleep_until(BEGIN + 2 * DAY)
    await pay(days, reference, PRICE, "bank 2")
    by_order = await trail.of_order(days.database, reference)
    by_payment = await trail.of_payment(days.database, "bank 2")
    for found in (by_order, by_payment):
        assert list(found.steps) == sorted(found.steps, key=lambda step: step.at)
        assert found.balance == Money(1000)
    words = [(step.kind, step.what) for step in by_order.steps]
    assert words == [
        ("order", "ordered"),
        ("mail", "order_confirmation"),
        ("payment", "transfer"),
        ("entry", "payment"),
        ("payment", "transfer"),
        ("entry", "payment"),
        ("entry", "moved"),
        ("entry", "charge"),
        ("state", "active"),
        ("access", "complete"),
        ("mail", "order_active"),
        ("mail", "payment_balance"),
    ]
    assert {step.source for step in by_order.steps if step.kind == "payment"} == {
        "bank 1",
        "bank 2",
    }
    with pytest.raises(OrderUnknown):
        await trail.of_order(days.database, "222-222-222")
    with pytest.raises(PaymentUnknown):
        await trail.of_payment(days.database, "bank 3")
