"""How many of those who come by a link of their hub order, and pay; and how the others came."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.entry import KEPT
from cloudmatic_portal.domain.figures import MONTHS, ORDER_WAYS
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import figures, payments, retention
from cloudmatic_portal.services.figures import Figures
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import counted_since, entries
from tests.integration.portal.commands import run
from tests.integration.portal.customer import delete
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.shopping import order
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_every_page import mailed_link
from tests.integration.portal.test_mail_entry import follow
from tests.integration.portal.test_plans import explained
from tests.integration.portal.world import NOW, Browser, Portal

SINCE = datetime(2026, 10, 10, 12, tzinfo=UTC)


@pytest.fixture
async def counted(portal: Portal) -> Portal:
    """Entries are counted since the tenth of last month."""
    async with portal.database.writing() as connection:
        await connection.execute(update(counted_since).values(since=SINCE))
    return portal


async def measured(portal: Portal) -> Figures:
    today = berlin_day(portal.clock.now)
    return await figures.measure(portal.database, today, with_income=False)


async def pay(portal: Portal, address: str, cents: int = 3600) -> None:
    number, now = address.rpartition("/")[2], portal.clock.now
    paid = Payment(Money(cents), berlin_day(now), f"bank {number}")
    await payments.book(portal.database, number, paid, now)


async def funnels(portal: Portal) -> list[tuple[int, int, int]]:
    return [(each.entered, each.ordered, each.paid) for each in (await measured(portal)).funnels]


async def test_an_entry_is_counted_and_what_became_of_it(counted: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(counted)
    link = hub.link()
    for _ in range(3):
        await browser.show_link(link)
    assert (await funnels(counted))[-1] == (0, 0, 0)
    await browser.accept(link)
    assert (await browser.show_link(link)).status == 409
    assert (await funnels(counted))[-1] == (1, 0, 0)
    # Two orders of one entry are one that ordered.
    first = await order(browser, base="/booking")
    await order(browser, "connect", base="/booking")
    assert (await funnels(counted))[-1] == (1, 1, 0)
    await pay(counted, first)
    assert (await funnels(counted))[-1] == (1, 1, 1)
    async with Browser(counted) as other:
        await other.accept(hub.link())
    assert (await funnels(counted))[-1] == (2, 1, 1)
    # Next month it is the month before; what is paid late counts where it came from.
    counted.clock.move(days=10)
    assert (await funnels(counted))[-2:] == [(2, 1, 1), (0, 0, 0)]


async def test_orders_are_told_by_the_way_in(counted: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(counted)
    await browser.accept(hub.link())
    await pay(counted, await order(browser, base="/booking"))
    async with Browser(counted) as reader:
        token = await mailed_link(counted)
        await follow(reader, f"/entry/mail?token={token}")
        await order(reader, base="/booking")
    async with Browser(counted) as customer:
        await customer.log_in("erikamuster")
        for product in ("complete", "connect"):
            await order(customer, product)
    found = (await measured(counted)).orders[-1]
    assert [found.made[way] for way in ORDER_WAYS] == [2, 1, 1, 0]
    assert [found.paid[way] for way in ORDER_WAYS] == [0, 1, 0, 0]
    # Entries by mail are none by a hub.
    assert (await funnels(counted))[-1] == (1, 1, 1)


async def test_of_a_deleted_account_nobody_knows_which_link_it_was(
    counted: Portal, browser: Browser
) -> None:
    await browser.accept((await enrolled_hub(counted)).link())
    await pay(counted, await order(browser, base="/booking"))
    async with Browser(counted) as customer:
        await customer.log_in("maxmuster")
        assert (await delete(customer)).status == 303
    found = await measured(counted)
    assert [found.orders[-1].made[way] for way in ORDER_WAYS] == [0, 0, 0, 1]
    assert (await funnels(counted))[-1] == (1, 0, 0)


async def test_months_before_counting_began_say_so(counted: Portal, browser: Browser) -> None:
    found = await measured(counted)
    assert [each.counted for each in found.funnels] == [False] * (MONTHS - 2) + [True] * 2
    assert found.entries_since == date(2026, 10, 10)
    await come_in(counted, browser, "support")
    words = (await browser.get("/admin")).words
    assert "Gezählt wird seit dem 10.10.2026; was davor war, ist nicht bekannt." in words
    assert "09/2026 – – – 10/2026 0 0 0 11/2026 0 0 0" in words
    counted.clock.move(days=400)
    assert all(each.counted for each in (await measured(counted)).funnels)


async def test_entries_are_forgotten_when_no_picture_shows_them(
    counted: Portal, browser: Browser
) -> None:
    await browser.accept((await enrolled_hub(counted)).link())
    for passed, left in ((KEPT, 1), (KEPT + timedelta(days=1), 0)):
        await retention.sweep(counted.database, NOW + passed)
        async with counted.database.reading() as connection:
            found = await connection.scalar(select(func.count()).select_from(entries))
        assert found == left


async def test_the_command_tells_the_figures(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    # A command looks at the clock of its machine.
    now = datetime.now(UTC)
    since = now - timedelta(days=40)
    row = {"session_hash": b"h" * 32, "way": "hub", "entered_at": now}
    async with database.writing() as connection:
        await connection.execute(update(counted_since).values(since=since))
        await connection.execute(insert(entries).values(row))
    settings = environment(tmp_path, database_url)
    status, said, _ = await run(settings, "figures", "--json")
    assert status == 0
    told = json.loads(said)
    assert told.keys() == {
        *("active", "open_amounts", "endings", "income", "hub_entries", "orders"),
        "entries_since",
    }
    assert told["entries_since"] == berlin_day(since).isoformat()
    month = f"{berlin_day(now):%Y-%m}"
    assert told["hub_entries"][-1] == {"month": month, "entered": 1, "ordered": 0, "paid": 0}
    assert told["hub_entries"][-4]["entered"] is None
    ways = {f"{paid}by_{way}" for way in ORDER_WAYS for paid in ("", "paid_")}
    assert told["orders"][0].keys() == {"month"} | ways
    words = (await run(settings, "figures"))[1]
    assert f"month {month}  entered 1  ordered 0  paid 0" in words
    assert f"entries by links are counted since {berlin_day(since)}" in words


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM entries WHERE entered_at >= '2026-01-01' AND way = 'hub'",
        "SELECT state FROM orders WHERE entered_by IS NOT NULL AND created_at >= '2026-01-01'",
    ],
)
async def test_entries_and_orders_are_counted_over_an_index(database: Database, query: str) -> None:
    async with database.writing() as connection:
        plan = await explained(connection, query)
    assert "Seq Scan" not in plan
    assert "ix_entries_entered_at_way" in plan or "ix_orders_entered" in plan
