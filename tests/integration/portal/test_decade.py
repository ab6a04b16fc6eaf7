"""A decade of purchases, payments, second thoughts and outages, compared with what was promised.

CLOUDMATIC_DECADE=2000 pytest tests/integration/portal/test_decade.py     # so many customers
"""

from __future__ import annotations

import os
import random
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select, update

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import orders, reminders
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    access_periods,
    due_actions,
    mails,
    order_items,
    subscriptions,
)
from cloudmatic_portal.storage.tables import orders as order_table
from tests.integration.portal import purchases
from tests.integration.portal.naive import BERLIN, DAY, Bought, Customer
from tests.integration.portal.world import BANK

CUSTOMERS: Final = int(os.environ.get("CLOUDMATIC_DECADE", "14"))
FIRST: Final = date(2027, 1, 1)
LAST: Final = date(2037, 1, 1)
WORKER: Final = Worker(House(Rules(), BANK), secrets.token_bytes)
PRODUCTS: Final = ("connect", "smarthome", "complete")


@dataclass
class Decade:
    """What customers will do, by day; and how each one's purchases are called in the portal."""

    database: Database
    chance: random.Random
    customers: dict[int, Customer]
    actions: dict[date, list[Callable[[date], Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    references: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[int, int] = field(default_factory=dict)

    async def live(self) -> None:
        for number in self.customers:
            self._visit_again(number, FIRST + self.chance.randrange(120) * DAY)
        day, resting = FIRST, 0
        while day < LAST:
            # Now and then nobody works for days.
            if resting == 0 and self.chance.random() < 0.01:
                resting = self.chance.choice((1, 2, 6, 12, 45))
            if resting:
                resting -= 1
            else:
                await self._work(day)
            for action in self.actions.pop(day, ()):
                await action(day)
            day += DAY

    async def _work(self, day: date) -> None:
        for hour in (5, 10):
            now = datetime.combine(day, time(hour), BERLIN)
            while await WORKER.work(self.database, now):
                pass
            for number, customer in self.customers.items():
                before = len(customer.orders)
                customer.work(now)
                for bought in customer.orders[before:]:
                    await self._take_note(number, bought, day)
        async with self.database.writing() as connection:
            sent = {"state": "sent", "sent_at": now}
            await connection.execute(update(mails).where(mails.c.state == "queued").values(sent))

    async def _take_note(self, number: int, bought: Bought, day: date) -> None:
        """The portal has ordered the next period: which order is it, and what becomes of it?"""
        async with self.database.reading() as connection:
            query = (
                select(order_table.c.reference)
                .where(order_table.c.account_id == number, order_table.c.cart_revision.is_(None))
                .order_by(order_table.c.id.desc())
            )
            found = (await connection.execute(query)).scalars().all()
        new = [each for each in found if each not in self.references[number]]
        assert new, f"{number}: {bought.name} was promised for {day}, and is not ordered"
        self.references[number].append(new[-1])
        delay = self.chance.choice((0, 1, 3, 6, 7, 8, 20, 200, None, "cancel"))
        self._decide(number, new[-1], bought, day, delay)

    def _visit_again(self, number: int, day: date) -> None:
        self.actions[day].append(lambda today: self._shop(number, today))

    async def _shop(self, number: int, day: date) -> None:
        self._visit_again(number, day + self.chance.randrange(30, 600) * DAY)
        product, months = self.chance.choice(PRODUCTS), self.chance.choice((1, 6, 12))
        subscribes = self.chance.random() < 0.5
        now = datetime.combine(day, time(12), BERLIN)
        kind: Any = "subscription" if subscribes else "single"
        agreed = await purchases.fill(self.database, number, product, months, kind, now=now)
        reference = await purchases.buy(self.database, agreed, number, now=now)
        bought = self.customers[number].order(Bought("cart", months, subscribes), day)
        delay = self.chance.choice((0, 0, 1, 5, 14, 16, 40, None, "cancel"))
        self._decide(number, reference, bought, day, delay)

    def _decide(
        self, number: int, reference: str, bought: Bought, day: date, delay: int | str | None
    ) -> None:
        if delay == "cancel":
            when = day + self.chance.randrange(1, 9) * DAY
            self.actions[when].append(lambda today: self._cancel(number, reference, bought, today))
        elif delay is not None:
            when = day + int(delay) * DAY
            # What is decided on this day happens on it: customers come after the worker.
            self.actions[when].append(lambda today: self._pay(number, reference, bought, today))

    async def _pay(self, number: int, reference: str, bought: Bought, day: date) -> None:
        await purchases.pay(self.database, reference, datetime.combine(day, time(12), BERLIN))
        self.customers[number].pay(bought, day)

    async def _cancel(self, number: int, reference: str, bought: Bought, day: date) -> None:
        now = datetime.combine(day, time(12), BERLIN)
        await orders.cancel(self.database, number, reference, now)
        self.customers[number].cancel(bought, day)


async def start(database: Database, number: int) -> Customer:
    """A customer whose trial begins with the decade."""
    customer = Customer()
    customer.start_trial(FIRST)
    await purchases.add_accounts(database, number)
    async with database.writing() as connection:
        period = AccessPeriod(FIRST, FIRST + 29 * DAY, "complete", "", trial=True)
        await stored_access.add(connection, number, period)
        await reminders.plan(connection, number, [period], FIRST)
    return customer


async def test_a_decade_brings_what_was_promised(
    database: Database, subtests: pytest.Subtests
) -> None:
    seed = int(os.environ.get("CLOUDMATIC_SEED", "3"))
    customers = {number: await start(database, number) for number in range(9001, 9001 + CUSTOMERS)}
    await Decade(database, random.Random(seed), customers).live()  # noqa: S311 - to be repeated
    async with database.reading() as connection:
        rows = (await connection.execute(select(access_periods))).all()
        failed = select(due_actions).where(due_actions.c.state == "failed")
        assert not (await connection.execute(failed)).all()
        sent = await _mails(connection)
        periods = await _subscribed(connection)
    for number, customer in customers.items():
        with subtests.test(str(number)):
            days = [day for row in rows if row.account_id == number for day in _days(row)]
            assert len(days) == len(set(days)), "two packages on one day"
            assert set(days) == set(customer.held)
            assert sent[number] == sorted(customer.mails, key=str)
            assert periods[number] == sorted(
                (customer.deals.index(each.deal), each.number, each.state)
                for each in customer.orders
                if each.deal is not None
            )


def _days(row: Any) -> list[date]:
    length = (row.last_day - row.first_day).days + 1
    return [row.first_day + timedelta(days=n) for n in range(length)]


async def _mails(connection: Any) -> dict[int, list[tuple[Any, ...]]]:
    """The reminders, orders and notes that were sent, as the naive model names them."""
    query = (
        select(order_table.c.reference, order_items.c.subscription_id, order_items.c.period_number)
        .join(order_items)
        .where(order_items.c.subscription_id.is_not(None))
    )
    places = await _places(connection)
    known = {ref: (places[sub], number) for ref, sub, number in await connection.execute(query)}
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    wanted = mails.c.kind.in_(("reminder", "order_renewed", "payment_note"))
    for row in await connection.execute(select(mails).where(wanted, mails.c.state == "sent")):
        kind, about, *note = row.key.split(":")
        if kind.startswith("reminder"):
            found[row.account_id].append((kind, date.fromisoformat(note[0])))
        else:
            found[row.account_id].append((kind, *known[about], *map(int, note)))
    return defaultdict(list, {each: sorted(what, key=str) for each, what in found.items()})


async def _places(connection: Any) -> dict[int, int]:
    """Which one of its account's subscriptions each one is."""
    counted: dict[int, int] = defaultdict(int)
    places = {}
    for row in await connection.execute(select(subscriptions).order_by(subscriptions.c.id)):
        places[row.id] = counted[row.account_id]
        counted[row.account_id] += 1
    return places


async def _subscribed(connection: Any) -> dict[int, list[tuple[int, int, str]]]:
    """Each account's orders of subscriptions: which one, which period, and what became of it."""
    places = await _places(connection)
    query = (
        select(order_table, order_items.c.subscription_id, order_items.c.period_number)
        .join(order_items)
        .where(order_items.c.subscription_id.is_not(None))
    )
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.account_id].append((places[row.subscription_id], row.period_number, row.state))
    return defaultdict(list, {each: sorted(what) for each, what in found.items()})
