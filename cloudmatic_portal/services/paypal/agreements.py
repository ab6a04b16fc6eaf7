"""A subscription is paid by PayPal: by an agreement that the customer makes with PayPal.

The money is not pulled by us: the customer agrees at PayPal that it pays at each date, and can
end that there or here at any time.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.errors import (
    MethodNotOffered,
    PayPalAnswerStrange,
    PayPalGone,
    PayPalRefused,
)
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.paypal import (
    Agreement,
    AgreementStep,
    Bond,
    BondState,
    again_and_again,
)
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.domain.subscription import Plan
from cloudmatic_portal.services import letters, payments
from cloudmatic_portal.services.paypal.checkouts import Way
from cloudmatic_portal.services.paypal.money import Arrived, arrive
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_agreement as stored
from cloudmatic_portal.storage.database import Database

_HOUR: Final = 7
"""Berlin's hour at which PayPal begins to pay on a period's first day: its order is there."""
_PAST: Final = timedelta(days=60)
"""How far back payments are asked for; webhooks have told of all that is older."""
_STATES: Final[dict[str, BondState]] = {
    "ACTIVE": "active",
    "SUSPENDED": "suspended",
    "CANCELLED": "ended",
    "EXPIRED": "ended",
}
_WANTED: Final[dict[AgreementStep, BondState]] = {
    "cancel": "ended",
    "suspend": "suspended",
    "activate": "active",
}
_AS_IT_IS: Final = "SUBSCRIPTION_STATUS_INVALID"
"""It is so already, or can never be again."""
_REASON: Final = "The customer changed the subscription at CloudMatic"

_logger = logging.getLogger(__name__)


async def begin(
    database: Database, paypal: PayPal, order: Order, way: Way, now: datetime
) -> str | None:
    """Where the customer agrees that PayPal pays the order now and those that follow it.

    None if there is nothing to agree to (any more). `order` comes with its days. Raises
    MethodNotOffered, or what PayPal's client raises.
    """
    line = again_and_again(order.lines)
    if line is None or line.days is None:
        raise MethodNotOffered
    plan_id = await _plan(database, paypal, line)
    starts = berlin_instant(line.days[1] + timedelta(days=1), _HOUR)
    for _ in range(2):
        bond = await _bond(database, order, way, plan_id, starts, now)
        if bond is None:
            return None
        seen = await _at_paypal(database, paypal, bond, order, way, now)
        if seen is not None and seen.status == "APPROVAL_PENDING":
            if seen.approve is None:
                raise PayPalAnswerStrange("links")
            return seen.approve
        if seen is not None and not seen.over:
            await sync(database, paypal, bond.bond_id, now)
            return None
        await _end(database, bond, now)
    raise PayPalAnswerStrange("status")


async def sync(database: Database, paypal: PayPal, bond_id: int, now: datetime) -> None:
    """Find out how an agreement stands and what it has paid; tell PayPal what is wanted of it.

    Any number may do so at once. Raises what PayPal's client raises: tried again later by itself.
    """
    async with database.reading() as connection:
        bond = await stored.find(connection, bond_id)
    if bond.paypal_id is None:
        await _forget(database, bond, now)
        return
    try:
        seen = await paypal.agreement(bond.paypal_id)
    except PayPalGone:
        await _end(database, bond, now)
        return
    if seen.status in _STATES:
        since = max(bond.created_at, now - _PAST) - timedelta(days=1)
        for sale in await paypal.sales(bond.paypal_id, since, now + timedelta(days=1)):
            async with database.writing() as connection:
                arrived = Arrived(sale.sale_id, sale.amount, sale.day)
                await book(connection, bond, arrived, now)
        await _note(database, bond, _STATES[seen.status], now)
    await _tell(database, paypal, bond_id, seen, now)


async def sync_order(database: Database, paypal: PayPal, order_id: int, now: datetime) -> None:
    async with database.reading() as connection:
        bonds = await stored.of_order(connection, order_id)
    for bond in bonds:
        if bond.state != "ended":
            await sync(database, paypal, bond.bond_id, now)


async def book(connection: AsyncConnection, bond: Bond, arrived: Arrived, now: datetime) -> None:
    """A payment of the agreement: for the oldest order of its subscription that waits.

    It may come before that order is made; then it is balance until then.
    """
    await stored_account.lock_even_deleted(connection, bond.account_id)
    order_id: int | None = bond.order_id
    subscription = await stored.subscription_of(connection, bond.order_id)
    if subscription is not None:
        waiting = await payments.waiting_order(connection, subscription)
        order_id = waiting.order_id if waiting else None
    await arrive(connection, bond.account_id, order_id, arrived, now)


async def _plan(database: Database, paypal: PayPal, line: Line) -> str:
    """PayPal's plan for the term at the price that was agreed; made once."""
    plan = Plan(line.product, line.quantity, line.list_price)
    site = paypal.site.fingerprint
    async with database.reading() as connection:
        known = await stored.plan(connection, site, plan)
    if known is not None:
        return known
    price = plan.price.gross
    facts = f"{site} {plan.product} {plan.months} {price.cents} {price.currency}"
    digest = hashlib.sha256(facts.encode()).hexdigest()[:24]
    product = await paypal.create_product(line.name, f"product-{digest}")
    name = f"{line.name} ({plan.months})"
    made = await paypal.create_plan(product, name, plan.months, price, f"plan-{digest}")
    async with database.writing() as connection:
        await stored.add_plan(connection, site, plan, made)
    return made


