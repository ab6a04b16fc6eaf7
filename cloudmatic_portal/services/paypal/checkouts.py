"""An order is paid by PayPal: created there, approved by the customer, captured by us, once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.clients.paypal.api import PayPal, Wish
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import (
    OrderUnknown,
    PayPalAnswerStrange,
    PayPalBusy,
    PayPalGone,
    PayPalRefused,
)
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.paypal import Attempt, Bond, Checkout, Place
from cloudmatic_portal.services.paypal.money import Arrived, arrive
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_checkout as stored
from cloudmatic_portal.storage.database import Database

_ALREADY: Final = "ORDER_ALREADY_CAPTURED"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """The address space that the customer is in, and the pages that PayPal sends them back to."""

    place: Place
    approved: str
    cancelled: str

    def wish(self, order: Order, begun: Attempt | Bond) -> Wish:
        """What PayPal is asked for: at each repetition what was due when it was begun."""
        return Wish(
            reference=order.reference,
            number=begun.number,
            amount=begun.amount,
            title=", ".join(line.name for line in order.lines),
            language=order.language,
            return_url=self.approved,
            cancel_url=self.cancelled,
        )


async def begin(
    database: Database, paypal: PayPal, order: Order, way: Way, now: datetime
) -> str | None:
    """Where the customer approves the payment of what is due; None if nothing is left to approve.

    A second click leads to the same order at PayPal. Raises PayPalBusy, or what PayPal's client
    raises; the order is as it was then.
    """
    for _ in range(2):
        attempt = await _attempt(database, order.reference, way.place, now)
        if attempt is None:
            return None
        try:
            seen = await _at_paypal(database, paypal, attempt, way.wish(order, attempt), now)
        except PayPalGone:
            seen = None
        if seen is not None and seen.status in {"APPROVED", "COMPLETED"}:
            # Approved before, and the browser never came back.
            await settle(database, paypal, attempt.attempt_id, now)
            return None
        if seen is not None and seen.status != "VOIDED":
            if seen.approve is None:
                raise PayPalAnswerStrange("links")
            return seen.approve
        await _give_up(database, attempt, now)
    raise PayPalAnswerStrange("status")


async def settle(database: Database, paypal: PayPal, attempt_id: int, now: datetime) -> None:
    """Find out what has become of an attempt: take the money if it was approved, book it once.

    Any number may do so at once. Raises PayPalRefused if PayPal does not let the money be taken,
    PayPalUnreachable if nobody knows: it is tried again later by itself.
    """
    async with database.reading() as connection:
        attempt = await stored.find(connection, attempt_id)
    if attempt.paypal_id is None or attempt.state in {"captured", "gone"}:
        return
    try:
        seen = await paypal.order(attempt.paypal_id)
    except PayPalGone:
        await _give_up(database, attempt, now)
        return
    if seen.capture is None and seen.status == "APPROVED":
        if not await _claim(database, attempt, now):
            return
        seen = await _take(database, paypal, attempt, attempt.paypal_id, now)
    await _note(database, attempt, seen, now)


async def settle_order(database: Database, paypal: PayPal, order_id: int, now: datetime) -> None:
    """The same for all attempts at an order; what the address says is not looked at."""
    async with database.reading() as connection:
        attempts = await stored.of_order(connection, order_id)
    for attempt in attempts:
        await settle(database, paypal, attempt.attempt_id, now)


async def book(
    connection: AsyncConnection, attempt: Attempt, arrived: Arrived, now: datetime
) -> None:
    """The attempt's money is there: book it for the order, if that was not done before."""
    order = await _held(connection, attempt.reference)
    if arrived.amount != attempt.amount:
        _logger.error(
            "PayPal took another amount for %s than was asked for: %d cents",
            order.number,
            arrived.amount.cents,
        )
    await arrive(connection, order.account_id, order.order_id, arrived, now)
    await stored.enter(connection, attempt, "captured", now)


