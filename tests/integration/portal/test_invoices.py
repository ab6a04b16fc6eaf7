"""Invoices: one for each order that cost something, with document and mail, and what follows."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.errors import InvoiceDamaged, InvoiceUnknown, VatIdUnknown
from cloudmatic_portal.domain.invoice import Invoice, InvoiceNumber
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import billing, invoices
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.mailing import deliver_due
from cloudmatic_portal.services.worker import Worked, Worker
from cloudmatic_portal.storage import billing as stored_billing
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import due_actions, invoice_documents
from cloudmatic_portal.storage.tables import invoices as table
from cloudmatic_portal.web import invoice_sheet
from cloudmatic_portal.web.mails import MailWriter
from tests.integration.portal import purchases
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.world import NOW, TODAY, random_bytes
from tests.invoicing import SELLER

OFFICE = Office(SELLER, invoice_sheet.write)
WORKER = Worker(HOUSE, random_bytes, OFFICE)
HOME = BillingAddress(
    name="Max Muster",
    company="",
    street="Lange Straße 7",
    postcode="10115",
    city="Berlin",
    country="DE",
    vat_id="",
)
VIENNA = replace(HOME, city="Wien", postcode="1010", country="AT", vat_id="ATU13585627")


async def work(database: Database, worker: Worker = WORKER) -> list[Worked]:
    """Do what is due; return what became of invoices."""
    done = []
    while (worked := await worker.work(database, NOW)) is not None:
        done.append(worked)
    return [each for each in done if each.due.kind in {"invoice", "credit_note"}]


async def bought(database: Database, product: str = "complete", quantity: int = 12) -> str:
    """Buy it and pay; return the order's reference."""
    agreed = await purchases.fill(database, product=product, quantity=quantity)
    reference = await purchases.buy(database, agreed)
    await purchases.pay(database, reference)
    return reference


async def bought_dearly(database: Database) -> str:
    """An order of more than 250 euros, paid; its reference."""
    for product, quantity in (("fullservice", 24), ("complete", 24), ("smarthome", 24)):
        agreed = await purchases.fill(database, product=product, quantity=quantity)
    assert agreed.total.gross.cents > 25_000
    reference = await purchases.buy(database, agreed)
    await purchases.pay(database, reference)
    return reference


async def credit(database: Database, reference: str) -> None:
    async with database.writing() as connection:
        order = await stored_order.hold(connection, reference)
        assert order is not None
        await invoices.credit(connection, order, NOW)


async def issued(database: Database) -> list[Invoice]:
    """Oldest first."""
    return list(await invoices.of_account(database, purchases.ACCOUNT))[::-1]


async def rows(database: Database, query: Any) -> list[Any]:
    async with database.reading() as connection:
        return list((await connection.execute(query)).all())


async def test_an_order_that_is_paid_gets_its_invoice(database: Database) -> None:
    reference = await bought(database)
    assert await issued(database) == []
    [worked] = await work(database)
    [invoice] = await issued(database)
    order = await purchases.find(database, reference)
    assert (str(invoice.number), worked.outcome.state) == ("RE-2026-000001", "done")
    assert (invoice.order_number, invoice.total) == (order.number, order.total)
    assert invoice.lines[0].days == order.lines[0].days
    assert (invoice.issued_on, invoice.delivered_on) == (TODAY, TODAY)
    assert invoice.paid_on == TODAY - timedelta(days=1)
    assert invoice.seller == SELLER
    assert await work(database) == []


async def test_its_document_is_kept_as_it_was_sent(database: Database) -> None:
    await bought(database)
    await work(database)
    document = await invoices.show(database, "re-2026-000001", purchases.ACCOUNT)
    [kept] = await rows(database, select(invoice_documents))
    assert kept.sha256 == hashlib.sha256(document).digest()
    said = PdfReader(io.BytesIO(document)).pages[0].extract_text()
    [invoice] = await issued(database)
    assert invoice.order_number in said
    # What is in the database says the same as the document, word for word.
    assert invoice_sheet.write(invoice, NOW)[:4] == b"%PDF"
    assert PdfReader(io.BytesIO(invoice_sheet.write(invoice, NOW))).pages[0].extract_text() == said


async def test_the_customer_gets_it_by_mail_once(database: Database) -> None:
    await bought(database)
    await work(database)
    sent: list[EmailMessage] = []

    class Box:
        async def send(self, message: EmailMessage) -> None:
            sent.append(message)

    writer = MailWriter("https://portal.example", "CloudMatic <noreply@portal.example>")
    while await deliver_due(database, Box(), writer, now=NOW):
        pass
    [mail] = [each for each in sent if "Rechnung" in each["Subject"]]
    assert mail["Subject"] == "Ihre CloudMatic-Rechnung RE-2026-000001"
    [attached] = list(mail.iter_attachments())
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "RE-2026-000001.pdf"
    assert attached.get_payload(decode=True) == await invoices.show(database, "RE-2026-000001")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Sie wurde am 22.11.2026 bezahlt" in body.get_content()
    assert mail.get_body(("html",)) is not None


async def test_what_cost_nothing_gets_none(database: Database) -> None:
    gift = Voucher(code="UMSONST-1", kind="percent", value=10_000, valid_from=TODAY)
    agreed = await purchases.fill(database, voucher=await purchases.add_voucher(database, gift))
    await purchases.buy(database, agreed)
    assert await work(database) == []
    assert await issued(database) == []


