"""The log tells what happened: once, and nothing that did not happen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.services import audit
from cloudmatic_portal.storage import statement as stored_statement
from tests.bank_statements import Paid, camt
from tests.integration.portal.commands import run
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.shopping import order
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_statement_pages import bring
from tests.integration.portal.world import SERIAL, Answer, Browser, Portal

WHY = {"reason": "Anruf von Max"}


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser)
    return browser


async def noted(portal: Portal, action: str) -> list[str]:
    """What the action was done to, as the log says, the latest first."""
    entries = await audit.latest(portal.database, 50)
    return [each.object for each in entries if each.action == action]


async def import_again(operator: Browser, data: bytes) -> Answer:
    brought = await bring(operator, data)
    return await send(operator, await operator.get(brought.location), brought.location)


async def test_what_is_cancelled_again_is_noted_once(portal: Portal, operator: Browser) -> None:
    async with Browser(portal) as customer:
        await customer.log_in("maxmuster")
        number = (await order(customer)).rpartition("/")[2]
    address = f"/admin/orders/{number}/cancel"
    page = await operator.get(address)
    for _ in range(2):
        assert (await send(operator, page, address, WHY)).status == 303
    assert await noted(portal, "cancel order") == [f"order {number}"]


async def test_a_hub_that_is_withdrawn_again_is_noted_once(
    portal: Portal, operator: Browser
) -> None:
    await enrolled_hub(portal)
    listed = (await operator.get("/admin/accounts/4711")).text
    assert SERIAL in listed
    path = "/admin/accounts/4711/hubs/"
    address = path + listed.partition(f'href="{path}')[2].partition('"')[0]
    page = await operator.get(address)
    for _ in range(2):
        assert (await send(operator, page, address, WHY)).status == 303
    assert await noted(portal, "revoke hub key") == ["account 4711"]


async def test_a_statement_that_brings_nothing_new_is_noted_once(
    portal: Portal, operator: Browser
) -> None:
    data = camt(Paid(cents=100))
    for _ in range(2):
        assert (await import_again(operator, data)).status == 303
    assert await noted(portal, "import statement") == ["statement november.xml"]


async def test_an_import_that_stored_no_line_is_not_noted(
    portal: Portal, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(stored_statement, "add", fail)
    before = await portal.count("statements")
    assert (await import_again(operator, camt(Paid(cents=100)))).status == 500
    assert await noted(portal, "import statement") == []
    assert await portal.count("statements") == before


async def test_who_is_disabled_again_is_noted_once(
    portal: Portal, operator: Browser, database_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        settings = environment(tmp_path, database_url)
        assert (await run(settings, "disable-operator", "anna"))[0] == 0
    assert await noted(portal, "disable operator") == ["operator anna"]
