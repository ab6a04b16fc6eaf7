"""What the sandbox answers: its books in PayPal's words."""

from __future__ import annotations

from aiohttp import web

from tests.paypal_sandbox.ledger import Json, Order, Refused, Subscription


def order(base: str, order: Order) -> Json:
    """`base` is where the sandbox runs."""
    payments = {"captures": order.captures, "refunds": order.refunds}
    unit = {**order.unit, **({"payments": payments} if order.captures else {})}
    return {
        "id": order.paypal_id,
        "status": order.status,
        "intent": "CAPTURE",
        "purchase_units": [unit],
        "links": [
            {"rel": "self", "href": f"{base}/v2/checkout/orders/{order.paypal_id}"},
            {"rel": "payer-action", "href": f"{base}/checkoutnow?token={order.paypal_id}"},
        ],
    }


def agreement(base: str, subscription: Subscription) -> Json:
    paypal_id = subscription.paypal_id
    return {
        "id": paypal_id,
        "status": subscription.status,
        "plan_id": subscription.plan_id,
        "custom_id": subscription.custom_id,
        "start_time": subscription.starts.isoformat(),
        "links": [{"rel": "approve", "href": f"{base}/checkoutnow?token={paypal_id}"}],
    }


def sales(subscription: Subscription) -> Json:
    shown = [
        {
            "id": each["id"],
            "status": "COMPLETED",
            "amount_with_breakdown": {
                "gross_amount": {
                    "value": each["amount"]["total"],
                    "currency_code": each["amount"]["currency"],
                }
            },
            "time": each["create_time"],
        }
        for each in subscription.sales
    ]
    return {"transactions": shown, "links": []}


def refusal(refused: Refused) -> web.Response:
    return web.json_response(
        {
            "name": "RESOURCE_NOT_FOUND" if refused.status == 404 else "UNPROCESSABLE_ENTITY",
            "details": [{"issue": refused.issue, "description": "in words"}],
            "debug_id": "f0f1f2f3f4f5f",
        },
        status=refused.status,
    )
