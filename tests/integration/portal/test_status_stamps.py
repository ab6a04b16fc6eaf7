"""A hub that has its status costs one read, and never misses a change of what it would be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text, update

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.services import orders, prices, subscriptions
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.tables import products, status_stamps
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.purchases import buy, fill, pay
from tests.integration.portal.world import LAST_DAY, Portal

_READ = re.compile(r"(?:FROM|JOIN) ([a-z_]+)")

# What a token speaks for; `HubKey` has it from these with every question.
_KEY = {"hub_keys", "hubs", "accounts", "status_stamps"}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    executed: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        executed.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_status_that_the_hub_has_costs_one_read(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    # This one notes the contact too, as an hour later again.
    first = await hub.status()
    with statements() as executed:
        again = await hub.status({"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert len([each for each in executed if each.startswith(("SELECT", "UPDATE"))]) == 1
    assert (await hub.status({"If-None-Match": "*"})).status == 304


async def test_each_table_that_a_status_is_read_from_is_watched(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    await hub.status()
    with statements() as executed:
        await hub.status()
    read = {table for statement in executed for table in _READ.findall(statement)}
    assert {"access_periods", "orders", "order_items", "products", "subscriptions"} < read
    assert read - _KEY <= await watched_tables(portal)


async def watched_tables(portal: Portal) -> set[str]:
    query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'status_st%'"
    async with portal.database.reading() as connection:
        if connection.dialect.name == "postgresql":
            query = (
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE tgname = 'status_stamps_' || tgrelid::regclass::text"
            )
        return set((await connection.execute(text(query))).scalars())


async def test_whatever_changes_a_status_changes_its_tag(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    database, now = portal.database, portal.clock.now
    seen = Seen(hub)
    await seen.other("at first")

    reference = await buy(database, await fill(database))
    await seen.other("an order waits")
    await orders.cancel(database, 4711, reference, now)
    await seen.other("it is cancelled")
    await pay(database, await buy(database, await fill(database)))
    await seen.other("another one is paid")

    await pay(database, await buy(database, await fill(database, kind="subscription")))
    await seen.other("a subscription has begun")
    (standing,) = await subscriptions.of_account(database, 4711)
    mine = standing.subscription.subscription_id
    await subscriptions.pause(database, 4711, mine, now)
    await seen.other("it is paused")
    await subscriptions.cancel(database, 4711, mine, now)
    await seen.other("it has ended")

    async with database.writing() as connection:
        await connection.execute(
            update(products).where(products.c.code == "complete").values(name="Alles")
        )
    await seen.other("a product is called otherwise")
    await prices.sell(database, "connect", sold=False)
    await seen.other("a product is not sold any more")
    async with database.writing() as connection:
        await stored_account.rename(connection, 4711, "moritz")
    await seen.other("the customer is called otherwise")
    portal.clock.move(days=4)
    await seen.other("what was paid is old news")
    await seen.same("nothing has happened")
    async with database.writing() as connection:
        await stored_access.add(
            connection, 4712, AccessPeriod(LAST_DAY, LAST_DAY, "fullservice", "", trial=False)
        )
    await seen.same("somebody else has something new")


async def test_a_backup_that_is_restored_brings_no_tag_back_to_something_else(
    portal: Portal,
) -> None:
    hub = await enrolled_hub(portal)
    seen = Seen(hub)
    async with portal.database.reading() as connection:
        backup = list((await connection.execute(status_stamps.select())).mappings())
    await prices.sell(portal.database, "connect", sold=False)
    await seen.other("after the backup")
    await prices.sell(portal.database, "connect", sold=True)
    async with portal.database.writing() as connection:
        await connection.execute(status_stamps.delete())
        await connection.execute(status_stamps.insert(), [dict(row) for row in backup])
    await seen.other("restored")
    await prices.sell(portal.database, "smarthome", sold=False)
    await seen.other("the same number of changes later")


class Seen:
    """What the hub was told so far: all tags, and the latest text."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tags = ['"none"']
        self._text = ""

    async def other(self, what: str) -> None:
        """The hub, which names every tag that it ever got, is told something else."""
        answer = await self._hub.status({"If-None-Match": ", ".join(self._tags)})
        assert (answer.status, answer.text != self._text) == (200, True), what
        assert answer.headers["ETag"] not in self._tags, what
        self._tags.append(answer.headers["ETag"])
        self._text = answer.text

    async def same(self, what: str) -> None:
        answer = await self._hub.status({"If-None-Match": ", ".join(self._tags)})
        assert (answer.status, answer.headers["ETag"]) == (304, self._tags[-1]), what
