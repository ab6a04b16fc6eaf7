"""One agreement pays for a subscription, and PayPal is told soon what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import update

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import AgreementStep
from cloudmatic_portal.services import ledger, orders, subscriptions
from cloudmatic_portal.storage.tables import paypal_agreements
from tests.integration.portal.pages import send
from tests.integration.portal.paypal.conftest import Payer
from tests.integration.portal.paypal.test_agreements import END, PRICE, agree, mine, until
from tests.paypal_sandbox.faults import Fault

ERROR: Final[Fault] = "error"


async def two(payer: Payer) -> tuple[str, str]:
    """Two agreements that can be approved for one order, as from two address spaces."""
    first = await payer.order("connect", "paypal_agreement", kind="subscription", quantity="1")
    order = await payer.the_order()
    async with payer.database.writing() as connection:
        await connection.execute(update(paypal_agreements).values(place="booking"))
    page = await payer.browser.get(f"/orders/{order.number}")
    second = payer.led(await send(payer.browser, page, f"/orders/{order.number}/paypal", {}))
    return first, second


async def approve(payer: Payer, agreement: str) -> None:
    payer.sandbox.approve(agreement)
    await payer.sandbox.all_delivered()
    await payer.look()


async def statuses(payer: Payer, *agreements: str) -> list[str]:
    await payer.sandbox.all_delivered()
    while await payer.look():
        await payer.sandbox.all_delivered()
    return [payer.sandbox.books.subscription(each).status for each in agreements]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_agreements_one_is_kept(payer: Payer, order: tuple[int, int]) -> None:
    """The one that was approved first, whichever was set up first."""
    both = await two(payer)
    first, second = (both[each] for each in order)
    for each in (first, second):
        await approve(payer, each)
    assert await statuses(payer, first, second) == ["ACTIVE", "CANCELLED"]
    assert await ledger.balance(payer.database, 4711) == Money(PRICE)


async def test_one_that_is_taken_up_again_gives_way_to_the_one_that_pays(payer: Payer) -> None:
    former, other = await two(payer)
    await approve(payer, former)
    payer.sandbox.end(former, "SUSPENDED")
    await statuses(payer)
    await approve(payer, other)
    assert await statuses(payer, former, other) == ["SUSPENDED", "ACTIVE"]
    payer.sandbox.books.subscription(former).status = "ACTIVE"
    payer.sandbox.tell("BILLING.SUBSCRIPTION.RE-ACTIVATED", {"id": former, "status": "ACTIVE"})
    assert await statuses(payer, former, other) == ["CANCELLED", "ACTIVE"]


async def test_resuming_wakes_one_agreement_only(payer: Payer) -> None:
    first, second = await two(payer)
    await approve(payer, first)
    number = (await mine(payer)).subscription.subscription_id
    await subscriptions.pause(payer.database, 4711, number, payer.portal.clock.now)
    await statuses(payer)
    await approve(payer, second)
    assert await statuses(payer, first, second) == ["SUSPENDED", "SUSPENDED"]
    await subscriptions.resume(payer.database, 4711, number, payer.portal.clock.now)
    assert sorted(await statuses(payer, first, second)) == ["ACTIVE", "CANCELLED"]


async def test_a_new_agreement_need_not_wait_for_the_end_of_the_former_one(payer: Payer) -> None:
    former = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    payer.sandbox.faults.next("step", *(ERROR,) * 12)
    now = payer.portal.clock.now
    await subscriptions.change(payer.database, 4711, number, "complete", 1, now)
    await until(payer, END)
    assert payer.sandbox.books.subscription(former).status == "ACTIVE"
    order = await payer.the_order()
    await payer.browser.log_in("maxmuster")
    page = await payer.browser.get(f"/orders/{order.number}")
    new = payer.led(await send(payer.browser, page, f"/orders/{order.number}/paypal", {}))
    await approve(payer, new)
    payer.sandbox.faults.calls.clear()
    payer.portal.clock.move(days=1)
    assert await statuses(payer, former, new) == ["CANCELLED", "ACTIVE"]


async def test_what_was_cancelled_before_it_was_approved_does_not_wait_for_days(
    payer: Payer,
) -> None:
    agreement = await payer.order("connect", "paypal_agreement", kind="subscription", quantity="1")
    order = await payer.the_order()
    await orders.cancel(payer.database, 4711, order.reference, payer.portal.clock.now)
    payer.sandbox.faults.next("step", "error", "error", "error")
    await approve(payer, agreement)
    assert payer.sandbox.books.subscription(agreement).status == "ACTIVE"
    assert await payer.look(after=61) == 1
    assert payer.sandbox.books.subscription(agreement).status == "CANCELLED"


async def test_who_cancels_while_paypal_is_told_something_else_does_not_wait_for_days(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    now = payer.portal.clock.now
    payer.sandbox.faults.quiet = True
    change = payer.paypal.change_agreement

    async def meanwhile(paypal_id: str, step: AgreementStep, why: str) -> None:
        await change(paypal_id, step, why)
        if step == "suspend":
            await subscriptions.cancel(payer.database, 4711, number, now)

    monkeypatch.setattr(payer.paypal, "change_agreement", meanwhile)
    await subscriptions.pause(payer.database, 4711, number, now)
    await payer.look()
    assert payer.sandbox.books.subscription(agreement).status == "SUSPENDED"
    assert await payer.look() == 1
    assert payer.sandbox.books.subscription(agreement).status == "CANCELLED"


async def test_what_paypal_was_told_is_looked_at_again_after_days(payer: Payer) -> None:
    await agree(payer)
    number = (await mine(payer)).subscription.subscription_id
    await subscriptions.pause(payer.database, 4711, number, payer.portal.clock.now)
    await statuses(payer)
    [bond] = await payer.rows("paypal_agreements")
    assert (bond["state"], bond["wanted"]) == ("suspended", None)
    assert bond["check_at"] == payer.portal.clock.now + timedelta(days=3)
