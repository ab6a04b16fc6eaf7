"""Days that pass, with a worker that does what is due, and what customers then get and have."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.calendar import BERLIN, berlin_day
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.payment import PaymentMethod
from cloudmatic_portal.services import subscriptions
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worked, Worker
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import access_periods, due_actions, mails, orders
from tests.integration.portal import purchases
from tests.integration.portal.world import BANK

HOUSE: Final = House(Rules(), BANK)
CUSTOMER: Final = 900
"""An account without anything."""

BEGIN: Final = date(2027, 1, 31)
END: Final = date(2027, 2, 28)
"""A term of one month from 31 January ends with February; the next one begins on 1 March."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A mail in the outbox: what it is about, and when it was written."""

    kind: str
    on: date
    facts: dict[str, Any]
    state: str


class PassingDays:
    """The portal's days, from `today` on: noon after noon, the worker does what is due."""

    def __init__(self, database: Database, today: date) -> None:
        self.database = database
        self.today = today
        self.worker = Worker(HOUSE, secrets.token_bytes)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(12), BERLIN)

    async def work(self) -> list[Worked]:
        done = []
        while (worked := await self.worker.work(self.database, self.now)) is not None:
            done.append(worked)
        return done

    async def until(self, day: date) -> list[Worked]:
        """Let the days pass with a worker, up to the noon of `day`."""
        done = await self.work()
        while self.today < day:
            self.today += timedelta(days=1)
            done += await self.work()
        return done

    def sleep_until(self, day: date) -> None:
        """Let the days pass, and nobody works."""
        self.today = day

    async def book(
        self,
        product: str = "complete",
        months: int = 12,
        kind: BookingKind = "single",
        method: PaymentMethod | None = None,
        account: int = CUSTOMER,
    ) -> str:
        now = self.now
        agreed = await purchases.fill(self.database, account, product, months, kind, now=now)
        return await purchases.buy(self.database, agreed, account, method, now)

    async def pay(self, reference: str) -> None:
        await purchases.pay(self.database, reference, self.now)

    async def book_and_pay(
        self,
        product: str = "complete",
        months: int = 12,
        kind: BookingKind = "single",
        method: PaymentMethod | None = None,
        account: int = CUSTOMER,
    ) -> str:
        reference = await self.book(product, months, kind, method, account)
        await self.pay(reference)
        return reference

    async def subscribe(self, months: int = 1) -> int:
        """Book and pay a subscription; return its id."""
        await self.book_and_pay("complete", months, "subscription")
        [mine] = await subscriptions.of_account(self.database, CUSTOMER)
        return mine.subscription.subscription_id

    async def told(self, *kinds: str, account: int = CUSTOMER) -> list[Told]:
        """The mails of these kinds, in their order."""
        query = select(mails).where(mails.c.account_id == account, mails.c.kind.in_(kinds))
        return [
            Told(row.kind, berlin_day(row.created_at), json.loads(row.facts), row.state)
            for row in await self._rows(query.order_by(mails.c.id))
        ]

    async def reminded(self, account: int = CUSTOMER) -> list[tuple[date, str]]:
        """On which days of which ends."""
        return [
            (each.on, each.facts["last_day"])
            for each in await self.told("reminder", account=account)
        ]

    async def access(self, account: int = CUSTOMER) -> list[tuple[date, date]]:
        query = select(access_periods).where(access_periods.c.account_id == account)
        rows = await self._rows(query.order_by(access_periods.c.first_day))
        return [(row.first_day, row.last_day) for row in rows]

    async def ordered(self, account: int = CUSTOMER) -> list[Any]:
        """The account's orders, the oldest first."""
        mine = select(orders).where(orders.c.account_id == account)
        return list(await self._rows(mine.order_by(orders.c.id)))

    async def renewals(self) -> list[str]:
        """The references of the orders that nobody entered."""
        return [row.reference for row in await self.ordered() if row.cart_revision is None]

    async def planned(self, state: str = "waiting", account: int = CUSTOMER) -> list[str]:
        """The kinds of the account's actions in `state`, in their order.

        Not invoices: they wait, as nobody is said to be the seller here.
        """
        mine = (
            due_actions.c.account_id == account,
            due_actions.c.state == state,
            due_actions.c.kind.not_in(self.worker.leaves),
        )
        query = select(due_actions).where(*mine).order_by(due_actions.c.due_at)
        return [row.kind for row in await self._rows(query)]

    async def _rows(self, query: Any) -> Iterable[Any]:
        async with self.database.reading() as connection:
            return (await connection.execute(query)).all()