async def _bond(
    database: Database, order: Order, way: Way, plan_id: str, starts: datetime, now: datetime
) -> Bond | None:
    """The agreement to go on with, or a new one; None if the order needs none."""
    async with database.writing() as connection:
        await stored_account.lock_even_deleted(connection, order.account_id)
        held = await stored_order.hold_by_id(connection, order.order_id)
        if held is None or not held.due.cents:
            return None
        bonds = await stored.of_order(connection, order.order_id)
        subscription = await stored.subscription_of(connection, order.order_id)
        if subscription is not None:
            bonds = await stored.of_subscription(connection, subscription)
        if any(each.state == "active" and each.wanted is None for each in bonds):
            return None
        same = (order.order_id, held.due, way.place)
        for each in reversed(bonds):
            mine = (each.order_id, each.amount, each.place)
            if each.state == "created" and mine == same and each.starts_at > now:
                return each
        return await stored.add(connection, held, way.place, plan_id, starts, now)


async def _at_paypal(
    database: Database, paypal: PayPal, bond: Bond, order: Order, way: Way, now: datetime
) -> Agreement | None:
    """The agreement at PayPal; None if it is not there any more."""
    if bond.paypal_id is not None:
        try:
            return await paypal.agreement(bond.paypal_id)
        except PayPalGone:
            return None
    wish = way.wish(order, bond)
    made = await paypal.create_agreement(wish, bond.plan_id, bond.starts_at, bond.create_id)
    async with database.writing() as connection:
        await stored.name(connection, bond, made.paypal_id, now)
    return made


async def _note(database: Database, bond: Bond, state: BondState, now: datetime) -> None:
    """Keep how the agreement stands; tell the customer if PayPal does not pay any more."""
    async with database.writing() as connection:
        account = await stored_account.lock_even_deleted(connection, bond.account_id)
        current = await stored.find(connection, bond.bond_id)
        if current.state in {"ended", state}:
            return
        await stored.enter(connection, current, state, now)
        if state == "active":
            await _give_way(connection, current, now)
        elif current.state == "active" and current.wanted is None and account is not None:
            order = await stored_order.hold_by_id(connection, bond.order_id)
            if order is not None:
                await letters.tell_paypal_ended(connection, account, order, bond.number, now)


async def _give_way(connection: AsyncConnection, bond: Bond, now: datetime) -> None:
    """One agreement pays for a subscription: one that begins to pay is cancelled if another does.

    That one was active before, whichever of them was set up first. One that is about to be
    cancelled pays no more.
    """
    subscription = await stored.subscription_of(connection, bond.order_id)
    bonds = (
        await stored.of_order(connection, bond.order_id)
        if subscription is None
        else await stored.of_subscription(connection, subscription)
    )
    paying = (each for each in bonds if each.state == "active" and each.wanted != "cancel")
    if any(each.bond_id != bond.bond_id for each in paying):
        await stored.want_one(connection, bond, "cancel", now)


async def _tell(
    database: Database, paypal: PayPal, bond_id: int, seen: Agreement, now: datetime
) -> None:
    """Tell PayPal what is wanted of the agreement. Said twice it does no harm.

    One that was not approved cannot be told anything; it is as soon as somebody approves it.
    """
    async with database.reading() as connection:
        bond = await stored.find(connection, bond_id)
    if bond.wanted is None or bond.paypal_id is None or seen.status not in _STATES:
        return
    try:
        await paypal.change_agreement(bond.paypal_id, bond.wanted, _REASON)
    except PayPalRefused as refused:
        if refused.issue != _AS_IT_IS:
            raise
    state = _STATES.get((await paypal.agreement(bond.paypal_id)).status)
    if state is not None and state in {_WANTED[bond.wanted], "ended"}:
        async with database.writing() as connection:
            await stored_account.lock_even_deleted(connection, bond.account_id)
            await stored.enter(connection, bond, state, now)
            await stored.told(connection, bond, state, now)
            if state == "active":
                await _give_way(connection, bond, now)


async def _forget(database: Database, bond: Bond, now: datetime) -> None:
    """One that PayPal was never asked for, or not with success, and that nobody wants any more."""
    if bond.wanted is not None:
        await _end(database, bond, now)


async def _end(database: Database, bond: Bond, now: datetime) -> None:
    async with database.writing() as connection:
        await stored.enter(connection, bond, "ended", now)
