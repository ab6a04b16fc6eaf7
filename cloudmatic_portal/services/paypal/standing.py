"""How paying an order by PayPal stands: what its page offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.paypal import Bond, again_and_again
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage.database import Database

Offer = Literal["pay", "agree"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`offer` is what the customer may do now. `busy`: PayPal has the order, the money is on its
    way. `agreed`: PayPal pays it by itself.
    """

    offer: Offer | None = None
    busy: bool = False
    agreed: bool = False


async def of_order(database: Database, order: Order) -> Standing:
    if not order.due.cents:
        return Standing()
    async with database.reading() as connection:
        attempts = await stored_checkout.of_order(connection, order.order_id)
        bonds = await _bonds(connection, order)
    if any(each.state in stored_checkout.BUSY for each in attempts):
        return Standing(busy=True)
    if any(each.state == "active" and each.wanted is None for each in bonds):
        return Standing(agreed=True)
    return Standing(offer=offer(order))


def offer(order: Order) -> Offer:
    """By an agreement if that is how the order was to be paid, and can be."""
    if order.method == "paypal_agreement" and again_and_again(order.lines):
        return "agree"
    return "pay"


async def _bonds(connection: AsyncConnection, order: Order) -> tuple[Bond, ...]:
    subscription = await stored_agreement.subscription_of(connection, order.order_id)
    if subscription is None:
        return await stored_agreement.of_order(connection, order.order_id)
    return await stored_agreement.of_subscription(connection, subscription)
