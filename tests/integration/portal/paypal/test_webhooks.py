"""What PayPal tells counts once, in any order, and nobody else can tell it."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services import ledger, payments
from cloudmatic_portal.web.places import WEBHOOK_PATH
from tests.integration.portal.paypal.conftest import Payer
from tests.paypal_sandbox.webhooks import Sent


async def captured(payer: Payer) -> tuple[str, dict[str, Sent]]:
    """An order whose money was taken, though nobody here knows: the webhooks are still to come."""
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    payer.sandbox.approve(paypal_id)
    await payer.paypal.capture(paypal_id, "somebody-elses")
    payer.sandbox.refund(paypal_id, "6.00")
    return paypal_id, {each.event_type: each for each in payer.sandbox.webhooks.sent}


async def balance(payer: Payer) -> Money:
    return await ledger.balance(payer.database, 4711)


async def test_money_that_a_webhook_tells_of_is_booked(payer: Payer) -> None:
    _, sent = await captured(payer)
    assert await payer.sandbox.deliver(sent["PAYMENT.CAPTURE.COMPLETED"]) == 200
    assert (await payer.the_order()).state == "active"
    [event] = await payer.rows("paypal_events")
    assert (event["state"], event["why"]) == ("done", "booked")


async def test_a_webhook_may_come_as_often_as_it_likes(payer: Payer) -> None:
    _, sent = await captured(payer)
    deliveries = [payer.sandbox.deliver(sent["PAYMENT.CAPTURE.COMPLETED"]) for _ in range(6)]
    assert await asyncio.gather(*deliveries) == [200] * 6
    assert len(await payer.money()) == 1
    assert len(await payer.rows("paypal_events")) == 1


@pytest.mark.parametrize("first", ["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED"])
async def test_a_refund_may_be_told_of_before_the_payment(payer: Payer, first: str) -> None:
    _, sent = await captured(payer)
    second = {"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED"} - {first}
    for name in (first, *second):
        await payer.sandbox.deliver(sent[name])
        await payer.look()
    assert (await payer.the_order()).state == "active"
    assert await balance(payer) == Money(-600)
    assert {each["state"] for each in await payer.rows("paypal_events")} == {"done"}


async def test_what_paypal_takes_back_falls_on_the_balance(payer: Payer) -> None:
    paypal_id = await payer.order()
    await payer.back(payer.sandbox.approve(paypal_id))
    payer.sandbox.refund(paypal_id, "36.00", "REVERSED")
    await payer.sandbox.all_delivered()
    await payer.look()
    assert await balance(payer) == Money(-3600)
    kinds = [each["kind"] for each in await payer.rows("ledger_entries")]
    assert "return_debit" in kinds


async def test_more_than_there_is_cannot_be_taken_back_and_is_left_to_the_operator(
    payer: Payer, caplog: pytest.LogCaptureFixture
) -> None:
    paypal_id = await payer.order()
    await payer.back(payer.sandbox.approve(paypal_id))
    for _ in range(2):
        payer.sandbox.refund(paypal_id, "36.00")
        await payer.sandbox.all_delivered()
    await payer.look()
    states = [each["state"] for each in await payer.rows("paypal_events")]
    assert states.count("unclear") == 1
    assert await balance(payer) == Money(-3600)
    assert "more than is left" in caplog.text


async def went_back(payer: Payer, refund: str, **amount: str) -> None:
    """PayPal tells of a refund of the only payment that there is."""
    [(paid, _, _)] = await payer.money()
    address = f"/v2/payments/captures/{paid.removeprefix('paypal:')}"
    resource = {
        "id": refund,
        "amount": {"currency_code": "EUR", "value": "6.00"} | amount,
        "create_time": "2026-11-23T10:00:00Z",
        "links": [{"rel": "up", "method": "GET", "href": address}],
    }
    sent = payer.sandbox.webhooks.make("PAYMENT.CAPTURE.REFUNDED", resource)
    assert await payer.sandbox.deliver(sent) == 200


async def test_what_goes_back_in_another_currency_is_left_to_the_operator(payer: Payer) -> None:
    await payer.back(payer.sandbox.approve(await payer.order()))
    await payer.sandbox.all_delivered()
    await went_back(payer, "1R777", currency_code="USD")
    await payer.look()
    [event] = [each for each in await payer.rows("paypal_events") if each["subject"] == "1R777"]
    assert (event["state"], event["why"]) == ("unclear", "another currency than was paid")
    assert await balance(payer) == Money(0)


async def test_one_event_that_fails_stops_nothing_else(
    payer: Payer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await payer.back(payer.sandbox.approve(await payer.order()))
    await payer.sandbox.all_delivered()
    await payer.look()
    take_back = payments.take_back

    async def failing(connection: Any, source: str, *facts: Any) -> Account:
        if "paypal:1R777" in facts:
            raise RuntimeError("unforeseen")
        return await take_back(connection, source, *facts)

    monkeypatch.setattr(payments, "take_back", failing)
    await went_back(payer, "1R777")
    await went_back(payer, "1R888")
    another = await payer.order("connect")
    payer.sandbox.approve(another)
    await payer.sandbox.all_delivered()
    # What fails is not counted: whoever looks again and again would find no end.
    assert await payer.look() == 2
    assert "event WH-" in caplog.text
    assert await balance(payer) == Money(-600)
    assert payer.sandbox.books.order(another).status == "COMPLETED"
    assert await payer.look() == 0
    monkeypatch.undo()
    assert await payer.look() == 1
    assert await balance(payer) == Money(-1200)


@pytest.mark.parametrize("fault", ["wrong_signature", "foreign_certificates"])
async def test_nobody_else_can_tell_us_anything(payer: Payer, fault: str) -> None:
    _, sent = await captured(payer)
    before = await payer.portal.rows()
    setattr(payer.sandbox.faults, fault, True)
    assert await payer.sandbox.deliver(sent["PAYMENT.CAPTURE.COMPLETED"]) == 400
    assert await payer.portal.rows() == before


async def test_a_webhook_that_nobody_can_check_is_asked_for_again(payer: Payer) -> None:
    _, sent = await captured(payer)
    payer.sandbox.faults.certificates_away = True
    payer.sandbox.faults.next("verify", "error", "error", "error")
    assert await payer.sandbox.deliver(sent["PAYMENT.CAPTURE.COMPLETED"]) == 503
    payer.sandbox.faults.certificates_away = False
    assert await payer.sandbox.deliver(sent["PAYMENT.CAPTURE.COMPLETED"]) == 200
    assert len(await payer.money()) == 1


async def post(payer: Payer, body: bytes) -> tuple[int, str]:
    headers = payer.sandbox.webhooks.headers(body, payer.sandbox.base)
    async with (
        aiohttp.ClientSession() as session,
        session.post(payer.portal.url(WEBHOOK_PATH), data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{}", 400), (b"[]", 400), (b"{", 400), (b" " * 300_000, 413)],
)
async def test_a_signature_does_not_make_an_event(payer: Payer, body: bytes, status: int) -> None:
    found, told = await post(payer, body)
    assert found == status
    assert "urn:cloudmatic:problem:" in told
    assert await payer.rows("paypal_events") == []


@pytest.mark.parametrize(
    ("event_type", "resource", "state"),
    [
        ("CUSTOMER.DISPUTE.CREATED", {"dispute_id": "PP-D-1"}, "ignored"),
        ("CHECKOUT.ORDER.APPROVED", {"id": "5O999"}, "ignored"),
        ("BILLING.SUBSCRIPTION.CANCELLED", {"id": "I-999"}, "ignored"),
        (
            "PAYMENT.SALE.REVERSED",
            {
                "id": "7R1",
                "amount": {"total": "-1.00", "currency": "EUR"},
                "create_time": "2026-11-23T10:00:00Z",
            },
            "unclear",
        ),
    ],
)
async def test_what_is_not_for_us_is_taken_and_left(
    payer: Payer, event_type: str, resource: dict[str, Any], state: str
) -> None:
    sent = payer.sandbox.webhooks.make(event_type, resource)
    assert await payer.sandbox.deliver(sent) == 200
    [event] = await payer.rows("paypal_events")
    assert event["state"] == state
    assert await payer.money() == []


async def test_money_in_another_currency_is_left_to_the_operator(payer: Payer) -> None:
    payer.sandbox.faults.quiet = True
    paypal_id = await payer.order()
    resource = {
        "id": "3C999",
        "status": "COMPLETED",
        "amount": {"currency_code": "USD", "value": "36.00"},
        "supplementary_data": {"related_ids": {"order_id": paypal_id}},
        "create_time": "2026-11-23T10:00:00Z",
    }
    sent = payer.sandbox.webhooks.make("PAYMENT.CAPTURE.COMPLETED", resource)
    assert await payer.sandbox.deliver(sent) == 200
    [event] = await payer.rows("paypal_events")
    assert event["state"] == "unclear"
    assert (await payer.the_order()).state == "open"


async def test_no_more_is_kept_of_an_event_than_is_needed(payer: Payer) -> None:
    resource = {
        "id": "5O999",
        "payer": {"email_address": "jemand@example.org", "name": {"given_name": "Jemand"}},
    }
    await payer.sandbox.deliver(payer.sandbox.webhooks.make("CHECKOUT.ORDER.APPROVED", resource))
    assert "emand" not in str(await payer.rows("paypal_events"))
