"""What customers do with a subscription on the website: pause, resume, change, cancel."""

from __future__ import annotations

import pytest

from tests.integration.portal.pages import send
from tests.integration.portal.shopping import change_price, subscribe
from tests.integration.portal.world import Browser, Portal


@pytest.fixture
async def address(portal: Portal, browser: Browser) -> str:
    """The subscription of somebody who is logged in."""
    return await subscribe(portal, browser)


async def step(browser: Browser, address: str, name: str, **fields: str) -> None:
    page = await browser.get(f"{address}/{name}")
    assert page.status == 200
    answer = await send(browser, page, f"{address}/{name}", fields)
    assert (answer.status, answer.location) == (303, "/dashboard")


async def test_the_dashboard_tells_what_goes_on(browser: Browser, address: str) -> None:
    words = (await browser.get("/dashboard")).words
    assert "CloudMatic Connect, jeden Monat" in words
    assert "Bezahlt bis 24.01.2027; an diesem Tag wird der nächste Zeitraum bestellt." in words


async def test_it_can_be_paused_and_resumed(browser: Browser, address: str) -> None:
    await step(browser, address, "pause")
    assert "Pausiert" in (await browser.get("/dashboard")).words
    await step(browser, address, "resume")
    assert "Pausiert" not in (await browser.get("/dashboard")).words


async def test_it_can_be_changed_from_the_next_period_on(browser: Browser, address: str) -> None:
    await step(browser, address, "change", plan="complete:12")
    words = (await browser.get("/dashboard")).words
    assert "Ab dem nächsten Zeitraum: CloudMatic Complete, alle 12 Monate" in words
    await step(browser, address, "change", plan="connect:1")
    assert "Ab dem nächsten Zeitraum" not in (await browser.get("/dashboard")).words


async def test_the_plan_it_has_is_offered_at_the_agreed_price_and_others_at_todays(
    portal: Portal, browser: Browser, address: str
) -> None:
    await change_price(portal, "connect", 1, 399)
    await change_price(portal, "connect", 12, 2999)
    words = (await browser.get(f"{address}/change")).words
    assert "CloudMatic Connect, 1 Monat 3,00 €" in words
    assert "CloudMatic Connect, 12 Monate 29,99 €" in words
    await step(browser, address, "change", plan="connect:1")
    assert "Ab dem nächsten Zeitraum" not in (await browser.get("/dashboard")).words


async def test_a_plan_that_is_not_offered_is_refused(browser: Browser, address: str) -> None:
    page = await browser.get(f"{address}/change")
    for plan in ("complete:7", "sms:50", "nothing:12"):
        answer = await send(browser, page, f"{address}/change", {"plan": plan})
        assert answer.status == 409
        assert "plan-problem" in answer.text


async def test_it_can_be_cancelled_once_and_for_all(browser: Browser, address: str) -> None:
    pause = await browser.get(f"{address}/pause")
    await step(browser, address, "cancel")
    words = (await browser.get("/dashboard")).words
    assert "Abonnements" not in words
    assert "Gebucht vom 25.12.2026 bis 24.01.2027" in words
    answer = await send(browser, pause, f"{address}/pause")
    assert answer.status == 409
    assert "Das Abonnement ist schon beendet" in answer.words


async def test_somebody_elses_subscription_is_unknown(
    portal: Portal, browser: Browser, address: str
) -> None:
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        token = (await other.get("/cart")).field("form_token")
        before = await portal.rows()
        for name in ("pause", "resume", "change", "cancel"):
            assert (await other.get(f"{address}/{name}")).status == 404
            form = {"form_token": token, "plan": "complete:12"}
            assert (await other.post(f"{address}/{name}", form)).status == 404
        assert await portal.rows() == before
