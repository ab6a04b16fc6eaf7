"""PayPal pays the orders of a subscription, by an agreement that the customer makes there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import PAY_WITHIN
from cloudmatic_portal.services import ledger, orders, subscriptions
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal import purchases
from tests.integration.portal.pages import send
from tests.integration.portal.paypal.conftest import Payer
from tests.integration.portal.purchases import fill
from tests.integration.portal.shopping import buy, change_price, make_voucher, put, redeem
from tests.integration.portal.world import BANK, TODAY, random_bytes
from tests.paypal_sandbox.faults import Fault

PRICE = 300
BEGIN = date(2026, 12, 25)
"""The day after the trial."""
END = date(2027, 1, 24)
NEXT = END + timedelta(days=1)


async def agree(payer: Payer, **choice: str) -> str:
    """Order Connect as a monthly subscription and agree at PayPal; its id there."""
    wish = {"product": "connect", "kind": "subscription", "quantity": "1"} | choice
    agreement = await payer.order(method="paypal_agreement", **wish)
    await payer.back(payer.sandbox.approve(agreement))
    await payer.sandbox.all_delivered()
    return agreement


async def until(payer: Payer, day: date) -> None:
    """Let the days pass, the worker work and the watch look."""
    worker = Worker(House(Rules(), BANK), random_bytes)
    payer.portal.clock.now = berlin_instant(day, 12)
    while await worker.work(payer.database, payer.portal.clock.now):
        pass
    while await payer.look():
        pass


async def mine(payer: Payer) -> subscriptions.Standing:
    [standing] = await subscriptions.of_account(payer.database, 4711)
    return standing


async def state_at_paypal(payer: Payer, agreement: str) -> str:
    await payer.look()
    await payer.sandbox.all_delivered()
    return payer.sandbox.books.subscription(agreement).status


async def mails(payer: Payer, kind: str) -> int:
    return sum(each["kind"] == kind for each in await payer.rows("mails"))


async def test_the_first_order_is_paid_at_once_and_the_agreement_goes_on(payer: Payer) -> None:
    agreement = await agree(payer)
    order = await payer.the_order()
    assert (order.state, order.method) == ("active", "paypal_agreement")
    made = payer.sandbox.books.subscription(agreement)
    assert made.setup_fee == {"currency_code": "EUR", "value": "3.00"}
    assert made.starts == berlin_instant(NEXT, 7)
    assert made.custom_id == order.reference
    [plan] = payer.sandbox.books.plans.values()
    assert plan["billing_cycles"][0]["frequency"] == {
        "interval_unit": "MONTH",
        "interval_count": 1,
    }
    assert [cents for _, cents, _ in await payer.money()] == [PRICE]


async def test_each_payment_pays_the_order_that_waits(payer: Payer) -> None:
    agreement = await agree(payer)
    for month in (1, 2, 3):
        await until(payer, date(2027, month, 24))
        waiting = await payer.the_order()
        assert waiting.state == "open"
        page = await payer.browser.get(f"/orders/{waiting.number}")
        if page.status == 200:
            assert "PayPal bezahlt diese Bestellung von selbst" in page.words
            assert "PayPal-Abonnement einrichten" not in page.words
        payer.sandbox.pay(agreement)
        await payer.sandbox.all_delivered()
        assert (await payer.the_order()).state == "active"
    assert (await mine(payer)).paid_until == date(2027, 4, 24)
    assert len(await payer.money()) == 4


async def test_a_payment_that_comes_early_pays_the_next_order(payer: Payer) -> None:
    agreement = await agree(payer)
    payer.sandbox.pay(agreement)
    await payer.sandbox.all_delivered()
    assert await ledger.balance(payer.database, 4711) == Money(PRICE)
    await until(payer, END)
    assert (await payer.the_order()).state == "active"
    assert await ledger.balance(payer.database, 4711) == Money(0)
    assert (await mine(payer)).paid_until == date(2027, 2, 24)


@pytest.mark.fault("PayPal's faults", "a lost webhook is made up for")
async def test_a_lost_webhook_is_made_up_for(payer: Payer) -> None:
    agreement = await agree(payer)
    await until(payer, END)
    payer.sandbox.faults.quiet = True
    payer.sandbox.pay(agreement)
    await until(payer, END + timedelta(days=3))
    assert (await payer.the_order()).state == "active"
    assert len(await payer.money()) == 2


async def test_the_first_payment_may_be_less_than_the_later_ones(payer: Payer) -> None:
    await make_voucher(payer.portal, "HALB", value=5000)
    await put(payer.browser, "connect", kind="subscription", quantity="1")
    await redeem(payer.browser, "HALB")
    agreement = payer.led(await buy(payer.browser, method="paypal_agreement"))
    await payer.back(payer.sandbox.approve(agreement))
    await until(payer, END)
    payer.sandbox.pay(agreement)
    await payer.sandbox.all_delivered()
    assert [cents for _, cents, _ in await payer.money()] == [150, 300]
    assert (await payer.the_order()).state == "active"


async def test_a_plan_is_made_once_for_each_term_and_price(payer: Payer) -> None:
    for _ in range(2):
        await payer.order("connect", "paypal_agreement", kind="subscription", quantity="6")
    await payer.order("connect", "paypal_agreement", kind="subscription", quantity="12")
    assert payer.sandbox.calls.count("plan") == 2


async def test_what_paypal_cannot_pay_again_and_again_is_not_offered(payer: Payer) -> None:
    await put(payer.browser, "connect", kind="subscription", quantity="24")
    page = await payer.browser.get("/checkout")
    assert 'value="paypal"' in page.text
    assert "paypal_agreement" not in page.text


async def test_cancelling_here_cancels_at_paypal(payer: Payer) -> None:
    agreement = await agree(payer)
    standing = await mine(payer)
    number = standing.subscription.subscription_id
    page = await payer.browser.get(f"/subscriptions/{number}/cancel")
    assert "Wir sagen PayPal, dass auch die Vereinbarung dort endet" in page.words
    await send(payer.browser, page, f"/subscriptions/{number}/cancel", {})
    assert await state_at_paypal(payer, agreement) == "CANCELLED"
    assert await mails(payer, "paypal_ended") == 0


async def test_pausing_and_resuming_is_told_to_paypal(payer: Payer) -> None:
    agreement = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    now = payer.portal.clock.now
    await subscriptions.pause(payer.database, 4711, number, now)
    assert await state_at_paypal(payer, agreement) == "SUSPENDED"
    await subscriptions.resume(payer.database, 4711, number, now)
    assert await state_at_paypal(payer, agreement) == "ACTIVE"
    assert await mails(payer, "paypal_ended") == 0


@pytest.mark.parametrize("fault", ["error", "lost", "lost_answer"])
async def test_paypal_is_told_again_until_it_listens(payer: Payer, fault: Fault) -> None:
    agreement = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    payer.sandbox.faults.next("step", fault, fault, fault, fault, fault, fault)
    await subscriptions.cancel(payer.database, 4711, number, payer.portal.clock.now)
    for _ in range(6):
        await payer.look(after=600)
    assert await state_at_paypal(payer, agreement) == "CANCELLED"
    [bond] = await payer.rows("paypal_agreements")
    assert (bond["state"], bond["wanted"], bond["check_at"]) == ("ended", None, None)


async def test_another_package_ends_the_agreement_for_the_former_price(payer: Payer) -> None:
    agreement = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    now = payer.portal.clock.now
    await subscriptions.change(payer.database, 4711, number, "complete", 1, now)
    assert await state_at_paypal(payer, agreement) == "CANCELLED"


async def test_the_package_it_has_keeps_the_agreement_whatever_that_costs_today(
    payer: Payer,
) -> None:
    agreement = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    await change_price(payer.portal, "connect", 1, PRICE + 100)
    await subscriptions.change(payer.database, 4711, number, "connect", 1, payer.portal.clock.now)
    assert await state_at_paypal(payer, agreement) == "ACTIVE"
    going = (await mine(payer)).subscription
    assert (going.plan.price.gross, going.next_plan) == (Money(PRICE), None)


@pytest.mark.parametrize("status", ["CANCELLED", "SUSPENDED", "EXPIRED"])
async def test_whoever_ends_it_at_paypal_is_told_and_can_pay_otherwise(
    payer: Payer, status: str
) -> None:
    agreement = await agree(payer)
    payer.sandbox.end(agreement, status)
    await payer.sandbox.all_delivered()
    await payer.look()
    assert await mails(payer, "paypal_ended") == 1
    await until(payer, END)
    order = await payer.the_order()
    assert order.state == "open"
    await payer.browser.log_in("maxmuster")
    page = await payer.browser.get(f"/orders/{order.number}")
    assert "PayPal-Abonnement einrichten" in page.words
    again = payer.led(await send(payer.browser, page, f"/orders/{order.number}/paypal", {}))
    await payer.back(payer.sandbox.approve(again))
    assert (await payer.the_order()).state == "active"


async def test_approved_after_it_was_cancelled_it_is_ended_and_the_money_is_balance(
    payer: Payer,
) -> None:
    agreement = await payer.order("connect", "paypal_agreement", kind="subscription", quantity="1")
    order = await payer.the_order()
    await orders.cancel(payer.database, 4711, order.reference, payer.portal.clock.now)
    payer.sandbox.approve(agreement)
    await payer.sandbox.all_delivered()
    assert await state_at_paypal(payer, agreement) == "CANCELLED"
    assert await ledger.balance(payer.database, 4711) == Money(PRICE)
    assert (await payer.the_order()).state == "cancelled"


async def test_an_order_that_is_cancelled_as_its_voucher_is_gone_ends_its_agreement(
    payer: Payer,
) -> None:
    agreement = await expired_with_a_voucher(payer)
    agreed = await fill(payer.database, 4712, voucher="HALB", now=payer.portal.clock.now)
    await purchases.buy(payer.database, agreed, 4712, now=payer.portal.clock.now)
    payer.sandbox.approve(agreement)
    await payer.sandbox.all_delivered()
    assert [row["state"] for row in await payer.rows("orders")] == ["cancelled", "open"]
    assert await ledger.balance(payer.database, 4711) == Money(PRICE // 2)
    assert await state_at_paypal(payer, agreement) == "CANCELLED"


async def test_an_order_that_expired_can_still_be_agreed_to_and_goes_on(payer: Payer) -> None:
    agreement = await expired_with_a_voucher(payer)
    payer.sandbox.approve(agreement)
    await payer.sandbox.all_delivered()
    assert (await payer.the_order()).state == "active"
    assert await state_at_paypal(payer, agreement) == "ACTIVE"


async def expired_with_a_voucher(payer: Payer) -> str:
    """Order by an agreement that is not approved, until the order expires; its id at PayPal."""
    await make_voucher(payer.portal, "HALB", value=5000, limit=1)
    await put(payer.browser, "connect", kind="subscription", quantity="1")
    await redeem(payer.browser, "HALB")
    agreement = payer.led(await buy(payer.browser, method="paypal_agreement"))
    await until(payer, TODAY + PAY_WITHIN + timedelta(days=1))
    assert (await payer.the_order()).state == "expired"
    return agreement


async def test_an_agreement_without_an_answer_is_made_once(payer: Payer) -> None:
    payer.sandbox.faults.next("subscribe", "lost_answer")
    payer.sandbox.faults.next("plan", "lost_answer")
    payer.sandbox.faults.next("product", "lost_answer")
    await agree(payer)
    books = payer.sandbox.books
    assert (len(books.subscriptions), len(books.plans), len(books.products)) == (1, 1, 1)
    assert (await payer.the_order()).state == "active"
