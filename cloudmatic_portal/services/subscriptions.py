"""What customers do with a subscription: pause, resume, change from the next period on, cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.errors import KindNotOffered, ProductNotSold, SubscriptionUnknown
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.subscription import Plan, Subscription
from cloudmatic_portal.services import orders, renewal
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.subscription import Subscribed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A subscription and where it stands: `paid_until` is the last day of what was paid so far,
    `waiting` the number of the order whose payment is waited for, `next_name` the package that is
    wanted from the next period on.
    """

    subscribed: Subscribed
    next_name: str | None
    paid_until: date | None
    waiting: str | None

    @property
    def subscription(self) -> Subscription:
        return self.subscribed.subscription

    @property
    def number(self) -> str:
        """What payments for it name, as it is shown."""
        return grouped(self.subscribed.reference)


async def of_account(database: Database, account_id: int) -> tuple[Standing, ...]:
    """The subscriptions that go on, or may."""
    async with database.reading() as connection:
        every = await stored_subscription.of_account(connection, account_id)
        going = [each for each in every if each.subscription.state != "cancelled"]
        return tuple([await _standing(connection, each) for each in going])


async def find(
    database: Database, account_id: int, subscription_id: int
) -> tuple[Standing, tuple[Product, ...]]:
    """The account's subscription, and the packages that it may be changed to.

    Raises SubscriptionUnknown, also for somebody else's.
    """
    async with database.reading() as connection:
        found = await _mine(connection, account_id, subscription_id)
        products = await stored_catalogue.every(connection)
        packages = tuple(each for each in products if each.kind == "package" and each.active)
        return await _standing(connection, found), packages


async def standing(connection: AsyncConnection, account_id: int, subscription_id: int) -> Standing:
    """Within the caller's transaction: the account's subscription. Raises SubscriptionUnknown."""
    return await _standing(connection, await _mine(connection, account_id, subscription_id))


async def pause(database: Database, account_id: int, subscription_id: int, now: datetime) -> None:
    """Let no further period be ordered until it is resumed. What is paid runs on.

    Raises SubscriptionUnknown or SubscriptionCannot.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        mine = (await _mine(connection, account_id, subscription_id)).subscription
        mine.require("active", "paused")
        await stored_subscription.change(connection, replace(mine, state="paused"))
        await stored_agreement.want(connection, subscription_id, "suspend", now)


async def resume(database: Database, account_id: int, subscription_id: int, now: datetime) -> None:
    """Let a paused one go on: after what is paid, or now if that is over.

    Raises SubscriptionUnknown or SubscriptionCannot.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        found = await _mine(connection, account_id, subscription_id)
        mine = found.subscription
        mine.require("active", "paused")
        if mine.state == "active":
            return
        await stored_subscription.change(connection, replace(mine, state="active"))
        await stored_agreement.want(connection, subscription_id, "activate", now)
        standing = await _standing(connection, found)
        if standing.waiting is not None or standing.paid_until is None:
            # The next period is planned when that order is paid.
            return
        number = await stored_subscription.last_number(connection, subscription_id) + 1
        end = max(standing.paid_until, berlin_day(now) - timedelta(days=1))
        await renewal.plan(connection, account_id, subscription_id, number, end)


async def change(
    database: Database,
    account_id: int,
    subscription_id: int,
    product: str,
    months: int,
    now: datetime,
) -> None:
    """Order another package or term from the next period on, at today's price.

    An agreement with PayPal, which holds for the former price, ends with that. The package and term
    that it has stay at the agreed price: to choose them takes back what was wanted next.

    Raises SubscriptionUnknown, SubscriptionCannot, ProductNotSold, TermNotOffered or
    KindNotOffered.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        mine = (await _mine(connection, account_id, subscription_id)).subscription
        mine.require("active", "paused")
        wanted = await stored_catalogue.find(connection, product)
        if wanted is None:
            raise ProductNotSold(product)
        if wanted.kind != "package":
            raise KindNotOffered(wanted.name)
        plan = Plan(wanted.code, months, wanted.term_for(months, berlin_day(now)).price)
        same = (plan.product, plan.months) == (mine.plan.product, mine.plan.months)
        changed = replace(mine, next_plan=None if same else plan)
        await stored_subscription.change(connection, changed)
        if not same:
            # PayPal would go on paying the former price.
            await stored_agreement.want(connection, subscription_id, "cancel", now)


async def cancel(database: Database, account_id: int, subscription_id: int, now: datetime) -> None:
    """End it with the period that is paid; an order that waits for its payment is cancelled.

    Cancelling again changes nothing. Raises SubscriptionUnknown.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        mine = (await _mine(connection, account_id, subscription_id)).subscription
        await orders.end_subscription(connection, mine.subscription_id, now)


async def _mine(connection: AsyncConnection, account_id: int, subscription_id: int) -> Subscribed:
    found = await stored_subscription.find(connection, subscription_id)
    if found is None or found.subscription.account_id != account_id:
        raise SubscriptionUnknown(subscription_id)
    return found


async def _standing(connection: AsyncConnection, found: Subscribed) -> Standing:
    subscription_id = found.subscription.subscription_id
    wanted = found.subscription.next_plan
    product = await stored_catalogue.find(connection, wanted.product) if wanted else None
    return Standing(
        subscribed=found,
        next_name=product.name if product else None,
        paid_until=await stored_subscription.paid_until(connection, subscription_id),
        waiting=await stored_subscription.waiting_order(connection, subscription_id),
    )
