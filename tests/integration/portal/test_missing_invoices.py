"""Invoices over 250 euros wait for the customer's address; nobody loses sight of them."""

from __future__ import annotations

from pathlib import Path

from cloudmatic_portal.services import billing, checkup, invoices, orders
from cloudmatic_portal.services.invoices import NEEDS_ADDRESS
from cloudmatic_portal.storage.database import Database
from tests.integration.portal import purchases
from tests.integration.portal.commands import run
from tests.integration.portal.customer import delete
from tests.integration.portal.every_form import BILLING
from tests.integration.portal.pages import send
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_invoices import HOME, bought, bought_dearly, issued, work
from tests.integration.portal.world import NOW, Browser, Portal


async def test_over_250_euros_it_waits_for_the_address(database: Database) -> None:
    reference = await bought_dearly(database)
    [worked] = await work(database)
    assert (worked.outcome.state, worked.outcome.why) == ("dropped", NEEDS_ADDRESS)
    assert await invoices.wants_address(database, await purchases.find(database, reference))
    await billing.save(database, purchases.ACCOUNT, HOME, NOW)
    [worked] = await work(database)
    assert worked.outcome.state == "done"
    [invoice] = await issued(database)
    assert invoice.buyer.street == HOME.street
    assert not await invoices.wants_address(database, await purchases.find(database, reference))


async def test_whoever_deletes_the_account_is_asked_for_the_address_before(
    portal: Portal, browser: Browser
) -> None:
    database = portal.database
    number = (await purchases.find(database, await bought_dearly(database))).number
    await work(database)
    await browser.log_in("maxmuster")
    page = await browser.get("/account/delete")
    assert f"Die Rechnung zur Bestellung {number} fehlt noch" in page.words
    assert 'href="/account/billing"' in page.text
    await send(browser, await browser.get("/account/billing"), "/account/billing", BILLING)
    assert "fehlt noch" not in (await browser.get("/account/delete")).words
    await delete(browser)
    [worked] = await work(database)
    assert worked.outcome.state == "done"
    [invoice] = await issued(database)
    assert invoice.buyer.street == BILLING["street"]


async def test_nobody_is_asked_for_the_address_of_what_needs_none(
    portal: Portal, browser: Browser
) -> None:
    await bought(portal.database)
    await orders.refund(portal.database, await bought_dearly(portal.database), NOW)
    await browser.log_in("maxmuster")
    assert "fehlt noch" not in (await browser.get("/account/delete")).words


async def test_the_operator_lists_what_has_no_invoice(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    async def missing() -> str:
        return (await run(environment(tmp_path, database_url), "invoices", "--missing"))[1]

    number = (await purchases.find(database, await bought_dearly(database))).number
    # What is still to come is not missing.
    assert await missing() == "no invoice is missing\n"
    await work(database)
    [line] = (await missing()).splitlines()
    assert line.split("  ")[:2] == [number, "4711"]
    assert line.endswith(NEEDS_ADDRESS)
    await billing.save(database, purchases.ACCOUNT, HOME, NOW)
    await work(database)
    assert await missing() == "no invoice is missing\n"


async def test_what_can_get_no_invoice_any_more_is_listed_as_that(
    portal: Portal, browser: Browser, tmp_path: Path, database_url: str
) -> None:
    await bought_dearly(portal.database)
    await work(portal.database)
    await browser.log_in("maxmuster")
    await delete(browser)
    found = (await run(environment(tmp_path, database_url), "invoices", "--missing"))[1]
    assert found.endswith("the account was deleted\n")
    # Nothing can be done about it, so `check` need not say it for eight years.
    assert (await checkup.missing_invoices(portal.database)).verdict == "good"


async def test_the_check_says_that_invoices_are_missing(database: Database) -> None:
    await bought_dearly(database)
    assert (await checkup.missing_invoices(database)).verdict == "good"
    await work(database)
    found = await checkup.missing_invoices(database)
    assert (found.verdict, found.what) == ("doubtful", "1 orders have none")
    assert "invoices --missing" in found.advice
