"""Reading what PayPal says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.clients.paypal import answers
from cloudmatic_portal.domain.errors import PayPalAnswerStrange
from cloudmatic_portal.domain.money import Money

WWW = "https://www.paypal.com"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def order(**changes: Any) -> dict[str, Any]:
    return {
        "id": "5O190127TN364715T",
        "status": "PAYER_ACTION_REQUIRED",
        "links": [
            {"rel": "self", "href": "https://api-m.paypal.com/v2/checkout/orders/5O1"},
            {"rel": "payer-action", "href": f"{WWW}/checkoutnow?token=5O190127TN364715T"},
        ],
    } | changes


def event(event_type: str, **resource: Any) -> dict[str, Any]:
    usual = {"id": "8S1", "create_time": "2026-11-23T10:00:00Z"}
    return {"id": "WH-1-2", "event_type": event_type, "resource": usual | resource}


def test_an_order_to_approve() -> None:
    found = answers.checkout(order(), WWW)
    assert found.approve == f"{WWW}/checkoutnow?token=5O190127TN364715T"
    assert found.capture is None


@pytest.mark.parametrize(
    "href",
    [
        "https://www.paypal.com.example.org/checkoutnow",
        "https://www.paypal.com@example.org/",
        "https://www.paypal.com",
        "http://www.paypal.com/checkoutnow",
        "https://www.paypal.com/check\r\nSet-Cookie: a=b",
        None,
    ],
)
def test_customers_are_sent_to_paypal_and_nowhere_else(href: str | None) -> None:
    with pytest.raises(PayPalAnswerStrange, match="links"):
        answers.checkout(order(links=[{"rel": "approve", "href": href}]), WWW)


@pytest.mark.parametrize(
    ("member", "value"),
    [("id", "../x"), ("id", None), ("status", "DONE"), ("links", {}), ("purchase_units", "no")],
)
def test_an_order_that_is_not_as_agreed(member: str, value: Any) -> None:
    with pytest.raises(PayPalAnswerStrange, match=member):
        answers.checkout(order(**{member: value}), WWW)


@pytest.mark.parametrize(
    ("value", "cents"), [("24.00", 2400), ("24", 2400), ("0.5", 50), ("822.0100", 82201)]
)
def test_amounts(value: str, cents: int) -> None:
    assert answers.money({"value": value, "currency_code": "EUR"}) == Money(cents)


@pytest.mark.parametrize("value", ["-1.00", "1.005", "1,00", "", "1e3", "NaN", 24, None, "١.00"])
def test_amounts_that_are_none(value: Any) -> None:
    with pytest.raises(PayPalAnswerStrange):
        answers.money({"value": value, "currency_code": "EUR"})


@given(st.integers(0, 999_999_999))
def test_an_amount_is_read_as_it_is_written(cents: int) -> None:
    written = f"{cents // 100}.{cents % 100:02d}"
    assert answers.money({"value": written, "currency_code": "EUR"}).cents == cents


def test_a_payment_of_an_agreement() -> None:
    amount = {"total": "4.50", "currency": "EUR"}
    resource = {"amount": amount, "billing_agreement_id": "I-BW452GLLEP1G"}
    found = answers.event(event("PAYMENT.SALE.COMPLETED", **resource))
    assert (found.kind, found.subject, found.parent) == ("arrived", "8S1", "I-BW452GLLEP1G")
    assert found.amount == Money(450)


@pytest.mark.parametrize(
    ("event_type", "resource"),
    [
        (
            "PAYMENT.CAPTURE.REFUNDED",
            {
                "amount": {"value": "4.50", "currency_code": "EUR"},
                "links": [{"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/3C7"}],
            },
        ),
        (
            "PAYMENT.CAPTURE.REVERSED",
            {
                "amount": {"value": "-4.50", "currency_code": "EUR"},
                "links": [{"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/3C7"}],
            },
        ),
        (
            "PAYMENT.SALE.REFUNDED",
            {"amount": {"total": "-4.50", "currency": "EUR"}, "sale_id": "3C7"},
        ),
        (
            "PAYMENT.SALE.REVERSED",
            {
                "amount": {"total": "-4.50", "currency": "EUR"},
                "links": [{"rel": "sale", "href": "https://api.paypal.com/v1/payments/sale/3C7"}],
            },
        ),
    ],
)
def test_money_that_went_back_says_what_it_is_of(event_type: str, resource: dict[str, Any]) -> None:
    found = answers.event(event(event_type, **resource))
    assert (found.kind, found.subject, found.parent) == ("taken_back", "8S1", "3C7")
    assert found.amount == Money(450)


def test_events_that_are_nothing_to_us_are_not_looked_into() -> None:
    found = answers.event({"id": "WH-1", "event_type": "CUSTOMER.DISPUTE.CREATED", "resource": 7})
    assert found.kind == "other"


def test_the_guide_names_the_events_that_we_make_something_of() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "paypal.md").read_text("utf-8")
    chosen = guide.partition("with these events:")[2].partition("3. Settings")[0]
    assert sorted(re.findall(r"`([^`]+)`", chosen)) == sorted(answers.EVENT_TYPES)


@given(st.sampled_from(answers.EVENT_TYPES), ANYTHING)
def test_no_resource_breaks_the_reader(event_type: str, resource: Any) -> None:
    document = {"id": "WH-1", "event_type": event_type, "resource": resource}
    try:
        found = answers.event(document)
    except PayPalAnswerStrange:
        return
    json.dumps(found.subject)
    assert found.kind == "other" or found.subject


@given(ANYTHING)
def test_no_answer_breaks_the_readers(answer: Any) -> None:
    document = answer if isinstance(answer, dict) else {"id": answer, "links": answer}
    for read in (answers.event, answers.capture, answers.sales, answers.identifier):
        try:
            read(document)
        except PayPalAnswerStrange:
            continue
