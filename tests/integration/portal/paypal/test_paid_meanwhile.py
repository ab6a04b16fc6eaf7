"""What happens while an order is being paid by PayPal: nothing is taken twice, or for nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from cloudmatic_portal.domain.errors import PayPalRefused, PayPalUnreachable
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.paypal import Checkout
from cloudmatic_portal.services import orders, payments
from cloudmatic_portal.services.paypal import checkouts
from cloudmatic_portal.services.paypal.checkouts import Way
from cloudmatic_portal.storage.tables import paypal_checkouts
from tests.integration.portal.pages import send
from tests.integration.portal.paypal.conftest import Payer
from tests.integration.portal.purchases import pay


async def test_what_was_paid_in_part_meanwhile_is_not_taken_in_full(payer: Payer) -> None:
    paypal_id = await payer.order()
    order = await payer.the_order()

    part = Payment(Money(600), date(2026, 11, 23), "bank 1")
    await payments.book(payer.database, order.reference, part, payer.portal.clock.now)
    page = await payer.back(payer.sandbox.approve(paypal_id))
    assert payer.sandbox.books.order(paypal_id).captures == []
    again = await send(payer.browser, page, f"/orders/{order.number}/paypal", {})
    second = payer.led(again)
    assert payer.sandbox.books.order(second).unit["amount"]["value"] == "30.00"
    await payer.back(payer.sandbox.approve(second))
    assert (await payer.the_order()).state == "active"


async def test_two_tabs_pay_once(payer: Payer) -> None:
    first = await payer.order()
    order = await payer.the_order()
    # Another attempt, as from another address space.
    async with payer.database.writing() as connection:
        await connection.execute(update(paypal_checkouts).values(place="booking"))
    page = await payer.browser.get(f"/orders/{order.number}")
    second = payer.led(await send(payer.browser, page, f"/orders/{order.number}/paypal", {}))
    assert first != second
    payer.sandbox.approve(first)
    payer.sandbox.approve(second)
    await payer.sandbox.all_delivered()
    await payer.back(f"/orders/{order.number}/paypal")
    await payer.look()
    await payer.look(after=4000)
    assert len(await payer.money()) == 1
    captured = [len(each.captures) for each in payer.sandbox.books.orders.values()]
    assert sorted(captured) == [0, 1]


async def test_a_cancelled_order_is_not_paid_by_an_old_tab(payer: Payer) -> None:
    paypal_id = await payer.order()
    order = await payer.the_order()
    await orders.cancel(payer.database, 4711, order.reference, payer.portal.clock.now)
    payer.sandbox.approve(paypal_id)
    await payer.sandbox.all_delivered()
    await payer.look()
    assert payer.sandbox.books.order(paypal_id).captures == []
    assert await payer.money() == []


@pytest.mark.parametrize("meanwhile", ["paid", "cancelled"])
async def test_money_is_not_taken_after_a_crash_if_another_amount_is_due_then(
    payer: Payer, meanwhile: str
) -> None:
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    order = await payer.the_order()
    payer.sandbox.faults.next("capture", "lost", "lost", "lost")
    await payer.back(payer.sandbox.approve(paypal_id))
    if meanwhile == "paid":
        await pay(payer.database, order.reference, payer.portal.clock.now)
    else:
        await orders.cancel(payer.database, 4711, order.reference, payer.portal.clock.now)
    before = await payer.money()
    await payer.look(after=61)
    await payer.look(after=4000)
    assert payer.sandbox.books.order(paypal_id).captures == []
    assert await payer.money() == before
    # Had somebody's request arrived all the same, it would be noticed.
    [attempt] = await payer.rows("paypal_checkouts")
    assert attempt["state"] == "capturing"
    assert attempt["check_at"] > payer.portal.clock.now
    del payer.sandbox.books.orders[paypal_id]
    await payer.look(after=86_400)
    [attempt] = await payer.rows("paypal_checkouts")
    assert (attempt["state"], attempt["check_at"]) == ("gone", None)


async def test_who_has_seen_less_does_not_give_up_what_another_one_takes(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    [row] = await payer.rows("paypal_checkouts")
    now = payer.portal.clock.now
    ask = payer.paypal.order

    async def slowly(asked: str) -> Checkout:
        """By the time that the answer is here, another process takes the money."""
        seen = await ask(asked)
        monkeypatch.setattr(payer.paypal, "order", ask)
        payer.sandbox.approve(paypal_id)
        payer.sandbox.faults.next("capture", "lost_answer", "lost_answer", "lost_answer")
        with pytest.raises(PayPalUnreachable):
            await checkouts.settle(payer.database, payer.paypal, row["id"], now)
        return seen

    monkeypatch.setattr(payer.paypal, "order", slowly)
    await checkouts.settle(payer.database, payer.paypal, row["id"], now)
    [attempt] = await payer.rows("paypal_checkouts")
    assert (attempt["state"], attempt["refusals"]) == ("capturing", 0)
    await payer.look(after=61)
    assert (await payer.the_order()).state == "active"


async def test_who_is_refused_late_does_not_give_up_what_was_taken_since(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ask for the money of a card that is refused; before one hears it, another card pays."""
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    [row] = await payer.rows("paypal_checkouts")
    take = payer.paypal.capture
    now = payer.portal.clock.now

    async def late(asked: str, request_id: str) -> Checkout:
        monkeypatch.setattr(payer.paypal, "capture", take)
        payer.sandbox.books.next_capture = "DECLINED"
        with pytest.raises(PayPalRefused):
            await checkouts.settle(payer.database, payer.paypal, row["id"], now)
        payer.sandbox.books.next_capture = "COMPLETED"
        payer.sandbox.approve(paypal_id)
        await checkouts.settle(payer.database, payer.paypal, row["id"], now)
        raise PayPalRefused(422, "INSTRUMENT_DECLINED")

    payer.sandbox.approve(paypal_id)
    monkeypatch.setattr(payer.paypal, "capture", late)
    with pytest.raises(PayPalRefused):
        await checkouts.settle(payer.database, payer.paypal, row["id"], now)
    [attempt] = await payer.rows("paypal_checkouts")
    assert (attempt["state"], attempt["refusals"]) == ("captured", 1)
    assert len(await payer.money()) == 1


async def test_paypal_is_asked_for_what_is_due_when_it_is_asked(payer: Payer) -> None:
    """The page was made before half of it was paid."""
    await payer.order()
    shown = await payer.the_order()
    half = Payment(Money(1800), date(2026, 11, 23), "bank 1")
    await payments.book(payer.database, shown.reference, half, payer.portal.clock.now)
    way = Way("login", "http://localhost/back", "http://localhost/cancel")
    now = payer.portal.clock.now
    approval = await checkouts.begin(payer.database, payer.paypal, shown, way, now)
    assert approval is not None
    asked = payer.sandbox.books.order(approval.rpartition("=")[2]).unit["amount"]
    assert asked["value"] == "18.00"
