"""A database from before the calendar gets what is due by it, as if it had always been there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, insert, select, update

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain.due import NewDue
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate, upgrade
from cloudmatic_portal.storage.tables import due_actions, metadata, subscriptions
from tests.integration.portal.passing_days import PassingDays
from tests.integration.portal.world import NOW

BEFORE = "0003"
DAY = timedelta(days=1)
# Summer and winter, leap day and the night when the clocks change, long after these tests are run.
FIRST, LAST = date(2091, 3, 25), date(2091, 4, 24)
LEAP, WINTER = date(2096, 2, 29), date(2095, 12, 31)


@pytest.fixture
async def old(bare_database: str) -> AsyncIterator[Database]:
    """A database of the revision before the calendar, with a product and some accounts."""
    database = Database(parse_url(bare_database))
    async with database.writing() as connection:
        await connection.run_sync(upgrade, BEFORE)
        await connection.run_sync(_fill)
    yield database
    await database.close()


def _fill(connection: Connection) -> None:
    add = Old(connection)
    for code in ("complete", "connect"):
        add("products", code=code, kind="package", name=code, position=ord(code[3]), active=True)
    for account in range(1, 10):
        add(
            "accounts",
            id=account,
            user_name=f"c{account}",
            user_name_folded=f"c{account}",
            email=f"c{account}@example.org",
            email_folded=f"c{account}@example.org",
            password_hash="$argon2id$nobody",
            language="de",
            created_at=NOW,
        )
    # 1: a run of two packages. 2: a gap, then another one. 3: over long ago.
    add.period(1, "complete", FIRST, LAST)
    add.period(1, "connect", LAST + DAY, LEAP)
    add.period(2, "complete", FIRST, LAST)
    add.period(2, "complete", LAST + 2 * DAY, WINTER)
    add.period(3, "complete", date(2020, 1, 1), date(2020, 1, 31))
    # 4: a trial. 5: two products that end together.
    add.period(4, "complete", FIRST, LAST, trial=True)
    add.period(5, "complete", FIRST, LAST)
    add.period(5, "connect", FIRST, LAST)
    # 6: a subscription that runs; 7: one whose first period ended unnoticed; 8: orders unpaid.
    add.subscription(6, FIRST, LAST)
    add.subscription(7, date(2020, 1, 1), date(2020, 1, 31))
    add.order(8, "open", LAST)
    add.order(8, "cancelled", LAST)


class Old:
    """Rows as they were written then. Columns that are not named are empty, or nought."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tables = MetaData()
        self.tables.reflect(connection)
        self.orders = 0

    def __call__(self, table: str, **values: Any) -> int:
        row = insert(self.tables.tables[table]).values(values)
        key = self.connection.execute(row).inserted_primary_key
        return int(key[0]) if key and isinstance(key[0], int) else 0

    def period(self, account: int, product: str, first: date, last: date, **more: Any) -> None:
        values = {"trial": False} | more
        self(
            "access_periods",
            account_id=account,
            product=product,
            first_day=first,
            last_day=last,
            **values,
        )

    def order(self, account: int, state: str, pay_until: date) -> int:
        """Return the id of its only item."""
        self.orders += 1
        order = self(
            "orders",
            account_id=account,
            reference=f"AAAAAAA{self.orders:02}",
            cart_revision=self.orders,
            state=state,
            method="transfer",
            entered_by="login",
            language="de",
            currency="EUR",
            total_cents=300,
            paid_cents=300 if state == "active" else 0,
            created_at=NOW,
            pay_until=pay_until,
            activated_at=NOW if state == "active" else None,
            ended_at=NOW if state == "cancelled" else None,
        )
        return self(
            "order_items",
            order_id=order,
            position=0,
            product="complete",
            name="Complete",
            product_kind="package",
            quantity=1,
            free_months=0,
            kind="subscription",
            list_cents=300,
            price_cents=300,
            vat_basis_points=1900,
        )

    def subscription(self, account: int, first: date, last: date) -> None:
        item = self.order(account, "active", first)
        added = self(
            "subscriptions",
            account_id=account,
            product="complete",
            months=1,
            anchor=first,
            free_months=0,
            created_at=NOW,
        )
        items = self.tables.tables["order_items"]
        self.connection.execute(
            update(items).where(items.c.id == item).values(subscription_id=added, period_number=0)
        )
        self.period(account, "complete", first, last, order_item=item)


