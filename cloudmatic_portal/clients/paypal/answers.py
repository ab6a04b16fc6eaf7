"""Read what PayPal says: strictly what we need, nothing of the rest.

Raises PayPalAnswerStrange with the member that is not as the reference says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, TypeVar, get_args
from urllib.parse import urlsplit

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import PayPalAnswerStrange
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import (
    PAYPAL_ID,
    Agreement,
    AgreementStatus,
    Capture,
    CaptureStatus,
    Checkout,
    CheckoutStatus,
    Event,
    EventKind,
    Sale,
)

_VALUE: Final = re.compile(r"-?([0-9]{1,7})(?:\.([0-9]{1,2})0*)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TYPE: Final = re.compile(r"[A-Z][A-Z0-9._-]{2,79}")
_MONEY_PATH: Final = re.compile(r"/v[12]/payments/(?:captures?|sale)/([A-Z0-9-]{3,64})(?:/refund)?")
_ORDER_PATH: Final = re.compile(r"/v2/checkout/orders/([A-Z0-9-]{3,64})")

# A tuple: what is asked about may be anything, and a set wants it hashable.
_ARRIVED: Final = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")

_KINDS: Final[Mapping[str, EventKind]] = {
    "CHECKOUT.ORDER.APPROVED": "order",
    "CHECKOUT.ORDER.COMPLETED": "order",
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED": "order",
    "PAYMENT.CAPTURE.PENDING": "other",
    "PAYMENT.CAPTURE.COMPLETED": "arrived",
    "PAYMENT.CAPTURE.DENIED": "denied",
    "PAYMENT.CAPTURE.DECLINED": "denied",
    "PAYMENT.CAPTURE.REFUNDED": "taken_back",
    "PAYMENT.CAPTURE.REVERSED": "taken_back",
    "PAYMENT.SALE.COMPLETED": "arrived",
    "PAYMENT.SALE.REFUNDED": "taken_back",
    "PAYMENT.SALE.REVERSED": "taken_back",
    "BILLING.SUBSCRIPTION.ACTIVATED": "agreement",
    "BILLING.SUBSCRIPTION.RE-ACTIVATED": "agreement",
    "BILLING.SUBSCRIPTION.UPDATED": "agreement",
    "BILLING.SUBSCRIPTION.CANCELLED": "agreement",
    "BILLING.SUBSCRIPTION.SUSPENDED": "agreement",
    "BILLING.SUBSCRIPTION.EXPIRED": "agreement",
    "BILLING.SUBSCRIPTION.PAYMENT.FAILED": "agreement",
}
EVENT_TYPES: Final = tuple(_KINDS)
"""The webhooks that we make something of."""

Document = Mapping[str, Any]
L = TypeVar("L")


def checkout(answer: Document, approval: str) -> Checkout:
    """An order; `approval` is the only origin that its link may lead to."""
    captures = []
    for unit in _list(answer, "purchase_units"):
        payments = unit.get("payments") if isinstance(unit, dict) else None
        captures += _list(payments, "captures") if isinstance(payments, dict) else []
    return Checkout(
        paypal_id=_id(answer, "id"),
        status=_one_of(answer, "status", get_args(CheckoutStatus)),
        approve=_link(answer, ("payer-action", "approve"), approval),
        capture=capture(captures[-1]) if captures else None,
    )


def capture(answer: Document) -> Capture:
    return Capture(
        _id(answer, "id"),
        _one_of(answer, "status", get_args(CaptureStatus)),
        money(_dict(answer, "amount")),
    )


def agreement(answer: Document, approval: str) -> Agreement:
    return Agreement(
        _id(answer, "id"),
        _one_of(answer, "status", get_args(AgreementStatus)),
        _link(answer, ("approve",), approval),
    )


def sales(answer: Document) -> tuple[Sale, ...]:
    """The payments of an agreement that arrived; what was refunded later had arrived too."""
    found = []
    for each in _list(answer, "transactions"):
        if not isinstance(each, dict):
            raise PayPalAnswerStrange("transactions")
        if each.get("status") in _ARRIVED:
            amount = money(_dict(_dict(each, "amount_with_breakdown"), "gross_amount"))
            found.append(Sale(_id(each, "id"), amount, _day(each, "time")))
    return tuple(found)


def identifier(answer: Document) -> str:
    return _id(answer, "id")


def verified(answer: Document) -> bool:
    return answer.get("verification_status") == "SUCCESS"


def event(answer: Document) -> Event:
    """A webhook's event, whatever it is about; only what we act on is looked into."""
    event_type = answer.get("event_type")
    if not isinstance(event_type, str) or not _TYPE.fullmatch(event_type):
        raise PayPalAnswerStrange("event_type")
    kind = _KINDS.get(event_type, "other")
    found = Event(event_id=_id(answer, "id"), event_type=event_type, kind=kind)
    if kind == "other":
        return found
    resource = _dict(answer, "resource")
    if kind in {"order", "agreement"}:
        return replace(found, subject=_looked_at(resource, event_type))
    return replace(
        found,
        subject=_id(resource, "id"),
        parent=_taken_from(resource) if kind == "taken_back" else _belongs_to(resource),
        amount=_amount(resource),
        day=_day(resource, "create_time"),
    )


