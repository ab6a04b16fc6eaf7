"""What a customer enters at the bank so that a subscription is paid by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import SubscriptionUnknown
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.standing_order import StandingOrder
from cloudmatic_portal.services import subscriptions
from cloudmatic_portal.services.subscriptions import Standing
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Sheet:
    """The standing order of a subscription, with the `reference` that holds for all its periods."""

    standing: Standing
    standing_order: StandingOrder
    reference: str


async def sheet(database: Database, account_id: int, subscription_id: int, today: date) -> Sheet:
    """Raises SubscriptionUnknown, also for somebody else's, or SubscriptionCannot if it ended."""
    async with database.reading() as connection:
        standing = await subscriptions.standing(connection, account_id, subscription_id)
        subscription = standing.subscription
        subscription.require("active", "paused")
        standing_order = StandingOrder.of(
            subscription,
            ordered=await stored_subscription.last_number(connection, subscription_id),
            waiting=standing.waiting is not None,
            today=today,
        )
        reference = await _reference(connection, subscription_id)
    return Sheet(standing, standing_order, grouped(reference))


async def subscription_of(database: Database, order: Order) -> int | None:
    """The subscription that the order is a period of."""
    if all(line.kind == "single" for line in order.lines):
        return None
    async with database.reading() as connection:
        found = await stored_subscription.of_items(connection, order.items)
    return next((subscription for subscription, _ in found.values()), None)


async def _reference(connection: AsyncConnection, subscription_id: int) -> str:
    """What the subscription's payments can be told by, for as long as it lasts."""
    reference = await stored_subscription.first_reference(connection, subscription_id)
    if reference is None:
        raise SubscriptionUnknown(subscription_id)
    return reference
