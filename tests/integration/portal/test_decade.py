"""Ten years of customers who buy, pay, forget, pause and cancel, and of a worker that is down now
and then, against a second telling of the promises (`decade_model.py`).

`CLOUDMATIC_DECADE=ACCOUNTS` makes it as many accounts; `CLOUDMATIC_SEED` other ones.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import orders, payments, reminders, subscriptions
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import access_periods, mails
from cloudmatic_portal.storage.tables import orders as order_rows
from tests.integration.portal.decade_model import DAY, Bill, Customer, Subscribed, span
from tests.integration.portal.passing_days import PassingDays
from tests.integration.portal.purchases import add_accounts

ACCOUNTS = int(os.environ.get("CLOUDMATIC_DECADE", "3"))
SEED = int(os.environ.get("CLOUDMATIC_SEED", "4711"))
FIRST, LAST = date(2027, 1, 1), date(2037, 1, 1)
PRODUCTS = ("complete", "connect")
TERMS = (1, 1, 1, 12)


class Life:
    """One account: what the portal does for it, and what the model says."""

    def __init__(self, days: PassingDays, account: int, dice: random.Random) -> None:
        self.days, self.account, self.dice = days, account, dice
        self.model = Customer()
        self.diligence = dice.choice((0.5, 0.2, 0.05))

    @property
    def database(self) -> Database:
        return self.days.database

    async def begin_trial(self) -> None:
        today = self.days.today
        period = AccessPeriod(today, today + 29 * DAY, "complete", "", trial=True)
        async with self.database.writing() as connection:
            await stored_access.add(connection, self.account, period)
            await reminders.plan(connection, self.account, [period], today)
        self.model.paid |= set(span(period.first_day, period.last_day))

    async def live(self) -> None:
        """What the customer does today."""
        waiting = [each for each in self.model.watched if each.state in {"open", "expired"}]
        going = [each for each in self.model.subscriptions if each.state != "cancelled"]
        if waiting and self.dice.random() < self.diligence / 4:
            await self.pay(self.dice.choice(waiting))
        elif waiting and self.dice.random() < 0.004:
            await self.cancel_bill(self.dice.choice(waiting))
        elif going and self.dice.random() < 0.01:
            await self.decide(self.dice.choice(going))
        elif len(waiting) < 3 and self.dice.random() < 0.01:
            await self.book(subscribe=len(going) < 2 and self.dice.random() < 0.6)

    async def book(self, *, subscribe: bool) -> None:
        product, months = self.dice.choice(PRODUCTS), self.dice.choice(TERMS)
        mine = Subscribed(product, months, self.days.today) if subscribe else None
        bill = Bill(product, months, self.days.today, mine)
        kind: BookingKind = "subscription" if mine else "single"
        bill.reference = await self.days.book(product, months, kind, "transfer", self.account)
        self.model.buy(bill)

    async def pay(self, bill: Bill) -> None:
        now = self.days.now
        async with self.database.reading() as connection:
            order = await stored_order.find(connection, bill.reference)
        assert order is not None
        paid = Payment(order.total.gross, self.days.today, f"bank {bill.reference}")
        await payments.book(self.database, bill.reference, paid, now)
        self.model.pay(bill, self.days.today)
        if bill.subscription is not None and bill.number == 0:
            async with self.database.reading() as connection:
                every = await stored_subscription.of_account(connection, self.account)
            bill.subscription.number_in_database = every[-1].subscription.subscription_id

    async def cancel_bill(self, bill: Bill) -> None:
        await orders.cancel(self.database, self.account, bill.reference, self.days.now)
        self.model.cancel_bill(bill, self.days.today)

    async def decide(self, mine: Subscribed) -> None:
        mark, what = mine.number_in_database, self.dice.choice(("cancel", "pause", "change"))
        if mine.state == "paused":
            what = "resume"
        if what == "cancel":
            await subscriptions.cancel(self.database, self.account, mark, self.days.now)
            self.model.cancel(mine, self.days.today)
        elif what == "pause":
            await subscriptions.pause(self.database, self.account, mark, self.days.now)
            mine.state = "paused"
        elif what == "resume":
            await subscriptions.resume(self.database, self.account, mark, self.days.now)
            self.model.resume(mine, self.days.today)
        else:
            wanted = self.dice.choice(PRODUCTS), self.dice.choice(TERMS)
            await subscriptions.change(
                self.database, self.account, mark, wanted[0], wanted[1], self.days.now
            )
            mine.wanted = wanted

    def work(self, since: date, new: list[str]) -> None:
        """What the worker has done since then; `new` are the orders that it has made."""
        self.model.work(self.days.today, since)
        missing = [bill for bill in self.model.watched if not bill.reference]
        assert len(new) == len(missing), (self.account, self.days.today)
        for bill, reference in zip(missing, new, strict=True):
            bill.reference = reference

    def check(self, periods: list[Any], told: Counter[Any], states: dict[str, str]) -> None:
        where = (self.account, self.days.today)
        days = [day for row in periods for day in span(row.first_day, row.last_day)]
        assert len(days) == len(set(days)), where
        graces = [
            day for row in periods if row.grace_for for day in span(row.first_day, row.last_day)
        ]
        assert sorted(graces) == sorted(self.model.graces), where
        assert set(days) == self.model.covered, where
        assert told == self.model.mails, where
        assert {b.reference: b.state for b in self.model.bills} == states, where


async def test_a_decade_of_customers_gets_what_it_was_promised(database: Database) -> None:
    days = PassingDays(database, FIRST)
    dice = random.Random(SEED)  # noqa: S311 - to be repeated, not to be secret
    accounts = range(10_000, 10_000 + ACCOUNTS)
    await add_accounts(database, *accounts)
    lives = [Life(days, each, random.Random(dice.random())) for each in accounts]  # noqa: S311
    books = Books(database)
    for life in lives[::2]:
        await life.begin_trial()
    worked, down = FIRST - DAY, 0
    while days.today < LAST:
        if down == 0 and dice.random() < 0.02:
            down = dice.choice((1, 2, 5, 9, 40))
        if down:
            down -= 1
        else:
            new = await books.new_orders() if await days.work() else {}
            for life in lives:
                life.work(worked, new.get(life.account, []))
            worked = days.today
        for life in lives:
            await life.live()
        if days.today.day == 1:
            # Nothing is forgiven later: of many, some are looked at each month.
            some = lives if ACCOUNTS <= 12 else lives[days.today.month - 1 :: 12]
            await books.check(some)
        days.today += DAY
    await books.check(lives)
    assert sum(sum(life.model.mails.values()) for life in lives) > 30 * ACCOUNTS


class Books:
    """What the database says about all accounts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.order = self.mail = 0
        self.told: dict[int, Counter[Any]] = defaultdict(Counter)

    async def new_orders(self) -> dict[int, list[str]]:
        """The references of what subscriptions have ordered since the last question, by account."""
        found: dict[int, list[str]] = defaultdict(list)
        query = select(order_rows).where(order_rows.c.id > self.order).order_by(order_rows.c.id)
        async with self.database.reading() as connection:
            for row in await connection.execute(query):
                self.order = row.id
                if row.cart_revision is None:
                    found[row.account_id].append(row.reference)
        return found

    async def check(self, lives: list[Life]) -> None:
        mine = [life.account for life in lives]
        periods: dict[int, list[Any]] = defaultdict(list)
        states: dict[int, dict[str, str]] = defaultdict(dict)
        async with self.database.reading() as connection:
            new = select(mails).where(mails.c.id > self.mail).order_by(mails.c.id)
            for row in await connection.execute(new):
                self.mail = row.id
                self.told[row.account_id][_told(row.kind, row.created_at, row.key)] += 1
            # In portions: a statement has only so many parameters.
            for start in range(0, len(mine), 500):
                some = mine[start : start + 500]
                query = select(access_periods).where(access_periods.c.account_id.in_(some))
                for row in await connection.execute(query):
                    periods[row.account_id].append(row)
                orders_of = select(order_rows).where(order_rows.c.account_id.in_(some))
                for row in await connection.execute(orders_of):
                    states[row.account_id][row.reference] = row.state
        for life in lives:
            life.check(periods[life.account], self.told[life.account], states[life.account])


def _told(kind: str, created_at: datetime, key: str) -> tuple[str, date, str]:
    """What a mail's key says it is about: the end, of a reminder."""
    return kind, berlin_day(created_at), key.rpartition(":")[2] if kind == "reminder" else ""