def money(answer: Document) -> Money:
    """`{currency_code, value}` of the newer APIs; nothing negative."""
    return _money(answer.get("value"), answer.get("currency_code"), "amount")


def _amount(resource: Document) -> Money:
    """The amount in either form. The older one writes what goes back with a minus."""
    amount = _dict(resource, "amount")
    if "total" in amount:
        return _money(str(amount["total"]).removeprefix("-"), amount.get("currency"), "amount")
    return money({**amount, "value": str(amount.get("value")).removeprefix("-")})


def _money(value: object, currency: object, member: str) -> Money:
    found = _VALUE.fullmatch(value) if isinstance(value, str) and value.isascii() else None
    if found is None or value == "-" or not isinstance(currency, str):
        raise PayPalAnswerStrange(member)
    if str(value).startswith("-") or not _CURRENCY.fullmatch(currency):
        raise PayPalAnswerStrange(member)
    return Money(int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")), currency)


def _looked_at(resource: Document, event_type: str) -> str:
    if event_type == "CHECKOUT.PAYMENT-APPROVAL.REVERSED" and "order_id" in resource:
        return _id(resource, "order_id")
    return _id(resource, "id")


def _belongs_to(resource: Document) -> str | None:
    """The order or agreement that the money was for."""
    if isinstance(resource.get("billing_agreement_id"), str):
        return _id(resource, "billing_agreement_id")
    related = resource.get("supplementary_data")
    ids = related.get("related_ids") if isinstance(related, dict) else None
    if isinstance(ids, dict) and isinstance(ids.get("order_id"), str):
        return _id(ids, "order_id")
    return _from_links(resource, ("up",), _ORDER_PATH)


def _taken_from(resource: Document) -> str | None:
    """The capture or sale that money was taken from. PayPal tells it in several ways."""
    for member in ("sale_id", "capture_id"):
        if isinstance(resource.get(member), str):
            return _id(resource, member)
    return _from_links(resource, ("up", "sale", "capture"), _MONEY_PATH)


def _from_links(resource: Document, rels: tuple[str, ...], path: re.Pattern[str]) -> str | None:
    for link in _list(resource, "links"):
        if isinstance(link, dict) and link.get("rel") in rels and isinstance(link.get("href"), str):
            found = path.fullmatch(_path(link["href"]))
            if found:
                return found[1]
    return None


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError as error:
        raise PayPalAnswerStrange("links") from error


def _link(answer: Document, rels: tuple[str, ...], origin: str) -> str | None:
    """A customer is sent nowhere but to PayPal."""
    for link in _list(answer, "links"):
        if isinstance(link, dict) and link.get("rel") in rels:
            href = link.get("href")
            if not isinstance(href, str) or not href.isascii() or not href.isprintable():
                raise PayPalAnswerStrange("links")
            if not href.startswith(f"{origin}/") or len(href) > 500:
                raise PayPalAnswerStrange("links")
            return href
    return None


def _id(answer: Document, member: str) -> str:
    value = answer.get(member)
    if not isinstance(value, str) or not PAYPAL_ID.fullmatch(value):
        raise PayPalAnswerStrange(member)
    return value


def _dict(answer: Document, member: str) -> Document:
    value = answer.get(member)
    if not isinstance(value, dict):
        raise PayPalAnswerStrange(member)
    return value


def _list(answer: Document, member: str) -> list[Any]:
    """Lists are left out where they would be empty."""
    value = answer.get(member, [])
    if not isinstance(value, list):
        raise PayPalAnswerStrange(member)
    return value


def _one_of(answer: Document, member: str, known: tuple[L, ...]) -> L:
    for each in known:
        if answer.get(member) == each:
            return each
    raise PayPalAnswerStrange(member)


def _day(answer: Document, member: str) -> date:
    try:
        instant = datetime.fromisoformat(str(answer.get(member)))
    except ValueError as error:
        raise PayPalAnswerStrange(member) from error
    if instant.tzinfo is None:
        raise PayPalAnswerStrange(member)
    return berlin_day(instant)
