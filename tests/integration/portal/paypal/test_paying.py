"""An order is paid by PayPal: approved, captured and booked once, whatever happens on the way."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.money import Money
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.paypal.conftest import Payer
from tests.integration.portal.purchases import pay
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.world import Browser
from tests.paypal_sandbox.faults import Fault

PRICE = 3600


async def test_an_order_is_active_as_soon_as_the_customer_is_back(payer: Payer) -> None:
    paypal_id = await payer.order()
    order = await payer.the_order()
    assert (order.state, order.method) == ("open", "paypal")
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert "Ihre Zahlung ist eingetroffen" in page.words
    order = await payer.the_order()
    assert (order.state, order.paid) == ("active", Money(PRICE))
    [capture] = payer.sandbox.books.order(paypal_id).captures
    assert await payer.money() == [(f"paypal:{capture['id']}", PRICE, "paypal")]


async def test_paypal_is_told_what_is_paid(payer: Payer) -> None:
    paypal_id = await payer.order()
    unit = payer.sandbox.books.order(paypal_id).unit
    order = await payer.the_order()
    assert unit["amount"] == {"currency_code": "EUR", "value": "36.00"}
    assert (unit["custom_id"], unit["invoice_id"]) == (order.reference, f"{order.reference}-1")
    assert "Complete" in unit["description"]


async def test_a_booking_from_the_hub_is_paid_in_its_own_address_space(
    payer: Payer, browser: Browser
) -> None:
    hub = await enrolled_hub(payer.portal)
    await browser.accept(hub.link())
    guest = payer.in_booking()
    paypal_id = await guest.order("connect")
    back = payer.sandbox.approve(paypal_id)
    assert back.startswith(f"{payer.portal.origin}/booking/orders/")
    page = await guest.back(back)
    assert "Ihre Zahlung ist eingetroffen" in page.words
    assert (await payer.the_order()).state == "active"


async def test_who_cancels_at_paypal_can_pay_later_in_another_way(payer: Payer) -> None:
    paypal_id = await payer.order()
    cancelled = payer.sandbox.books.order(paypal_id).cancel_url
    page = await payer.browser.get(cancelled.removeprefix(payer.portal.origin))
    assert "Sie haben PayPal verlassen, ohne zu bezahlen" in page.words
    assert "Mit PayPal bezahlen" in page.words
    assert "DE02 1203 0000 0000 2020 51" in page.words
    order = await payer.the_order()
    await pay(payer.database, order.reference, payer.portal.clock.now)
    assert (await payer.the_order()).state == "active"
    # Approved after all, in the tab that was left open: nothing is taken.
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert payer.sandbox.books.order(paypal_id).captures == []
    assert len(await payer.money()) == 1


async def test_coming_back_without_having_agreed_pays_nothing(payer: Payer) -> None:
    await payer.order()
    order = await payer.the_order()
    page = await payer.back(f"/orders/{order.number}/paypal?token=5O000000000001&PayerID=X")
    assert "Mit PayPal bezahlen" in page.words
    assert await payer.money() == []


async def test_the_button_leads_to_the_same_order_at_paypal(payer: Payer) -> None:
    first = await payer.order()
    order = await payer.the_order()
    address = f"/orders/{order.number}"
    page = await payer.browser.get(address)
    assert f"form-action 'self' {payer.sandbox.base};" in page.headers["Content-Security-Policy"]
    again = await send(payer.browser, page, f"{address}/paypal", {})
    assert payer.led(again) == first


async def test_another_customer_cannot_bring_somebodys_order_back(payer: Payer) -> None:
    paypal_id = await payer.order()
    back = payer.sandbox.approve(paypal_id).removeprefix(payer.portal.origin)
    payer.sandbox.faults.quiet = True
    async with Browser(payer.portal) as stranger:
        assert "/login" in (await stranger.get(back)).location
        await stranger.log_in("erikamuster")
        assert (await stranger.get(back)).status == 404


async def test_asking_for_the_way_back_again_and_again_changes_nothing(payer: Payer) -> None:
    back = payer.sandbox.approve(await payer.order())
    for _ in range(3):
        await payer.back(back)
    await payer.sandbox.all_delivered()
    assert len(await payer.money()) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "lost", "error", "busy"])
async def test_one_failure_on_the_way_is_not_noticed(payer: Payer, fault: Fault) -> None:
    payer.sandbox.faults.next("create", fault)
    payer.sandbox.faults.next("capture", fault)
    page = await payer.back(payer.sandbox.approve(await payer.order()))
    assert "Ihre Zahlung ist eingetroffen" in page.words
    assert len(payer.sandbox.books.orders) == 1
    assert len(await payer.money()) == 1


async def test_a_capture_without_an_answer_is_found_out_later(payer: Payer) -> None:
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    payer.sandbox.faults.next("capture", "lost_answer", "lost_answer", "lost_answer")
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert "PayPal antwortet zurzeit nicht" in page.words
    assert "Mit PayPal bezahlen" not in page.words
    assert await payer.money() == []
    assert await payer.look() == 0
    assert await payer.look(after=61) == 1
    assert (await payer.the_order()).state == "active"
    assert len(payer.sandbox.books.order(paypal_id).captures) == 1


@pytest.mark.fault("PayPal's faults", "away at the order: it stays payable")
async def test_paypal_away_at_the_order_leaves_it_payable(payer: Payer) -> None:
    payer.sandbox.faults.next("create", "error", "error", "error")

    await put(payer.browser)
    answer = await buy(payer.browser, method="paypal")
    page = await payer.browser.get(answer.location)
    assert "PayPal antwortet zurzeit nicht" in page.words
    address = page.text.split('action="')[1:]
    assert any("/paypal" in each[:60] for each in address)
    order = await payer.the_order()
    again = await send(payer.browser, page, f"/orders/{order.number}/paypal", {})
    await payer.back(payer.sandbox.approve(payer.led(again)))
    assert (await payer.the_order()).state == "active"


async def test_a_browser_that_never_comes_back_is_not_needed(payer: Payer) -> None:
    payer.sandbox.approve(await payer.order())
    await payer.sandbox.all_delivered()
    assert await payer.look() == 1
    assert (await payer.the_order()).state == "active"


async def test_neither_are_webhooks(payer: Payer) -> None:
    payer.sandbox.faults.quiet = True
    payer.sandbox.approve(await payer.order())
    assert await payer.look() == 0
    await payer.look(after=301)
    assert (await payer.the_order()).state == "active"


async def test_what_nobody_approves_is_looked_at_for_some_hours_and_then_left(
    payer: Payer,
) -> None:
    await payer.order()
    looks = 0
    for _ in range(48):
        looks += await payer.look(after=1800)
    assert 5 <= looks <= 8
    [attempt] = await payer.rows("paypal_checkouts")
    assert (attempt["state"], attempt["check_at"]) == ("created", None)


async def test_an_echeck_is_waited_for(payer: Payer) -> None:
    payer.sandbox.books.next_capture = "PENDING"
    paypal_id = await payer.order()
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert "PayPal wartet noch auf das Geld" in page.words
    assert "Mit PayPal bezahlen" not in page.words
    assert (await payer.the_order()).state == "open"
    payer.sandbox.settle(paypal_id)
    await payer.sandbox.all_delivered()
    assert (await payer.the_order()).state == "active"
    assert len(await payer.money()) == 1


async def test_an_echeck_that_bounces_leaves_the_order_payable(payer: Payer) -> None:
    payer.sandbox.books.next_capture = "PENDING"
    paypal_id = await payer.order()
    await payer.back(payer.sandbox.approve(paypal_id))
    payer.sandbox.settle(paypal_id, "DECLINED")
    await payer.sandbox.all_delivered()
    order = await payer.the_order()
    page = await payer.browser.get(f"/orders/{order.number}")
    assert "Mit PayPal bezahlen" in page.words
    payer.sandbox.books.next_capture = "COMPLETED"
    again = await send(payer.browser, page, f"/orders/{order.number}/paypal", {})
    assert payer.led(again) != paypal_id
    await payer.back(payer.sandbox.approve(payer.led(again)))
    assert (await payer.the_order()).state == "active"


async def test_a_refused_card_can_be_replaced(payer: Payer) -> None:
    payer.sandbox.books.next_capture = "DECLINED"
    paypal_id = await payer.order()
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert "PayPal hat die Zahlung nicht zugelassen" in page.words
    payer.sandbox.books.next_capture = "COMPLETED"
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert "Ihre Zahlung ist eingetroffen" in page.words


async def test_an_order_by_transfer_may_be_paid_by_paypal(payer: Payer) -> None:

    await put(payer.browser)
    address = (await buy(payer.browser, method="transfer")).location
    page = await payer.browser.get(address)
    paypal_id = payer.led(await send(payer.browser, page, f"{address}/paypal", {}))
    await payer.back(payer.sandbox.approve(paypal_id))
    assert (await payer.the_order()).state == "active"


async def test_money_that_was_given_up_is_booked_all_the_same(payer: Payer) -> None:
    payer.sandbox.books.next_capture = "PENDING"
    paypal_id = await payer.order()
    await payer.back(payer.sandbox.approve(paypal_id))
    payer.sandbox.settle(paypal_id, "DECLINED")
    await payer.sandbox.all_delivered()
    payer.sandbox.settle(paypal_id)
    await payer.sandbox.all_delivered()
    assert (await payer.the_order()).state == "active"
