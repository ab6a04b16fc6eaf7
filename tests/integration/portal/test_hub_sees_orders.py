"""A hub sees what its account has to pay, and soon after the payment that it is paid."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

from cloudmatic_link.orders import OpenOrder
from cloudmatic_link.status import HubStatus
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import payments
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.shopping import buy, order, put, subscribe
from tests.integration.portal.world import BANK, LAST_DAY, TODAY, Browser, Portal, random_bytes
from tests.scanning import scan_rows


async def told(hub: Hub) -> HubStatus:
    return HubStatus.from_json(json.loads((await hub.status()).text))


async def pay(portal: Portal, number: str, cents: int) -> None:
    payment = Payment(Money(cents), TODAY, f"Kontoauszug {number} {cents}")
    await payments.book(portal.database, number, payment, portal.clock.now)


async def test_an_open_order_is_told_with_all_that_a_transfer_needs(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    number = (await order(browser, "complete")).rsplit("/", 1)[1]
    (open_order,) = (await told(hub)).orders
    assert open_order == OpenOrder(
        number=number,
        items=("CloudMatic Complete",),
        due=open_order.due,
        currency="EUR",
        method="transfer",
        pay_until=TODAY + timedelta(days=14),
        bank=open_order.bank,
        girocode=open_order.girocode,
        qr=open_order.qr,
    )
    assert open_order.bank is not None
    assert (open_order.bank.iban, open_order.bank.reference) == (BANK.iban, number)
    assert open_order.qr is not None
    scanned = scan_rows(open_order.qr.rows)
    assert scanned == open_order.girocode
    amount = f"EUR{open_order.due // 100}.{open_order.due % 100:02}"
    assert scanned.split("\n")[:8] == [
        *("BCD", "002", "1", "SCT"), BANK.bic, BANK.holder, BANK.iban, amount,
    ]  # fmt: skip


async def test_part_of_the_money_lowers_what_is_due_and_all_of_it_is_told_as_paid(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    number = (await order(browser, "complete")).rsplit("/", 1)[1]
    due = (await told(hub)).orders[0].due
    await pay(portal, number, 100)
    assert (await told(hub)).orders[0].due == due - 100
    await pay(portal, number, due - 100)
    status = await told(hub)
    assert status.orders == ()
    (paid,) = status.paid
    assert (paid.number, paid.paid_on) == (number, TODAY)
    assert paid.last_day == max(each.last_day for each in status.packages) > LAST_DAY
    portal.clock.move(days=4)
    assert (await told(hub)).paid == ()


async def test_a_cancelled_order_is_not_told(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    address = await order(browser, "complete")
    page = await browser.get(f"{address}/cancel")
    await browser.post(f"{address}/cancel", {"form_token": page.field("form_token")})
    assert (await told(hub)).orders == ()


async def test_of_many_orders_those_that_can_be_paid_in_time_are_told_first_and_then_the_newest(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    left = [await ordered(portal, browser) for _ in range(6)]
    portal.clock.move(days=20)
    await work(portal)
    await browser.log_in("maxmuster")
    new = [await ordered(portal, browser) for _ in range(2)]
    orders = (await told(hub)).orders
    assert [each.number for each in orders] == [new[1], new[0], *left[:2:-1]]
    assert [each.late for each in orders] == [False, False, True, True, True]


async def test_a_standing_order_names_its_subscription_in_the_code_too(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    await put(browser, "connect", kind="subscription", quantity="1")
    address = (await buy(browser, method="standing_order")).location
    page = await browser.get(address)
    (reference,) = re.findall(r'class="code"><strong>([A-Z0-9-]+)<', page.text)
    (open_order,) = (await told(hub)).orders
    assert open_order.number == address.rpartition("/")[2] != reference
    assert open_order.bank is not None
    assert open_order.bank.reference == reference
    assert open_order.girocode is not None
    assert open_order.girocode.split("\n")[10] == reference


async def test_somebody_elses_order_is_not_told(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.log_in("erikamuster")
    await order(browser, "complete")
    assert (await told(hub)).orders == ()


async def test_a_subscription_is_told_and_its_late_payment_with_the_days_of_grace(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    await subscribe(portal, browser)
    status = await told(hub)
    (subscription,) = status.subscriptions
    assert (subscription.state, subscription.waiting) == ("active", None)
    # The day after the last paid one.
    last = max(each.last_day for each in status.packages)
    portal.clock.now = at(last + timedelta(days=1))
    await work(portal)
    portal.clock.move(days=1)
    status = await told(hub)
    assert [each.grace for each in status.packages] == [False, True]
    (late,) = status.orders
    assert late.late
    assert status.subscriptions[0].waiting == late.number


async def ordered(portal: Portal, browser: Browser) -> str:
    """The number of an order of its own second."""
    portal.clock.move(seconds=1)
    return (await order(browser, "complete")).rsplit("/", 1)[1]


async def work(portal: Portal) -> None:
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, portal.clock.now):
        pass


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
