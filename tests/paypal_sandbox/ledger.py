"""What the sandbox remembers: orders, plans, subscriptions, and the money in them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """PayPal's no: an HTTP status and an issue."""

    def __init__(self, status: int, issue: str) -> None:
        super().__init__(issue)
        self.status = status
        self.issue = issue


@dataclass
class Order:
    paypal_id: str
    unit: Json
    return_url: str
    cancel_url: str
    status: str = "PAYER_ACTION_REQUIRED"
    captures: list[Json] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)


@dataclass
class Subscription:
    paypal_id: str
    plan_id: str
    starts: datetime
    custom_id: str
    setup_fee: Json
    return_url: str
    cancel_url: str
    status: str = "APPROVAL_PENDING"
    sales: list[Json] = field(default_factory=list)


class Books:
    """Each method does what the API call or the customer's click does, once."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.plans: dict[str, Json] = {}
        self.products: dict[str, Json] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.invoices: set[str] = set()
        self.next_capture = "COMPLETED"
        """The status of the captures to come: PENDING is an eCheck, DECLINED a refused card."""
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):012d}"

    def order(self, paypal_id: str) -> Order:
        if paypal_id not in self.orders:
            raise Refused(404, "INVALID_RESOURCE_ID")
        return self.orders[paypal_id]

    def subscription(self, paypal_id: str) -> Subscription:
        if paypal_id not in self.subscriptions:
            raise Refused(404, "INVALID_RESOURCE_ID")
        return self.subscriptions[paypal_id]

    def create_order(self, wanted: Json) -> Order:
        [unit] = wanted["purchase_units"]
        context = wanted["payment_source"]["paypal"]["experience_context"]
        if wanted["intent"] != "CAPTURE" or float(unit["amount"]["value"]) <= 0:
            raise Refused(422, "CANNOT_BE_ZERO_OR_NEGATIVE")
        order = Order(self.new_id("5O"), unit, context["return_url"], context["cancel_url"])
        self.orders[order.paypal_id] = order
        return order

    def capture(self, paypal_id: str) -> Json:
        order = self.order(paypal_id)
        if order.status == "COMPLETED":
            raise Refused(422, "ORDER_ALREADY_CAPTURED")
        if order.status != "APPROVED":
            raise Refused(422, "ORDER_NOT_APPROVED")
        if self.next_capture == "DECLINED":
            order.status = "PAYER_ACTION_REQUIRED"
            raise Refused(422, "INSTRUMENT_DECLINED")
        invoice = order.unit["invoice_id"]
        if invoice in self.invoices:
            raise Refused(422, "DUPLICATE_INVOICE_ID")
        self.invoices.add(invoice)
        order.status = "COMPLETED"
        capture = {
            "id": self.new_id("3C"),
            "status": self.next_capture,
            "amount": order.unit["amount"],
            "final_capture": True,
            "custom_id": order.unit["custom_id"],
            "invoice_id": invoice,
            "supplementary_data": {"related_ids": {"order_id": paypal_id}},
            "create_time": _now(),
        }
        order.captures.append(capture)
        return capture

    def settle(self, paypal_id: str, status: str) -> Json:
        """What becomes of a pending capture."""
        [capture] = self.order(paypal_id).captures
        capture["status"] = status
        return capture

    def refund(self, paypal_id: str, value: str) -> Json:
        """Money that goes back to the customer."""
        order = self.order(paypal_id)
        [capture] = order.captures
        capture["status"] = "PARTIALLY_REFUNDED"
        if value == capture["amount"]["value"]:
            capture["status"] = "REFUNDED"
        refund = {
            "id": self.new_id("1R"),
            "status": "COMPLETED",
            "amount": {**capture["amount"], "value": value},
            "create_time": _now(),
            "links": [
                {"rel": "up", "method": "GET", "href": f"/v2/payments/captures/{capture['id']}"}
            ],
        }
        order.refunds.append(refund)
        return refund

    def create_subscription(self, wanted: Json) -> Subscription:
        if wanted["plan_id"] not in self.plans:
            raise Refused(404, "INVALID_RESOURCE_ID")
        context = wanted["application_context"]
        made = Subscription(
            self.new_id("I-S"),
            wanted["plan_id"],
            datetime.fromisoformat(wanted["start_time"]),
            wanted["custom_id"],
            wanted["plan"]["payment_preferences"]["setup_fee"],
            context["return_url"],
            context["cancel_url"],
        )
        self.subscriptions[made.paypal_id] = made
        return made

    def sale(self, paypal_id: str, amount: Json | None = None) -> Json:
        """The next payment of a subscription: its plan's price, if nothing else is said."""
        subscription = self.subscription(paypal_id)
        cycle = self.plans[subscription.plan_id]["billing_cycles"][0]
        paid = amount or cycle["pricing_scheme"]["fixed_price"]
        sale = {
            "id": self.new_id("8S"),
            "state": "completed",
            "amount": {"total": paid["value"], "currency": paid["currency_code"]},
            "billing_agreement_id": paypal_id,
            "custom": subscription.custom_id,
            "create_time": _now(),
        }
        subscription.sales.append(sale)
        return sale

    def step(self, paypal_id: str, step: str) -> None:
        subscription = self.subscription(paypal_id)
        froms, to = {
            "cancel": ({"ACTIVE", "SUSPENDED"}, "CANCELLED"),
            "suspend": ({"ACTIVE"}, "SUSPENDED"),
            "activate": ({"SUSPENDED"}, "ACTIVE"),
        }[step]
        if subscription.status not in froms:
            raise Refused(422, "SUBSCRIPTION_STATUS_INVALID")
        subscription.status = to


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
