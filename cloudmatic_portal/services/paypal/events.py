"""What PayPal tells by webhooks: each event counts once, and their order does not matter.

Events about money carry all that is needed, signed, and are booked with the event in one
transaction. Of orders and agreements they only say that there is something to look at: what counts
is how it stands at PayPal when we look.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.paypal import Event, EventState, StoredEvent
from cloudmatic_portal.services.paypal import agreements, checkouts, money
from cloudmatic_portal.services.paypal.money import Arrived
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage import paypal_event as stored
from cloudmatic_portal.storage.database import Database

_logger = logging.getLogger(__name__)

Settled = tuple[EventState, str]


async def latest(
    database: Database, state: EventState | None, most: int
) -> tuple[StoredEvent, ...]:
    """What PayPal has told last, the newest first; what is in `state` if that is given."""
    async with database.reading() as connection:
        return await stored.latest(connection, state, most)


async def receive(database: Database, event: Event, now: datetime) -> bool:
    """Take note of the event and book what it tells; False if it was told before."""
    async with database.writing() as connection:
        if not await stored.add(connection, event, now):
            return False
        state, why = await _deal(connection, event, now)
        if state != "waiting":
            await stored.settle(connection, event, state, why)
    _report(event, state, why)
    return True


async def take_back_what_waits(database: Database, now: datetime) -> int:
    """Money went back whose arrival was told later than that: now it has arrived."""
    async with database.reading() as connection:
        waiting = await stored.due(connection)
    for event_id in waiting:
        async with database.writing() as connection:
            event = await stored.hold(connection, event_id)
            if event is None:
                continue
            state, why = _taken(await money.take_back(connection, event, now))
            await stored.settle(connection, event, state, why)
        _report(event, state, why)
    return len(waiting)


async def _deal(connection: AsyncConnection, event: Event, now: datetime) -> Settled:
    if event.kind in {"order", "agreement"} and event.subject:
        table = stored_checkout if event.kind == "order" else stored_agreement
        known = await table.look_now(connection, event.subject, now)
        return ("done", "to be looked at") if known else _NOT_OURS
    if event.kind == "arrived":
        return await _arrived(connection, event, now)
    if event.kind == "denied":
        return await _denied(connection, event, now)
    if event.kind == "taken_back":
        # Booked at once by whoever looks after what waits; it may have come before the payment.
        return ("waiting", "") if event.parent else ("unclear", "it does not say of what")
    return ("ignored", "nothing to do")


_NOT_OURS: Settled = ("ignored", "not of ours")


async def _arrived(connection: AsyncConnection, event: Event, now: datetime) -> Settled:
    if event.subject is None or event.amount is None:
        return ("unclear", "it does not say how much")
    arrived = Arrived(event.subject, event.amount, event.day or berlin_day(now))
    attempt = await stored_checkout.by_paypal_id(connection, event.parent or "")
    if attempt is not None:
        if event.amount.currency != attempt.amount.currency:
            return ("unclear", "another currency than was asked for")
        await checkouts.book(connection, attempt, arrived, now)
        return ("done", "booked")
    bond = await stored_agreement.by_paypal_id(connection, event.parent or "")
    if bond is None:
        return _NOT_OURS
    if event.amount.currency != bond.amount.currency:
        return ("unclear", "another currency than was agreed")
    await agreements.book(connection, bond, arrived, now)
    return ("done", "booked")


async def _denied(connection: AsyncConnection, event: Event, now: datetime) -> Settled:
    """PayPal does not get the money that it waited for."""
    attempt = await stored_checkout.by_paypal_id(connection, event.parent or "")
    if attempt is None:
        return _NOT_OURS
    await stored_account.lock_of_order(connection, attempt.reference)
    current = await stored_checkout.find(connection, attempt.attempt_id)
    if current.state == "captured":
        return ("ignored", "it has arrived")
    await stored_checkout.enter(connection, current, "gone", now)
    return ("done", "no money comes")


def _taken(problem: str | None) -> Settled:
    return ("done", "taken back") if problem is None else ("unclear", problem)


def _report(event: Event, state: EventState, why: str) -> None:
    level = logging.ERROR if state == "unclear" else logging.INFO
    _logger.log(level, "PayPal: %s %s: %s (%s)", event.event_type, event.event_id, state, why)
