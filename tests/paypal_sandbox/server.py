"""The sandbox as a web server: PayPal's API, and the pages where a customer approves."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.paypal_sandbox import answers, pages
from tests.paypal_sandbox.faults import Faults, cut, refuse
from tests.paypal_sandbox.ledger import Books, Json, Order, Refused, Subscription
from tests.paypal_sandbox.webhooks import CERTIFICATE_PATH, Sent, Webhooks

CLIENT_ID: Final = "sandbox-client-0000"
SECRET: Final = "sandbox-secret-nobody-may-see"
WEBHOOK_ID: Final = "9XL90610J3647323C"
TOKEN_SECONDS: Final = 32400

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sandbox:
    """`async with Sandbox() as sandbox`: runs on a port of 127.0.0.1.

    What is done is done whoever asks how often: calls are remembered by `PayPal-Request-Id`.
    """

    def __init__(self) -> None:
        self.books = Books()
        self.faults = Faults()
        self.webhooks = Webhooks(WEBHOOK_ID, self.faults)
        self.calls: list[str] = []
        self.tokens: set[str] = set()
        self._answers: dict[tuple[str, str], Json] = {}
        self._deliveries: set[asyncio.Task[int]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._server = TestServer(self._app(), host="127.0.0.1", port=port or None)
        await self._server.start_server()

    async def stop(self) -> None:
        await self.all_delivered()
        await self._server.close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def authorities(self, folder: Path) -> Path:
        """The file with the certificate of the authority, for the portal's settings."""
        return self.webhooks.authority.trusted(folder / "paypal_authority.pem")

    def settings(self, folder: Path) -> dict[str, str]:
        """What the portal's environment needs to pay here."""
        found = {
            "BASE": self.base,
            "CLIENT_ID": CLIENT_ID,
            "SECRET": SECRET,
            "WEBHOOK_ID": WEBHOOK_ID,
            "AUTHORITIES": str(self.authorities(folder)),
        }
        return {f"CLOUDMATIC_PORTAL_PAYPAL_{name}": value for name, value in found.items()}

    def approve(self, paypal_id: str) -> str:
        """What the button on the page of approval does; where the customer goes on to."""
        if paypal_id in self.books.orders:
            order = self.books.order(paypal_id)
            if order.status == "PAYER_ACTION_REQUIRED":
                order.status = "APPROVED"
                self.tell("CHECKOUT.ORDER.APPROVED", {"id": paypal_id, "status": "APPROVED"})
            return f"{order.return_url}?{urlencode({'token': paypal_id, 'PayerID': 'PAYER'})}"
        return self._subscribe(paypal_id)

    def _subscribe(self, paypal_id: str) -> str:
        subscription = self.books.subscription(paypal_id)
        if subscription.status == "APPROVAL_PENDING":
            subscription.status = "ACTIVE"
            self.tell("BILLING.SUBSCRIPTION.ACTIVATED", {"id": paypal_id, "status": "ACTIVE"})
            self.pay(paypal_id, subscription.setup_fee)
        query = urlencode({"subscription_id": paypal_id, "ba_token": "BA-1"})
        return f"{subscription.return_url}?{query}"

    def pay(self, paypal_id: str, amount: Json | None = None) -> Sent:
        """The next payment of a subscription."""
        return self.tell("PAYMENT.SALE.COMPLETED", self.books.sale(paypal_id, amount))

    def end(self, paypal_id: str, status: str = "CANCELLED") -> None:
        """The customer ends a subscription at PayPal."""
        self.books.subscription(paypal_id).status = status
        self.tell(f"BILLING.SUBSCRIPTION.{status}", {"id": paypal_id, "status": status})

    def settle(self, paypal_id: str, status: str = "COMPLETED") -> Sent:
        """A pending capture comes to its end."""
        name = "COMPLETED" if status == "COMPLETED" else "DENIED"
        return self.tell(f"PAYMENT.CAPTURE.{name}", self.books.settle(paypal_id, status))

    def refund(self, paypal_id: str, value: str, name: str = "REFUNDED") -> Sent:
        return self.tell(f"PAYMENT.CAPTURE.{name}", self.books.refund(paypal_id, value))

    def tell(self, event_type: str, resource: Json) -> Sent:
        """Make a webhook, and deliver it unless `faults.quiet`."""
        sent = self.webhooks.make(event_type, resource)
        if not self.faults.quiet and self.webhooks.target:
            task = asyncio.ensure_future(self.deliver(sent))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)
        return sent

    async def deliver(self, sent: Sent) -> int:
        return await self.webhooks.deliver(sent, self.base)

    async def all_delivered(self) -> None:
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._misbehave])
        app.add_routes(
            [
                web.post("/v1/oauth2/token", self._token),
                web.post("/v2/checkout/orders", self._once(self._create_order), name="create"),
                web.get("/v2/checkout/orders/{id}", self._asked(self._order), name="order"),
                web.post(
                    "/v2/checkout/orders/{id}/capture", self._once(self._capture), name="capture"
                ),
                web.post("/v1/catalogs/products", self._once(self._product), name="product"),
                web.post("/v1/billing/plans", self._once(self._plan), name="plan"),
                web.post(
                    "/v1/billing/subscriptions",
                    self._once(self._create_subscription),
                    name="subscribe",
                ),
                web.get(
                    "/v1/billing/subscriptions/{id}",
                    self._asked(self._subscription),
                    name="subscription",
                ),
                web.get(
                    "/v1/billing/subscriptions/{id}/transactions",
                    self._asked(self._sales),
                    name="sales",
                ),
                web.post(
                    "/v1/billing/subscriptions/{id}/{step:cancel|suspend|activate}",
                    self._asked(self._step),
                    name="step",
                ),
                web.post(
                    "/v1/notifications/verify-webhook-signature",
                    self._asked(self._verify),
                    name="verify",
                ),
                web.get(CERTIFICATE_PATH, self._certificate, name="certificate"),
                web.get("/checkoutnow", self._approval),
                web.post("/checkoutnow", self._approved),
            ]
        )
        return app

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        name = request.match_info.route.name or ""
        if name:
            self.calls.append(name)
        fault = self.faults.take(name) if name else None
        if fault in {"error", "busy", "busy_for_long", "unauthorized"}:
            return refuse(fault)
        if fault == "lost":
            cut(request)
            return web.Response()
        answer = await handler(request)
        if fault == "lost_answer":
            cut(request)
        return web.Response(text="<html>", status=200) if fault == "garbage" else answer

    async def _token(self, request: web.Request) -> web.Response:
        expected = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return web.json_response({"error": "invalid_client"}, status=401)
        token = f"A21AA{len(self.tokens)}"
        self.tokens.add(token)
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        )

    def _asked(self, work: Callable[[web.Request, Json], Json]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return web.json_response({"error": "invalid_token"}, status=401)
            content = await request.read()
            try:
                answer = work(request, json.loads(content) if content else {})
            except Refused as refused:
                return answers.refusal(refused)
            return web.json_response(answer) if answer else web.Response(status=204)

        return handle

    def _once(self, work: Callable[[web.Request, Json], Json]) -> Handler:
        """A call with the id of an earlier one gets what that one made."""

        def remembered(request: web.Request, wanted: Json) -> Json:
            key = (request.path, request.headers["PayPal-Request-Id"])
            if key not in self._answers:
                self._answers[key] = work(request, wanted)
            return self._answers[key]

        return self._asked(remembered)

    def _create_order(self, _: web.Request, wanted: Json) -> Json:
        return answers.order(self.base, self.books.create_order(wanted))

    def _order(self, request: web.Request, _: Json) -> Json:
        return answers.order(self.base, self.books.order(request.match_info["id"]))

    def _capture(self, request: web.Request, _: Json) -> Json:
        capture = self.books.capture(request.match_info["id"])
        name = "PENDING" if capture["status"] == "PENDING" else "COMPLETED"
        self.tell(f"PAYMENT.CAPTURE.{name}", capture)
        return answers.order(self.base, self.books.order(request.match_info["id"]))

    def _product(self, _: web.Request, wanted: Json) -> Json:
        product_id = self.books.new_id("PROD-")
        self.books.products[product_id] = wanted
        return {"id": product_id, **wanted}

    def _plan(self, _: web.Request, wanted: Json) -> Json:
        if wanted["billing_cycles"][0]["frequency"]["interval_count"] > 12:
            raise Refused(400, "INVALID_PARAMETER_VALUE")
        plan_id = self.books.new_id("P-")
        self.books.plans[plan_id] = wanted
        return {"id": plan_id, **wanted}

    def _create_subscription(self, _: web.Request, wanted: Json) -> Json:
        return answers.agreement(self.base, self.books.create_subscription(wanted))

    def _subscription(self, request: web.Request, _: Json) -> Json:
        return answers.agreement(self.base, self.books.subscription(request.match_info["id"]))

    def _sales(self, request: web.Request, _: Json) -> Json:
        return answers.sales(self.books.subscription(request.match_info["id"]))

    def _step(self, request: web.Request, _: Json) -> Json:
        paypal_id, step = request.match_info["id"], request.match_info["step"]
        self.books.step(paypal_id, step)
        status = self.books.subscription(paypal_id).status
        self.tell(f"BILLING.SUBSCRIPTION.{status}", {"id": paypal_id, "status": status})
        return {}

    def _verify(self, _: web.Request, wanted: Json) -> Json:
        genuine = any(
            json.loads(each.body) == wanted["webhook_event"] for each in self.webhooks.sent
        )
        return {"verification_status": "SUCCESS" if genuine else "FAILURE"}

    async def _certificate(self, _: web.Request) -> web.Response:
        if self.faults.certificates_away:
            return web.Response(status=503)
        return web.Response(body=self.webhooks.certificate, content_type="application/x-pem-file")

    async def _approval(self, request: web.Request) -> web.Response:
        paypal_id = request.query["token"]
        known: Order | Subscription = self.books.orders.get(paypal_id) or self.books.subscription(
            paypal_id
        )
        return pages.approval(paypal_id, known)

    async def _approved(self, request: web.Request) -> web.Response:
        paypal_id = str((await request.post())["token"])
        return web.Response(status=303, headers={"Location": self.approve(paypal_id)})
