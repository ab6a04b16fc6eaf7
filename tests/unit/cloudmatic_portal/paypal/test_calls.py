"""The client against the sandbox, over HTTP, with what goes wrong on the way."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from cloudmatic_portal.clients.paypal.api import PayPal, Wish
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.domain.errors import (
    PayPalAnswerStrange,
    PayPalGone,
    PayPalRefused,
    PayPalUnreachable,
)
from cloudmatic_portal.domain.money import Money
from tests.paypal_sandbox.faults import Fault
from tests.paypal_sandbox.server import SECRET, Sandbox


async def test_an_order_is_made_approved_and_captured(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    made = await paypal.create_order(wish, "r-1")
    assert made.approve == f"{sandbox.base}/checkoutnow?token={made.paypal_id}"
    sandbox.approve(made.paypal_id)
    taken = await paypal.capture(made.paypal_id, "c-1")
    assert taken.status == "COMPLETED"
    assert taken.capture is not None
    assert (taken.capture.status, taken.capture.amount) == ("COMPLETED", Money(2400))
    assert (await paypal.order(made.paypal_id)).capture == taken.capture


@pytest.mark.parametrize("fault", ["lost_answer", "lost", "error", "busy", "unauthorized"])
async def test_what_breaks_once_is_repeated_and_done_once(
    paypal: PayPal, sandbox: Sandbox, wish: Wish, fault: Fault
) -> None:
    sandbox.faults.next("create", fault)
    made = await paypal.create_order(wish, "r-1")
    sandbox.approve(made.paypal_id)
    sandbox.faults.next("capture", fault)
    await paypal.capture(made.paypal_id, "c-1")
    assert len(sandbox.books.orders) == 1
    assert len(sandbox.books.order(made.paypal_id).captures) == 1
    assert sandbox.calls == ["create", "create", "capture", "capture"]


async def test_after_three_attempts_it_is_given_up_and_the_same_again_is_safe(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    sandbox.faults.next("create", "lost_answer", "lost_answer", "lost_answer")
    with pytest.raises(PayPalUnreachable):
        await paypal.create_order(wish, "r-1")
    assert len(sandbox.calls) == 3
    again = await paypal.create_order(wish, "r-1")
    assert list(sandbox.books.orders) == [again.paypal_id]


async def test_who_is_asked_for_much_patience_gives_up_at_once(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    sandbox.faults.next("create", "busy_for_long")
    with pytest.raises(PayPalUnreachable, match="429"):
        await paypal.create_order(wish, "r-1")
    assert sandbox.calls == ["create"]


async def test_a_refusal_names_its_issue_and_is_not_repeated(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    made = await paypal.create_order(wish, "r-1")
    with pytest.raises(PayPalRefused) as refused:
        await paypal.capture(made.paypal_id, "c-1")
    assert refused.value.issue == "ORDER_NOT_APPROVED"
    assert refused.value.debug_id == "f0f1f2f3f4f5f"
    assert sandbox.calls == ["create", "capture"]


async def test_what_is_not_there_is_gone(paypal: PayPal) -> None:
    with pytest.raises(PayPalGone):
        await paypal.order("5O999")


async def test_an_unreadable_answer_is_strange(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    sandbox.faults.next("create", "garbage")
    with pytest.raises(PayPalAnswerStrange):
        await paypal.create_order(wish, "r-1")


async def test_a_token_is_asked_for_once_and_renewed_before_its_end(
    site: PayPalSite, sandbox: Sandbox, wish: Wish
) -> None:
    now = [0.0]
    async with Transport(site, monotonic=lambda: now[0]) as transport:
        paypal = PayPal(transport)
        made = await paypal.create_order(wish, "r-1")
        now[0] = 32339.0
        await paypal.order(made.paypal_id)
        assert len(sandbox.tokens) == 1
        now[0] = 32340.0
        await paypal.order(made.paypal_id)
        assert len(sandbox.tokens) == 2


async def test_a_withdrawn_token_is_replaced(paypal: PayPal, sandbox: Sandbox, wish: Wish) -> None:
    await paypal.create_order(wish, "r-1")
    sandbox.tokens.clear()
    sandbox.tokens.add("another")
    await paypal.create_order(wish, "r-2")


async def test_no_secret_is_told(
    site: PayPalSite, sandbox: Sandbox, wish: Wish, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = PayPalSite(
        base=site.base, client_id="wrong-client", secret=SECRET, webhook_id=site.webhook_id
    )
    async with Transport(wrong) as transport:
        with pytest.raises(PayPalRefused) as refused:
            await PayPal(transport).create_order(wish, "r-1")
    told = f"{refused.value!r} {refused.value} {wrong!r} {caplog.text}"
    assert "invalid_client" in told
    assert SECRET not in told


async def test_a_server_that_is_away_is_unreachable(wish: Wish, site: PayPalSite) -> None:
    away = PayPalSite(
        base="http://127.0.0.1:9", client_id="client-0", secret=SECRET, webhook_id="W"
    )
    async with Transport(away, pauses=(0.01,)) as transport:
        with pytest.raises(PayPalUnreachable):
            await PayPal(transport).create_order(wish, "r-1")


async def test_an_agreement_pays_its_fee_at_once_and_can_be_ended(
    paypal: PayPal, sandbox: Sandbox, wish: Wish
) -> None:
    now = datetime.now(UTC)
    product = await paypal.create_product("CloudMatic Connect", "p-1")
    plan = await paypal.create_plan(product, "Connect, 1 Monat", 1, Money(300), "pl-1")
    made = await paypal.create_agreement(wish, plan, now + timedelta(days=30), "s-1")
    assert (made.status, made.approve is not None) == ("APPROVAL_PENDING", True)
    sandbox.approve(made.paypal_id)
    sandbox.pay(made.paypal_id)
    day = timedelta(days=1)
    sales = await paypal.sales(made.paypal_id, now - day, now + day)
    assert [each.amount for each in sales] == [Money(2400), Money(300)]
    await paypal.change_agreement(made.paypal_id, "suspend", "pausiert")
    await paypal.change_agreement(made.paypal_id, "cancel", "gekündigt")
    assert (await paypal.agreement(made.paypal_id)).over
