"""What PayPal says, in webhooks that are its own and in answers (clients/paypal/answers.py)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable

from cloudmatic_link.strict_json import read_object
from cloudmatic_portal.clients.paypal import answers
from cloudmatic_portal.domain.errors import PayPalAnswerStrange

PROMISE = "any JSON object is what we need of it, or PayPalAnswerStrange; other bytes: ValueError"


def check(data: bytes) -> None:
    try:
        document = read_object(data)
    except ValueError:
        return
    for read in (
        answers.event,
        answers.capture,
        answers.sales,
        answers.identifier,
        answers.verified,
    ):
        with contextlib.suppress(PayPalAnswerStrange):
            read(document)
    for approved in (answers.checkout, answers.agreement):
        with contextlib.suppress(PayPalAnswerStrange):
            approve = approved(document, "https://www.paypal.com").approve
            assert approve is None or approve.startswith("https://www.paypal.com/")


def seeds() -> Iterable[bytes]:
    amount = {"currency_code": "EUR", "value": "24.00"}
    link = {"rel": "approve", "href": "https://www.paypal.com/checkoutnow?token=5O"}
    capture = {
        "id": "3C000000000001",
        "status": "COMPLETED",
        "amount": amount,
        "supplementary_data": {"related_ids": {"order_id": "5O000000000001"}},
        "create_time": "2026-11-23T23:30:00Z",
        "links": [{"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/3C0000"}],
    }
    sale = {
        "id": "9S1",
        "amount": {"currency": "EUR", "total": "2.00"},
        "create_time": "2026-11-23",
    }
    for kind in answers.EVENT_TYPES:
        resource = sale if ".SALE." in kind else capture
        event = {"id": "WH-1", "event_type": kind, "resource": resource}
        yield json.dumps(event).encode()
    payments = {"payments": {"captures": [capture]}}
    order = {"id": "5O000000000001", "status": "CREATED", "purchase_units": [payments]}
    yield json.dumps({**order, "links": [link]}).encode()
    yield json.dumps({"id": "I-BW452", "status": "ACTIVE", "links": [link]}).encode()
    paid = {"id": "9S1", "status": "COMPLETED", "time": "2026-11-23T10:00:00Z"}
    money = {"amount_with_breakdown": {"gross_amount": amount}}
    yield json.dumps({"transactions": [{**paid, **money}]}).encode()
    yield b'{"a":' * 3000
