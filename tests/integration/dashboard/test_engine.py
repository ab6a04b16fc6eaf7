"""While the logic engine cannot say who is there, the page says so and comes back by itself."""

from __future__ import annotations

import time

import pytest

from ccu_dashboard.services.sessions import KEEP_SECONDS
from tests.integration.dashboard.conftest import PREFIX, Dashboard

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def break_engine(hub: Dashboard, fault: str) -> None:
    engine = hub.ccu.engine
    match fault:
        case "down":
            await engine.down()
        case _:
            getattr(engine, fault)()


@pytest.mark.parametrize("fault", ["down", "rubbish", "http_500", "no_http", "hang"])
@pytest.mark.fault(
    "logic engine",
    "away, hanging or talking rubbish: the page says so, and recovers",
)
async def test_the_page_waits_for_the_engine_and_recovers(hub: Dashboard, fault: str) -> None:
    sid = hub.ccu.engine.login("Admin")
    await break_engine(hub, fault)
    begun = time.monotonic()
    page = await hub.ask(sid=sid)
    assert time.monotonic() - begun < 6
    assert page.status == 503
    assert "Die Zentrale ist noch nicht bereit" in page.text
    assert page.headers["Retry-After"] == "5"
    assert '<meta http-equiv="refresh" content="5">' in page.text
    assert page.cookies == []
    await hub.ccu.engine.recover()
    assert (await hub.ask(sid=sid)).status == 200


@pytest.mark.fault("logic engine", "a slow one is waited for")
async def test_a_slow_engine_is_waited_for(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    hub.ccu.engine.slow(0.5)
    assert (await hub.ask(sid=sid)).status == 200


async def test_the_first_address_can_be_tried_again_after_a_failure(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    hub.ccu.engine.http_500()
    assert (await hub.ask(f"{PREFIX}?sid={sid}")).status == 503
    await hub.ccu.engine.recover()
    assert (await hub.ask(f"{PREFIX}?sid={sid}")).status == 303


async def test_a_form_sent_meanwhile_books_nothing(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    hub.ccu.engine.http_500()
    page = await hub.ask(f"{PREFIX}book", sid=sid, method="POST", data={"product": "complete"})
    assert page.status == 503


async def test_a_page_with_its_pictures_asks_the_engine_once(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    before = hub.ccu.engine.lookups
    for _ in range(5):
        assert (await hub.ask(sid=sid)).status == 200
    assert hub.ccu.engine.lookups == before + 1
    assert KEEP_SECONDS <= 5
