"""What a hub is told about its account."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_link import __version__, signing
from cloudmatic_link.claims import HubToken
from cloudmatic_link.orders import BankData, OpenOrder, PaidOrder, SubscriptionStatus
from cloudmatic_link.products import Product
from cloudmatic_link.status import HubStatus, PackageStatus
from cloudmatic_portal.domain import girocode
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.calendar import berlin_day, berlin_instant
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.services.tokens import vouched
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage import hub_status as stored
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.gathering import Gathering
from cloudmatic_portal.storage.hub_status import ToldOrders

HubKeys = Gathering[str, HubKey]
"""Hubs ask at their own times, and many of them at the same moment."""

_MOST: Final = 100
"""A hub reads no more items of one kind."""

_MOST_ORDERS: Final = 5
"""Each one comes with a picture."""

_TOLD_EXPIRED: Final = timedelta(days=60)
_TOLD_PAID: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub of `key` is told; `status` is None if it knows that, by its `tag`."""

    tag: str
    key: HubKey
    status: HubStatus | None = None


@dataclass(frozen=True, slots=True)
class _Orders:
    """The parts of the status that are about money."""

    open: tuple[OpenOrder, ...]
    paid: tuple[PaidOrder, ...]
    subscriptions: tuple[SubscriptionStatus, ...]


async def status(  # noqa: PLR0913 - what a status is made of
    database: Database,
    keys: HubKeys,
    token: str,
    *,
    known: frozenset[str],
    audience: str,
    bank: BankAccount | None,
    now: datetime,
) -> Told:
    """The status for the hub that signed `token`, unless its tag is one that is `known` there.

    Its key is one of `keys`. The codes have no picture yet. Raises TokenError or BookingRefused.
    """
    today = berlin_day(now)
    unverified = signing.read(token, HubToken)
    found = await keys.find(unverified.key_id)
    _, key = vouched(unverified, found, audience=audience, now=now)
    tag = _tag(key, bank, today)
    if not known.isdisjoint({tag, "*"}):
        return Told(tag, key)
    async with database.reading() as connection:
        # Anew, so that the tag is that of the state which is read.
        found = await stored_hub.find_key(connection, unverified.key_id)
        _, key = vouched(unverified, found, audience=audience, now=now)
        return Told(_tag(key, bank, today), key, await _status(connection, key, bank, today))


def _tag(key: HubKey, bank: BankAccount | None, today: date) -> str:
    """A hash of all that a status is made from: another day may tell other things, and so may
    another version of the portal.
    """
    made_from = (__version__, key.account_id, key.user_name, *key.stamps, bank, today)
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]


async def _status(
    connection: AsyncConnection, key: HubKey, bank: BankAccount | None, today: date
) -> HubStatus:
    periods = await stored_access.ended_and_not(connection, key.account_id, today)
    products = await stored_catalogue.without_texts(connection)
    money = await _money(connection, key.account_id, bank, today)
    return HubStatus(
        account_id=str(key.account_id),
        user_name=key.user_name,
        packages=tuple(map(_package, periods[:_MOST])),
        products=tuple(
            Product(each.code, each.name)
            for each in products
            if each.kind == "package" and each.bookable_on(today)
        )[:_MOST],
        orders=money.open,
        paid=money.paid,
        subscriptions=money.subscriptions,
    )


def _package(period: AccessPeriod) -> PackageStatus:
    product = Product(period.product, period.name)
    return PackageStatus(product, period.first_day, period.last_day, period.trial, period.grace)


async def _money(
    connection: AsyncConnection, account_id: int, bank: BankAccount | None, today: date
) -> _Orders:
    midnight = berlin_instant(today, 0)
    told = await stored.orders_to_tell(
        connection,
        account_id,
        expired_since=midnight - _TOLD_EXPIRED,
        paid_since=midnight - _TOLD_PAID,
    )
    every = await stored_subscription.of_account(connection, account_id)
    waiting = {
        subscription: order.number
        for order in reversed(told.orders)
        if order.due.cents and (subscription := told.subscriptions.get(order.order_id))
    }
    return _Orders(
        open=tuple(_open(each, told, bank, today) for each in _most_wanted(told.orders)),
        paid=tuple(
            _paid(each, told)
            for each in told.orders
            if each.activated_at and each.total.gross.cents
        )[-_MOST_ORDERS:],
        subscriptions=tuple(
            SubscriptionStatus(
                name=each.name,
                months=each.subscription.plan.months,
                state=each.subscription.state,
                waiting=waiting.get(each.subscription.subscription_id),
            )
            for each in every
            if each.subscription.state != "cancelled"
        )[:_MOST_ORDERS],
    )


def _most_wanted(orders: tuple[Order, ...]) -> list[Order]:
    """Those that can still be paid in time, then the expired ones; of both the newest first."""
    due = [each for each in reversed(orders) if each.due.cents]
    return sorted(due, key=lambda order: order.state != "open")[:_MOST_ORDERS]


def _open(order: Order, told: ToldOrders, bank: BankAccount | None, today: date) -> OpenOrder:
    """A subscription's order is late once its period has begun, another one when it has expired."""
    begun = order.order_id in told.subscriptions and order.pay_until < today
    by_bank = bank if order.method in {"transfer", "standing_order"} else None
    reference = order.transfer_number
    return OpenOrder(
        number=order.number,
        items=_names(order),
        due=order.due.cents,
        currency=order.due.currency,
        method=order.method,
        pay_until=order.pay_until,
        late=order.state == "expired" or begun,
        bank=None if by_bank is None else _bank_data(by_bank, order),
        girocode=None if by_bank is None else girocode.payload(by_bank, order.due, reference),
    )


def _bank_data(bank: BankAccount, order: Order) -> BankData:
    return BankData(
        holder=bank.holder, iban=bank.iban, bic=bank.bic, reference=order.transfer_number
    )


def _paid(order: Order, told: ToldOrders) -> PaidOrder:
    return PaidOrder(
        number=order.number,
        items=_names(order),
        paid_on=berlin_day(order.activated_at or order.created_at),
        last_day=told.last_days.get(order.order_id),
    )


def _names(order: Order) -> tuple[str, ...]:
    return tuple(line.name for line in order.lines)
