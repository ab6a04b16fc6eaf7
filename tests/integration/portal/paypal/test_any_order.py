"""Whatever comes in whatever order, how often, and whoever dies meanwhile: one payment.

`CLOUDMATIC_PAYPAL=200` for the long run; a failure says its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Awaitable, Callable

import pytest

from cloudmatic_portal.domain.errors import PayPalError
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services import ledger
from cloudmatic_portal.services.paypal import checkouts
from tests.integration.portal.paypal.conftest import Payer
from tests.paypal_sandbox.faults import Fault
from tests.paypal_sandbox.server import Sandbox

ROUNDS = int(os.environ.get("CLOUDMATIC_PAYPAL", "3"))
CALLS = ("order", "capture", "certificate", "subscription", "sales")
FAULTS: tuple[Fault, ...] = ("lost_answer", "lost", "error", "busy")

Act = Callable[[], Awaitable[object]]


class Chaos:
    """Does things in an order that dice choose, several at once, and lets some of them die."""

    def __init__(self, payer: Payer, seed: int) -> None:
        self.payer = payer
        self.dice = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.payer.sandbox.faults.quiet = True

    @property
    def sandbox(self) -> Sandbox:
        return self.payer.sandbox

    def misbehave(self) -> None:
        for call in CALLS:
            faults = self.dice.choices(FAULTS, k=self.dice.randrange(3))
            self.sandbox.faults.next(call, *faults)

    async def look(self) -> None:
        await self.payer.look(after=self.dice.choice((0, 61, 400)))

    async def settle(self, order_id: int) -> None:
        """What the page does that PayPal leads back to."""
        now = self.payer.portal.clock.now
        with contextlib.suppress(PayPalError):
            await checkouts.settle_order(self.payer.database, self.payer.paypal, order_id, now)

    async def deliver(self) -> None:
        sent = self.sandbox.webhooks.sent
        if sent:
            assert await self.sandbox.deliver(self.dice.choice(sent)) in {200, 503}

    async def all_at_once(self, *acts: Act) -> None:
        """Do them together; every third one is killed in the middle of its work."""
        tasks = [asyncio.ensure_future(act()) for act in self.dice.sample(acts, len(acts))]
        for task in tasks:
            if self.dice.random() < 1 / 3:
                asyncio.get_running_loop().call_later(self.dice.random() / 10, task.cancel)
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(found, Exception):
                raise found

    async def calm_down(self) -> None:
        """In the end every webhook has come, and everything has been looked at."""
        self.sandbox.faults.calls.clear()
        for sent in self.dice.sample(self.sandbox.webhooks.sent, len(self.sandbox.webhooks.sent)):
            assert await self.sandbox.deliver(sent) == 200
        for _ in range(4):
            await self.payer.look(after=4000)


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.fault(
    "PayPal's faults",
    "webhooks late, twice, lost, in any order: one payment for an order",
)
async def test_one_order_is_one_payment(payer: Payer, seed: int) -> None:
    chaos = Chaos(payer, seed)
    paypal_id = await payer.order()
    order_id = (await payer.the_order()).order_id
    chaos.misbehave()
    payer.sandbox.approve(paypal_id)
    for _ in range(4):
        acts: list[Act] = [chaos.look, chaos.deliver, chaos.deliver]
        acts += [lambda: chaos.settle(order_id)] * 2
        await chaos.all_at_once(*acts)
    await chaos.calm_down()
    order = await payer.the_order()
    assert order.state == "active"
    [capture] = payer.sandbox.books.order(paypal_id).captures
    assert await payer.money() == [(f"paypal:{capture['id']}", 3600, "paypal")]
    assert await ledger.balance(payer.database, 4711) == Money(0)


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.fault("PayPal's faults", "what goes back goes back once")
async def test_what_goes_back_goes_back_once(payer: Payer, seed: int) -> None:
    chaos = Chaos(payer, 1000 + seed)
    paypal_id = await payer.order()
    payer.sandbox.approve(paypal_id)
    await payer.paypal.capture(paypal_id, "somebody-elses")
    payer.sandbox.refund(paypal_id, "6.00")
    payer.sandbox.refund(paypal_id, "10.00", "REVERSED")
    chaos.misbehave()
    for _ in range(4):
        await chaos.all_at_once(chaos.look, chaos.deliver, chaos.deliver, chaos.deliver)
    await chaos.calm_down()
    assert len(await payer.money()) == 1
    assert await ledger.balance(payer.database, 4711) == Money(-1600)
    assert {each["state"] for each in await payer.rows("paypal_events")} == {"done"}


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.fault("PayPal's faults", "each sale of an agreement is one payment")
async def test_each_sale_of_an_agreement_is_one_payment(payer: Payer, seed: int) -> None:
    chaos = Chaos(payer, 2000 + seed)
    agreement = await payer.order("connect", "paypal_agreement", kind="subscription", quantity="1")
    payer.sandbox.approve(agreement)
    for _ in range(chaos.dice.randrange(3)):
        payer.sandbox.pay(agreement)
    chaos.misbehave()
    for _ in range(4):
        await chaos.all_at_once(chaos.look, chaos.deliver, chaos.deliver, chaos.deliver)
    await chaos.calm_down()
    sales = payer.sandbox.books.subscription(agreement).sales
    expected = {(f"paypal:{each['id']}", 300, "paypal") for each in sales}
    found = await payer.money()
    assert (set(found), len(found)) == (expected, len(sales))
    assert (await payer.the_order()).state == "active"
    assert await ledger.balance(payer.database, 4711) == Money(300 * (len(sales) - 1))
