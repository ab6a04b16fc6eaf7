"""Processes that are killed at any instant: workers, and web processes that take payments."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import orders, payments, statements
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.world import BANK


def work(url: str, now: datetime) -> None:
    """Do what is due, until nothing is."""
    _run(url, _work, now)


def take_payments(url: str, now: datetime) -> None:
    """Book a payment for each order that waits for one."""
    _run(url, _take_payments, now)


def bring_statement(url: str, data: bytes, now: datetime) -> None:
    """Import a statement, a few lines at a time."""

    async def bring(database: Database, now: datetime) -> None:
        await statements.run(database, Upload(name="n.xml", data=data), [BANK.iban], now)

    statements.AT_ONCE = 5  # type: ignore[misc]
    _run(url, bring, now)


def _run(url: str, what: Callable[[Database, datetime], Awaitable[Any]], now: datetime) -> None:
    async def run() -> None:
        await what(Database(parse_url(url)), now)

    logging.disable()
    # Its database may be taken away; the next one goes on.
    with contextlib.suppress(Exception):
        asyncio.run(run())


async def _work(database: Database, now: datetime) -> None:
    worker = Worker(HOUSE, secrets.token_bytes)
    while await worker.work(database, now):
        pass


async def _take_payments(database: Database, now: datetime) -> None:
    for order in await orders.search(database, account_id=None, state="open", most=1000):
        payment = Payment(order.due, berlin_day(now), f"bank {order.reference}")
        try:
            await payments.book(database, order.reference, payment, now)
        except PaymentBookedBefore:
            continue