async def planned(database: Database) -> dict[str, NewDue]:
    async with database.reading() as connection:
        rows = (await connection.execute(select(due_actions))).all()
    assert all((row.state, row.attempts) == ("waiting", 0) for row in rows)
    fields = NewDue.__dataclass_fields__
    return {row.key: NewDue(**{name: getattr(row, name) for name in fields}) for row in rows}


async def test_what_was_there_before_the_calendar_gets_what_is_due_by_it(old: Database) -> None:
    await migrate(old)
    async with old.reading() as connection:
        rows = await connection.execute(select(subscriptions).order_by(subscriptions.c.account_id))
        sixth, seventh = (row.id for row in rows)
        orders = metadata.tables["orders"]
        query = select(orders.c.id).where(orders.c.state == "open")
        open_order = (await connection.execute(query)).scalar_one()
    ends = [(1, LEAP), (2, LAST), (2, WINTER), (4, LAST), (5, LAST), (6, LAST)]
    wanted = [each for account, end in ends for each in rules.reminders(account, end, NOW.date())]
    wanted += [
        rules.renewal(6, sixth, 1, LAST),
        rules.renewal(7, seventh, 1, date(2020, 1, 31)),
        rules.order_expiry(8, open_order, LAST),
    ]
    assert await planned(old) == {each.key: each for each in wanted}


async def test_what_has_been_planned_since_is_left_as_it_is(old: Database) -> None:
    async with old.writing() as connection:
        await connection.run_sync(upgrade, "0004")
        values = {
            "kind": "reminder_early",
            "key": f"reminder_early:1:{LEAP}",
            "account_id": 1,
            "day": LEAP,
            "due_at": NOW,
            "state": "done",
            "settled_at": NOW,
            "why": "reminded before",
        }
        await connection.execute(insert(due_actions).values(values))
        # The other columns are there later.
        its_id = select(subscriptions.c.id).where(subscriptions.c.account_id == 6)
        mine = (await connection.execute(its_id)).scalar_one()
        later = {
            "kind": "renewal",
            "key": f"renewal:{mine}:1:{WINTER}",
            "account_id": 6,
            "subscription_id": mine,
            "number": 1,
            "day": WINTER,
            "due_at": datetime(2095, 12, 31, 3, tzinfo=NOW.tzinfo),
            "state": "waiting",
        }
        await connection.execute(insert(due_actions).values(later))
    await migrate(old)
    async with old.reading() as connection:
        mine_now = select(due_actions).where(due_actions.c.kind == "renewal")
        renewals = (await connection.execute(mine_now.where(due_actions.c.account_id == 6))).all()
        early = due_actions.c.key == values["key"]
        [reminder] = (await connection.execute(select(due_actions).where(early))).all()
    assert [row.key for row in renewals] == [later["key"]]
    assert (reminder.state, reminder.why) == ("done", "reminded before")


async def test_the_worker_does_it_in_its_time(old: Database) -> None:
    await migrate(old)
    days = PassingDays(old, LAST - 6 * DAY)
    await days.until(LAST + DAY)
    assert await days.reminded(4) == [(LAST - 5 * DAY, str(LAST)), (LAST, str(LAST))]
    assert await days.reminded(1) == []
    assert [row.state for row in await days.ordered(6)] == ["active", "open"]
    assert (await days.access(6))[-1] == (LAST + DAY, LAST + 7 * DAY)
    assert len(await days.ordered(7)) == 2
