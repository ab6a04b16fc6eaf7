"""Invoices and the billing address, as customers and the operator get at them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.services import billing
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.commands import run
from tests.integration.portal.every_form import BILLING
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_invoices import bought, credit, work
from tests.integration.portal.world import NOW, Browser, Portal

NUMBER = "RE-2026-000001"


@pytest.fixture
async def reference(database: Database) -> str:
    """An order of account 4711 that has its invoice."""
    found = await bought(database)
    await work(database)
    return found


@pytest.fixture
async def customer(portal: Portal, reference: str) -> AsyncIterator[Browser]:
    async with Browser(portal) as browser:
        await browser.log_in("maxmuster")
        yield browser


async def fetch(browser: Browser, portal: Portal, path: str) -> tuple[int, dict[str, str], bytes]:
    async with browser.session.get(portal.url(path), allow_redirects=False) as response:
        return response.status, dict(response.headers), await response.read()


async def test_dashboard_and_order_lead_to_the_document(
    portal: Portal, customer: Browser, reference: str
) -> None:
    number = (await stored(portal, reference)).number
    for page in (await customer.get("/dashboard"), await customer.get(f"/orders/{number}")):
        assert f'href="/invoices/{NUMBER}"' in page.text
        assert "Rechnung" in page.words
    status, headers, document = await fetch(customer, portal, f"/invoices/{NUMBER}")
    assert (status, document[:5]) == (200, b"%PDF-")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == f'attachment; filename="{NUMBER}.pdf"'
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_what_was_taken_back_stands_beside_it(
    portal: Portal, customer: Browser, reference: str
) -> None:
    await credit(portal.database, reference)
    await work(portal.database)
    said = (await customer.get("/dashboard")).words
    assert "Stornorechnung" in said
    assert "−24,00" in said.replace("\xa0", " ") or "−36,00" in said.replace("\xa0", " ")
    number = (await stored(portal, reference)).number
    assert "/invoices/ST-2026-000001" in (await customer.get(f"/orders/{number}")).text


async def stored(portal: Portal, reference: str) -> Order:
    async with portal.database.reading() as connection:
        found = await stored_order.find(connection, reference)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "number",
    [
        *("RE-2026-000009", "RE-2026-1", "%00", "..%2f..%2fetc"),
        *(f"{NUMBER}%0A", f"{NUMBER}%0D%0AX-A:%20b", f"%20{NUMBER}", "RE-2026-00000%D9%A1"),
    ],
)
async def test_other_numbers_are_unknown(customer: Browser, number: str) -> None:
    answer = await customer.get_exactly(f"/invoices/{number}")
    assert answer.status == 404
    assert "Diese Rechnung gibt es nicht" in answer.words or "%2f" in number


async def test_somebody_elses_invoice_is_unknown(portal: Portal, reference: str) -> None:
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        answer = await other.get(f"/invoices/{NUMBER}")
        assert (answer.status, "Diese Rechnung gibt es nicht" in answer.words) == (404, True)


async def test_without_a_login_nobody_gets_one(portal: Portal, reference: str) -> None:
    async with Browser(portal) as stranger:
        for address in (f"/invoices/{NUMBER}", "/account/billing"):
            answer = await stranger.get(address)
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/login")
        # A booking-only session is no login.
        await stranger.accept((await enrolled_hub(portal)).link())
        assert (await stranger.get(f"/invoices/{NUMBER}")).status == 303
        assert (await stranger.get("/account/billing")).status == 303


async def test_an_address_is_entered_shown_and_changed(portal: Portal, customer: Browser) -> None:
    page = await customer.get("/account/billing")
    typed = {**BILLING, "company": "Muster & Söhne", "vat_id": "DE 136 695 976"}
    answer = await send(customer, page, "/account/billing", typed)
    assert (answer.status, answer.location) == (303, "/dashboard")
    assert (
        "Muster & Söhne, Lange Straße 7, 10115 Berlin" in (await customer.get("/dashboard")).words
    )
    page = await customer.get("/account/billing")
    form = Page(page).form("/account/billing")
    assert (form.value("vat_id"), form.value("country")) == ("DE136695976", "DE")
    assert "Noch nicht bestätigt" in page.words
    address = await billing.find(portal.database, 4711)
    assert address is not None
    assert address.company == "Muster & Söhne"


async def test_a_wrong_vat_number_is_told_beside_its_field(customer: Browser) -> None:
    page = await customer.get("/account/billing")
    for changes, told in (
        ({"vat_id": "DE136695977"}, "Das ist keine USt-IdNr. des gewählten Landes"),
        ({"country": "AT", "postcode": "1010", "vat_id": "DE136695976"}, "beginnt mit AT"),
    ):
        answer = await send(customer, page, "/account/billing", {**BILLING, **changes})
        assert answer.status == 422
        assert told in Page(answer).beside("vat_id")
        assert Page(answer).form("/account/billing").value("street") == BILLING["street"]


async def test_the_operator_lists_and_keeps_invoices(
    tmp_path: Path, database: Database, database_url: str, reference: str
) -> None:
    mails = {"CLOUDMATIC_PORTAL_MAIL_FOLDER": str(tmp_path / "mail")}
    settings = environment(tmp_path, database_url) | mails
    await credit(database, reference)
    await work(database)
    days = ("--from", "2026-11-01", "--until", "2026-11-30")
    listed = (await run(settings, "invoices", *days))[1]
    assert NUMBER in listed
    assert "takes back RE-2026-000001" in listed
    table = (await run(settings, "invoices", *days, "--csv"))[1]
    invoice, note = csv.DictReader(io.StringIO(table), delimiter=";")
    assert (invoice["number"], note["corrects"], invoice["vat_percent"]) == (
        NUMBER,
        NUMBER,
        "19,00",
    )
    assert note["gross"] == f"-{invoice['gross']}"
    file = tmp_path / "invoice.pdf"
    assert (await run(settings, "invoice", "show", NUMBER, "--to", str(file)))[0] == 0
    assert file.read_bytes()[:5] == b"%PDF-"
    assert file.stat().st_mode & 0o777 == 0o600
    status, _, errors = await run(settings, "invoice", "show", "RE-2026-9", "--to", str(file))
    assert (status, "invoice unknown" in errors) == (1, True)
    status, _, errors = await run(settings, "confirm-vat-id", "4711", "ATU13585627")
    assert (status, "vat id unknown" in errors) == (1, True)


@pytest.mark.parametrize("name", ["@SUM(1)", "+49 Telefonbau", "-2-3"])
async def test_no_customers_name_is_calculated_by_a_spreadsheet(
    tmp_path: Path, database: Database, database_url: str, name: str
) -> None:
    address = BillingAddress.typed({**BILLING, "company": name})
    await billing.save(database, 4711, address, NOW)
    await bought(database)
    await work(database)
    days = ("--from", "2026-11-01", "--until", "2026-11-30")
    settings = environment(tmp_path, database_url)
    table = (await run(settings, "invoices", *days, "--csv"))[1]
    [invoice] = csv.DictReader(io.StringIO(table), delimiter=";")
    assert invoice["customer"] == f"'{name}"


async def test_without_a_seller_the_operator_is_told_that_invoices_wait(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    await bought(database)
    mails = {"CLOUDMATIC_PORTAL_MAIL_FOLDER": str(tmp_path / "mail")}
    settings = environment(tmp_path, database_url) | mails
    said = (await run(settings, "due", "--on", "2026-11-30", "--dry-run"))[1]
    assert "1 invoices wait for the seller's data (CLOUDMATIC_PORTAL_SELLER_FILE)" in said
    file = tmp_path / "seller.toml"
    file.write_text(
        'name = "Beispiel GmbH"\nstreet = "Weg 1"\npostcode = "24103"\ncity = "Kiel"\n'
        'email = "r@example.com"\ntax_number = "20/291/12345"\n',
        "utf-8",
    )
    told = settings | {"CLOUDMATIC_PORTAL_SELLER_FILE": str(file)}
    said = (await run(told, "due", "--on", "2026-11-30", "--dry-run"))[1]
    assert "invoice  done: RE-2026-000001 for" in said