async def test_without_a_seller_invoices_wait_and_nothing_else_does(database: Database) -> None:
    await bought(database)
    nobody = Worker(HOUSE, random_bytes)
    later = NOW + timedelta(days=400)
    kinds = []
    while (worked := await nobody.work(database, later)) is not None:
        kinds.append(worked.due.kind)
    assert "reminder_last" in kinds
    assert "invoice" not in kinds
    async with database.writing() as connection:
        foreseen = [each async for each in nobody.foresee(connection, later, NOW)]
    assert foreseen == []
    # Once it is said who sells, they are issued.
    [worked] = await work(database)
    assert worked.outcome.state == "done"


async def test_a_new_address_leaves_invoices_as_they_are(database: Database) -> None:
    await bought(database)
    await work(database)
    before = await invoices.show(database, "RE-2026-000001")
    await billing.save(database, purchases.ACCOUNT, HOME, NOW)
    assert await work(database) == []
    assert await invoices.show(database, "RE-2026-000001") == before
    await bought(database)
    await work(database)
    assert [each.buyer.called for each in await issued(database)] == ["maxmuster", "Max Muster"]


async def test_a_confirmed_business_abroad_owes_the_vat_itself(database: Database) -> None:
    await billing.save(database, purchases.ACCOUNT, VIENNA, NOW)
    await bought(database)
    await work(database)
    await billing.confirm(database, purchases.ACCOUNT, VIENNA.vat_id, TODAY)
    # The same customer may move; another number is another question.
    await billing.save(database, purchases.ACCOUNT, replace(VIENNA, street="Ring 2"), NOW)
    await bought(database)
    await work(database)
    await billing.save(database, purchases.ACCOUNT, replace(VIENNA, vat_id="ATU66664013"), NOW)
    await bought(database)
    await work(database)
    found = [each.treatment for each in await issued(database)]
    assert found == ["domestic", "reverse_charge", "domestic"]
    with pytest.raises(VatIdUnknown):
        await billing.confirm(database, purchases.ACCOUNT, VIENNA.vat_id, TODAY)


@pytest.mark.parametrize("which", [table, invoice_documents], ids=lambda each: each.name)
async def test_what_was_issued_cannot_be_changed_or_deleted(database: Database, which: Any) -> None:
    await bought(database)
    await work(database)
    column = "content"
    for change in (update(which).values({column: which.c[column]}), delete(which)):
        with pytest.raises(DBAPIError, match=f"{which.name}_append_only"):
            async with database.writing() as connection:
                await connection.execute(change)


async def test_a_confirmation_is_not_lost_while_the_address_is_saved(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(*facts: Any) -> None:
        confirm = billing.confirm(database, purchases.ACCOUNT, VIENNA.vat_id, TODAY)
        confirming.append(asyncio.create_task(confirm))
        await asyncio.wait(confirming, timeout=1)
        await usual(*facts)

    await billing.save(database, purchases.ACCOUNT, VIENNA, NOW)
    usual, confirming = stored_billing.put, list[asyncio.Task[None]]()
    monkeypatch.setattr(stored_billing, "put", slowly)
    await billing.save(database, purchases.ACCOUNT, replace(VIENNA, street="Ring 2"), NOW)
    await asyncio.gather(*confirming)
    kept = await billing.find(database, purchases.ACCOUNT)
    assert kept is not None
    assert (kept.street, kept.vat_id_confirmed_on) == ("Ring 2", TODAY)


async def test_a_document_that_somebody_has_changed_is_not_shown(database: Database) -> None:
    await bought(database)
    await work(database)
    async with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            await connection.execute(text("DROP TRIGGER invoice_documents_append_only_update"))
        await connection.execute(update(invoice_documents).values(content=b"%PDF-forged"))
    with pytest.raises(InvoiceDamaged):
        await invoices.show(database, "RE-2026-000001")


@pytest.mark.parametrize("number", ["RE-2026-000002", "RE-2026-1", "", "' OR 1=1"])
async def test_there_is_no_such_invoice(database: Database, number: str) -> None:
    await bought(database)
    await work(database)
    with pytest.raises(InvoiceUnknown):
        await invoices.show(database, number)


async def test_somebody_elses_is_unknown(database: Database) -> None:
    await bought(database)
    await work(database)
    with pytest.raises(InvoiceUnknown):
        await invoices.show(database, "RE-2026-000001", 4712)


async def test_each_year_begins_its_own_series(database: Database) -> None:
    await bought(database)
    await work(database)
    async with database.writing() as connection:
        for series in ("RE-2027", "RE-2026", "ST-2026"):
            number = await stored_invoice.next_number(connection, series)
            assert number == InvoiceNumber(series, 2 if series == "RE-2026" else 1)
        await connection.rollback()
    found = await invoices.between(database, date(2026, 1, 1), date(2026, 12, 31))
    assert [str(each.number) for each in found] == ["RE-2026-000001"]
    assert await invoices.between(database, date(2027, 1, 1), date(2027, 12, 31)) == ()


async def test_an_invoice_that_cannot_be_written_is_tried_again_and_leaves_no_gap(
    database: Database,
) -> None:
    def fail(invoice: Invoice, _: Any) -> bytes:
        raise ValueError(str(invoice.number))

    await bought(database)
    broken = Worker(HOUSE, random_bytes, Office(SELLER, fail))
    [worked] = await work(database, broken)
    assert (worked.outcome.state, worked.outcome.why) == ("waiting", "ValueError")
    assert await rows(database, select(table)) == []
    async with database.writing() as connection:
        await connection.execute(update(due_actions).values(due_at=NOW))
    await work(database)
    assert [str(each.number) for each in await issued(database)] == ["RE-2026-000001"]
