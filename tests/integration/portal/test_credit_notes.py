"""What takes an invoice back: once, and also if the invoice comes late."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from cloudmatic_portal.domain.invoice import Invoice, InvoiceNumber
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import billing, invoices, orders
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import due_actions, mails
from tests.integration.portal import purchases
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.test_invoices import (
    HOME,
    bought,
    bought_dearly,
    credit,
    issued,
    rows,
    work,
)
from tests.integration.portal.world import NOW, TODAY, random_bytes
from tests.invoicing import SELLER


async def test_an_invoice_is_taken_back_once_by_a_number_of_its_own(database: Database) -> None:
    reference = await bought(database)
    await work(database)
    await credit(database, reference)
    await credit(database, reference)
    [worked] = await work(database)
    assert worked.outcome.why == "ST-2026-000001 for RE-2026-000001"
    invoice, note = await issued(database)
    assert (note.kind, note.total) == ("credit_note", invoice.total)
    assert note.corrects == (InvoiceNumber("RE-2026", 1), TODAY)
    kinds = [row.kind for row in await rows(database, select(mails).order_by(mails.c.id))]
    assert kinds[-2:] == ["invoice", "credit_note"]
    order = await purchases.find(database, reference)
    assert await invoices.of_order(database, order) == (invoice, note)


async def test_what_is_taken_back_before_it_was_issued_is_issued_first(database: Database) -> None:
    await credit(database, await bought(database))
    assert [each.due.kind for each in await work(database)] == ["invoice", "credit_note"]
    assert [each.kind for each in await issued(database)] == ["invoice", "credit_note"]


async def test_a_refunded_order_whose_invoice_waited_for_the_address_gets_neither(
    database: Database,
) -> None:
    reference = await bought_dearly(database)
    await work(database)
    await orders.refund(database, reference, NOW)
    assert [each.outcome.state for each in await work(database)] == ["dropped"]
    await billing.save(database, purchases.ACCOUNT, HOME, NOW)
    assert await work(database) == []
    assert await issued(database) == []


async def test_a_refunded_order_whose_invoice_failed_at_first_gets_both(
    database: Database,
) -> None:
    def fail(invoice: Invoice, _: Any) -> bytes:
        raise ValueError(str(invoice.number))

    reference = await bought(database)
    await orders.refund(database, reference, NOW)
    broken = Worker(HOUSE, random_bytes, Office(SELLER, fail))
    assert [each.outcome.state for each in await work(database, broken)] == ["waiting", "dropped"]
    async with database.writing() as connection:
        waiting = due_actions.c.state == "waiting"
        await connection.execute(update(due_actions).where(waiting).values(due_at=NOW))
    assert [each.outcome.state for each in await work(database)] == ["done", "done"]
    assert [each.kind for each in await issued(database)] == ["invoice", "credit_note"]


async def test_an_order_that_cost_nothing_has_nothing_to_take_back(database: Database) -> None:
    gift = Voucher(code="UMSONST-1", kind="percent", value=10_000, valid_from=TODAY)
    agreed = await purchases.fill(database, voucher=await purchases.add_voucher(database, gift))
    await credit(database, await purchases.buy(database, agreed))
    assert await work(database) == []
