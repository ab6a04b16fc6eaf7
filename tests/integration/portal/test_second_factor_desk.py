"""A customer has lost phone and recovery codes: the operator switches the second factor off."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.domain.audit import COMMAND_LINE
from cloudmatic_portal.services import audit
from cloudmatic_portal.settings import Settings
from tests.integration.portal.commands import run
from tests.integration.portal.pages import Page, send
from tests.integration.portal.phone import Phone, owner_of_a_phone
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import Browser, Portal

ACCOUNT = "/admin/accounts/4711"
OFF = f"{ACCOUNT}/second-factor/off"
WHY = "Rückruf unter der bekannten Nummer"
COMMAND = "switch-off-second-factor"


@pytest.fixture
async def phone(portal: Portal) -> Phone:
    """Of maxmuster, who was logged in in another browser; no letter about it waits any more."""
    async with Browser(portal) as customer:
        made = await owner_of_a_phone(portal, customer)
    await Postbox(portal).empty()
    return made


async def logs_in_by_the_password_alone(portal: Portal) -> bool:
    async with Browser(portal) as customer:
        return (await customer.log_in("maxmuster")).location == "/dashboard"


async def noted(portal: Portal) -> list[tuple[object, ...]]:
    """Who switched it off of what, and why, as the log says."""
    entries = await audit.latest(portal.database, 50)
    off = (each for each in entries if each.action == "switch off second factor")
    return [(each.operator, each.object, each.reason) for each in off]


async def told(portal: Portal) -> bool:
    """Whether the customer is told that it was done at somebody's request."""
    letter = await Postbox(portal).only()
    assert letter.subject == "Zweiter Faktor Ihres CloudMatic-Kontos ausgeschaltet"
    return "auf eine Bitte hin" in letter.text


async def test_by_the_page_with_a_reason(portal: Portal, browser: Browser, phone: Phone) -> None:
    await come_in(portal, browser, "support")
    page = await browser.get(ACCOUNT)
    assert f'href="{OFF}"' in page.text
    assert phone.secret not in page.text
    missing = await send(browser, await browser.get(OFF), OFF, {"reason": " "})
    assert (missing.status, bool(Page(missing).beside("reason"))) == (422, True)
    assert not await logs_in_by_the_password_alone(portal)
    answer = await send(browser, await browser.get(OFF), OFF, {"reason": WHY})
    assert (answer.status, answer.location) == (303, ACCOUNT)
    assert await logs_in_by_the_password_alone(portal)
    assert await told(portal)
    assert await noted(portal) == [("anna", "account 4711", WHY)]
    shown = await browser.get(ACCOUNT)
    assert OFF not in shown.text
    assert "zweiter Faktor ausgeschaltet" in shown.words


async def test_what_is_off_is_not_switched_off_again(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser)
    answer = await send(browser, await browser.get(OFF), OFF, {"reason": WHY})
    assert (answer.status, "Konto 4711 hat keinen zweiten Faktor" in answer.words) == (409, True)
    assert await noted(portal) == []
    assert (await browser.get("/admin/accounts/999/second-factor/off")).status == 404


async def test_who_keeps_the_books_neither_sees_the_way_nor_reaches_it(
    portal: Portal, browser: Browser, phone: Phone
) -> None:
    await come_in(portal, browser, "accounting")
    page = await browser.get(ACCOUNT)
    assert "Zweiter Faktor" in page.words
    assert OFF not in page.text
    assert (await browser.get(OFF)).status == 403
    assert phone.codes


@pytest.fixture
def commands(settings: Settings, tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path, settings.database)


async def test_by_the_command_with_a_reason(
    portal: Portal, commands: dict[str, str], phone: Phone
) -> None:
    assert phone.codes
    for reason in ("", "   ", "x" * 501):
        status, _, why = await run(commands, COMMAND, "4711", "--reason", reason)
        assert (status, "--reason: 1 to 500 characters" in why) == (1, True)
    assert not await logs_in_by_the_password_alone(portal)
    status, said, _ = await run(commands, COMMAND, "4711", "--reason", WHY)
    assert (status, said) == (0, "the second factor of account 4711 is switched off\n")
    assert await logs_in_by_the_password_alone(portal)
    # The command's clock is the machine's, and its letter due by that.
    portal.clock.move(days=365)
    assert await told(portal)
    assert await noted(portal) == [(COMMAND_LINE, "account 4711", WHY)]
    status, _, why = await run(commands, COMMAND, "4711", "--reason", WHY)
    assert (status, "second factor off: 4711" in why) == (1, True)
    status, _, why = await run(commands, COMMAND, "999", "--reason", WHY)
    assert (status, "account unknown: 999" in why) == (1, True)
    assert len(await noted(portal)) == 1
