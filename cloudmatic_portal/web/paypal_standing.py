"""What pages say about PayPal, and that their forms may lead there."""

from __future__ import annotations

from typing import Final, Literal

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE, FORMS_LEAD_TO, PAYPAL
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.services.paypal import standing
from cloudmatic_portal.services.paypal.standing import Standing

FIELD: Final = "paypal"
Remark = Literal["cancelled", "later", "refused"]
_REMARKS: Final[tuple[Remark, ...]] = ("cancelled", "later", "refused")


async def of_request(request: web.Request, order: Order) -> Standing:
    """What the page of the order offers."""
    if PAYPAL not in request.app:
        return Standing()
    allow(request)
    return await standing.of_order(request.app[DATABASE], order)


def allow(request: web.Request) -> None:
    """Let the forms of the page that is asked for lead to PayPal."""
    paypal = request.app.get(PAYPAL)
    if paypal is not None:
        request[FORMS_LEAD_TO] = paypal.site.approval


def remark(request: web.Request) -> Remark | None:
    """What the address says about how it went at PayPal."""
    said = request.query.get(FIELD)
    return next((each for each in _REMARKS if each == said), None)