async def _held(connection: AsyncConnection, reference: str) -> Order:
    """The order, held, and its account locked before it."""
    await stored_account.lock_of_order(connection, reference)
    order = await stored_order.hold(connection, reference)
    if order is None:
        raise OrderUnknown(reference)
    return order


async def _attempt(
    database: Database, reference: str, place: Place, now: datetime
) -> Attempt | None:
    """The attempt to go on with, or a new one; None if nothing is due."""
    async with database.writing() as connection:
        order = await _held(connection, reference)
        if not order.due.cents:
            return None
        attempts = await stored.of_order(connection, order.order_id)
        if any(each.state in stored.BUSY for each in attempts):
            raise PayPalBusy
        for each in reversed(attempts):
            if each.state == "created" and (each.amount, each.place) == (order.due, place):
                return each
        return await stored.add(connection, order, place, now)


async def _at_paypal(
    database: Database, paypal: PayPal, attempt: Attempt, wish: Wish, now: datetime
) -> Checkout:
    """The order at PayPal: the one of the attempt, or the one that is made for it now."""
    if attempt.paypal_id is not None:
        return await paypal.order(attempt.paypal_id)
    made = await paypal.create_order(wish, attempt.create_id)
    async with database.writing() as connection:
        await stored.name(connection, attempt, made.paypal_id, now)
    return made


async def _claim(database: Database, attempt: Attempt, now: datetime) -> bool:
    """Whether its money may be taken: the order waits for just that, and nobody pays it otherwise.

    Noted before the money is taken, so that whoever goes on after a crash knows.
    """
    async with database.writing() as connection:
        order = await _held(connection, attempt.reference)
        current = await stored.find(connection, attempt.attempt_id)
        if current.state in {"captured", "gone"}:
            return False
        if order.due != attempt.amount:
            _logger.warning("%s: approved at PayPal, but another amount is due", order.number)
            # Money that is being taken may be on its way: it is looked after until PayPal says so.
            if current.state == "created":
                await stored.enter(connection, attempt, "gone", now)
            return False
        await stored.enter(connection, attempt, "capturing", now)
    return True


async def _take(
    database: Database, paypal: PayPal, attempt: Attempt, paypal_id: str, now: datetime
) -> Checkout:
    try:
        return await paypal.capture(paypal_id, attempt.capture_id)
    except PayPalRefused as refused:
        if refused.issue == _ALREADY:
            return await paypal.order(paypal_id)
        _logger.warning("%s: PayPal lets no money be taken: %s", attempt.reference, refused)
        async with database.writing() as connection:
            await _held(connection, attempt.reference)
            await _refused(connection, attempt, now)
        raise


async def _note(database: Database, attempt: Attempt, seen: Checkout, now: datetime) -> None:
    """Keep what PayPal says about the attempt."""
    capture = seen.capture
    async with database.writing() as connection:
        await _held(connection, attempt.reference)
        current = await stored.find(connection, attempt.attempt_id)
        if current.state == "captured":
            return
        if capture is not None and capture.arrived:
            # Whatever was thought of the attempt meanwhile: here is its money.
            arrived = Arrived(capture.capture_id, capture.amount, berlin_day(now))
            await book(connection, current, arrived, now)
        elif capture is not None and capture.status == "PENDING":
            if current.state != "pending":
                await stored.enter(connection, current, "pending", now)
        elif capture is not None or seen.status == "VOIDED":
            await stored.enter(connection, current, "gone", now)
        elif attempt.state == "capturing":
            # Whoever wanted to take the money was told no, and died before noting it.
            await _refused(connection, attempt, now)


async def _refused(connection: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """PayPal said no to taking the money that `attempt` speaks of.

    What others noted since it was read, and a later try at taking it, stay as they are.
    """
    current = await stored.find(connection, attempt.attempt_id)
    if current.state == "capturing" and current.refusals == attempt.refusals:
        await stored.enter(connection, current, "created", now, refused=True)


async def _give_up(database: Database, attempt: Attempt, now: datetime) -> None:
    async with database.writing() as connection:
        await stored.enter(connection, attempt, "gone", now)
