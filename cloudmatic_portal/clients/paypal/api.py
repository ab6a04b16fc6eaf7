"""What we ask of PayPal, one method for each call (Orders v2, Subscriptions v1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cloudmatic_portal.clients.paypal import answers
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import Agreement, AgreementStep, Checkout, Sale

BRAND: Final = "CloudMatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer is to approve, and where PayPal sends them afterwards.

    `reference` is our order's, `number` counts the attempts: both go into what PayPal shows.
    """

    reference: str
    number: int
    amount: Money
    title: str
    language: str
    return_url: str
    cancel_url: str

    @property
    def invoice(self) -> str:
        """Unique in the PayPal account: PayPal refuses to take money for one of them twice."""
        return f"{self.reference}-{self.number}"

    @property
    def locale(self) -> str:
        return "de-DE" if self.language == "de" else "en-GB"


class PayPal:
    """PayPal's API. Each method raises the PayPalErrors that `Transport.call` tells."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.site = transport.site

    async def create_order(self, wish: Wish, request_id: str) -> Checkout:
        """An order to approve. A repetition gives the first one's order."""
        unit = {
            "reference_id": wish.reference,
            "custom_id": wish.reference,
            "invoice_id": wish.invoice,
            "description": wish.title[:127],
            "amount": _amount(wish.amount),
        }
        answer = await self.transport.call(
            "POST",
            "/v2/checkout/orders",
            json={
                "intent": "CAPTURE",
                "purchase_units": [unit],
                "payment_source": {"paypal": {"experience_context": _context(wish, "PAY_NOW")}},
            },
            request_id=request_id,
        )
        return answers.checkout(answer, self.site.approval)

    async def order(self, paypal_id: str) -> Checkout:
        answer = await self.transport.call("GET", f"/v2/checkout/orders/{paypal_id}")
        return answers.checkout(answer, self.site.approval)

    async def capture(self, paypal_id: str, request_id: str) -> Checkout:
        """Take the money that the customer approved. A repetition takes nothing more."""
        path = f"/v2/checkout/orders/{paypal_id}/capture"
        answer = await self.transport.call("POST", path, json={}, request_id=request_id)
        return answers.checkout(answer, self.site.approval)

    async def create_product(self, name: str, request_id: str) -> str:
        answer = await self.transport.call(
            "POST",
            "/v1/catalogs/products",
            json={"name": name[:127], "type": "SERVICE", "category": "SOFTWARE"},
            request_id=request_id,
        )
        return answers.identifier(answer)

    async def create_plan(
        self, product_id: str, name: str, months: int, price: Money, request_id: str
    ) -> str:
        """`price` every `months` months, without end. Two failed payments in a row suspend it."""
        cycle = {
            "frequency": {"interval_unit": "MONTH", "interval_count": months},
            "tenure_type": "REGULAR",
            "sequence": 1,
            "total_cycles": 0,
            "pricing_scheme": {"fixed_price": _amount(price)},
        }
        answer = await self.transport.call(
            "POST",
            "/v1/billing/plans",
            json={
                "product_id": product_id,
                "name": name[:127],
                "status": "ACTIVE",
                "billing_cycles": [cycle],
                "payment_preferences": {
                    "auto_bill_outstanding": False,
                    "setup_fee_failure_action": "CANCEL",
                    "payment_failure_threshold": 2,
                },
            },
            request_id=request_id,
        )
        return answers.identifier(answer)

    async def create_agreement(
        self, wish: Wish, plan_id: str, starts: datetime, request_id: str
    ) -> Agreement:
        """A subscription to approve: the wish's amount at once, the plan's from `starts` on."""
        preferences = {"setup_fee": _amount(wish.amount), "setup_fee_failure_action": "CANCEL"}
        answer = await self.transport.call(
            "POST",
            "/v1/billing/subscriptions",
            json={
                "plan_id": plan_id,
                "start_time": starts.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "custom_id": wish.reference,
                "plan": {"payment_preferences": preferences},
                "application_context": _context(wish, "SUBSCRIBE_NOW"),
            },
            request_id=request_id,
        )
        return answers.agreement(answer, self.site.approval)

    async def agreement(self, paypal_id: str) -> Agreement:
        answer = await self.transport.call("GET", f"/v1/billing/subscriptions/{paypal_id}")
        return answers.agreement(answer, self.site.approval)

    async def sales(self, paypal_id: str, since: datetime, until: datetime) -> tuple[Sale, ...]:
        """The payments of an agreement between two instants."""
        query = {"start_time": _instant(since), "end_time": _instant(until)}
        path = f"/v1/billing/subscriptions/{paypal_id}/transactions"
        return answers.sales(await self.transport.call("GET", path, query=query))

    async def change_agreement(self, paypal_id: str, step: AgreementStep, why: str) -> None:
        path = f"/v1/billing/subscriptions/{paypal_id}/{step}"
        await self.transport.call("POST", path, json={"reason": why[:128]})

    async def vouches_for(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Ask PayPal whether it sent a webhook (postback); `headers` are those of the signature.

        The event goes back as it came, byte for byte: another spelling of it has another sum.
        """
        told = json.dumps({**headers, "webhook_id": self.site.webhook_id}).encode("ascii")
        sent = told[:-1] + b', "webhook_event": ' + body + b"}"
        path = "/v1/notifications/verify-webhook-signature"
        return answers.verified(await self.transport.call("POST", path, body=sent))


def _amount(money: Money) -> dict[str, str]:
    return {
        "currency_code": money.currency,
        "value": f"{money.cents // 100}.{money.cents % 100:02d}",
    }


def _context(wish: Wish, action: str) -> dict[str, Any]:
    return {
        "brand_name": BRAND,
        "locale": wish.locale,
        "shipping_preference": "NO_SHIPPING",
        "user_action": action,
        "return_url": wish.return_url,
        "cancel_url": wish.cancel_url,
    }


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
