"""The diagnostics page for administrators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ccu_dashboard.storage import hub_key
from tests.factories import USER_KEY
from tests.integration.dashboard.conftest import PORTAL, PREFIX, Dashboard, Page
from tests.integration.dashboard.linking import click, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def until(hub: Dashboard, sid: str, there: Callable[[Page], bool]) -> Page:
    for _ in range(200):
        page = await hub.ask(f"{PREFIX}diagnostics", sid=sid)
        if there(page):
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(words(page))


async def test_the_diagnosis_shows_each_check_and_a_report_without_any_secret(
    state: Dashboard,
) -> None:
    hub_key.load_or_create(state.addon.state / "hub_key.pem")
    state.addon.hand_over()
    sid = state.ccu.engine.login("Admin")
    first = await state.ask(f"{PREFIX}diagnostics", sid=sid)
    assert first.status == 200
    page = await until(state, sid, lambda page: "<textarea" in page.text)
    said = words(page)
    for subject in (
        "Kontodaten",
        "Seriennummer",
        "Logikschicht",
        "Schlüssel",
        "Portal",
        "Aktualisierungen",
    ):
        assert subject in said, said
    report = page.text.split("<textarea")[1].split("</textarea>")[0]
    for each in ("cloudmatic-ccu: ", "python: ", "firmware: ", f"portal: {PORTAL}", "maxmuster"):
        assert each in report
    pem = (state.addon.state / "hub_key.pem").read_text("ascii").split("\n")[1]
    for secret in (USER_KEY, sid.strip("@"), pem):
        assert secret not in page.text
    assert (await click(state, sid, "diagnostics")).status == 303
    page = await until(state, sid, lambda page: "Erneut prüfen" in page.text)
    assert "no-connection" in words(page)
