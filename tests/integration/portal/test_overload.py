"""More visitors than the portal can serve: some are told to come again, the others are served."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.wrk import Load, Pressed, press
from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.errors import Overloaded
from cloudmatic_portal.storage.database import CONNECTIONS, Database, parse_url
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.test_cli import environment, serving
from tests.integration.portal.test_operation import app_of
from tests.integration.portal.test_scarcity import enough_files, resident
from tests.integration.portal.world import Browser, Portal

AT_ONCE = 600


async def test_who_comes_when_enough_wait_is_refused_at_once(database_url: str) -> None:
    database = Database(parse_url(database_url), most_waiting=2)
    free = 1 if "postgresql" not in database_url else CONNECTIONS
    async with AsyncExitStack() as busy:
        for _ in range(free):
            await busy.enter_async_context(database.writing())
        waiting = [asyncio.create_task(ask(database)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(Overloaded):
            await ask(database)
        patient = asyncio.create_task(ask(database.patient))
        await asyncio.sleep(0.05)
        assert not any(each.done() for each in (*waiting, patient))
    assert await asyncio.gather(*waiting, patient) == [1, 1, 1]
    assert await ask(database) == 1
    await database.close()


async def test_a_visit_that_has_begun_is_finished(database_url: str) -> None:
    database = Database(parse_url(database_url), most_waiting=1)
    with database.one_visit():
        assert await ask(database) == 1
        database.most_waiting = 0
        assert await ask(database) == 1
    with database.one_visit(), pytest.raises(Overloaded):
        await ask(database)
    await database.close()


async def ask(database: Database) -> int:
    async with database.writing() as connection:
        return int((await connection.execute(text("SELECT 1"))).scalar_one())


async def test_a_visitor_too_many_gets_a_page_with_the_way_on(
    portal: Portal, browser: Browser
) -> None:
    app_of(portal)[DATABASE].most_waiting = 0
    page = await browser.get("/products")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "Gerade zu viele Besucher" in page.words
    assert "in einigen Sekunden" in page.words


async def test_a_hub_too_many_is_told_when_to_ask_again(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    app_of(portal)[DATABASE].most_waiting = 0
    answer = await hub.status()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.text)["reason"] == "overloaded"


async def test_a_busy_portal_stays_in_its_balancers_list(portal: Portal, browser: Browser) -> None:
    """Taken out, it would send its visitors to the others, until none is left."""
    assert (await browser.get("/products")).status == 200
    database = app_of(portal)[DATABASE]
    database.most_waiting = 0
    assert (await browser.get("/readyz")).status == 200
    database.had_at -= 60
    assert (await browser.get("/readyz")).status == 503


@pytest.mark.fault(
    "more visitors than it can serve",
    "whoever is not served within its time is told so; none of them is lost, memory stays flat",
)
async def test_far_beyond_its_capacity_the_portal_serves_and_refuses(
    tmp_path: Path, empty_database: str
) -> None:
    enough_files(3 * AT_ONCE)
    settings = environment(tmp_path, empty_database)
    async with serving(settings, "--port", "0") as (process, address):
        assert process.stderr is not None
        # The access log; a pipe that nobody empties would stop the portal.
        log = asyncio.create_task(process.stderr.read())
        await press_products(address, at_once=4)
        before = resident(process.pid)
        crowd = await press_products(address, at_once=AT_ONCE)
        assert (crowd.unexpected, crowd.broken) == (0, 0)
        assert crowd.rate > crowd.refused
        assert resident(process.pid) - before < 64 * 1024 * 1024
        calm = await press_products(address, at_once=4)
        assert (calm.unexpected, calm.broken, calm.refused) == (0, 0, 0)
        process.terminate()
        assert b"GET /products" in await log


async def press_products(address: str, *, at_once: int) -> Pressed:
    load = Load(f"{address}/products", [{"Accept": "text/html"}], 200, 3, at_once)
    return await asyncio.to_thread(press, load)
