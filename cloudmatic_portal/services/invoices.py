"""Invoices: issued when an order has become active, taken back by a credit note, shown.

Activation only plans them. The worker issues each in a transaction of its own: number, document
and mail are there together or not at all, and only invoices wait for each other's numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain import invoice as documents
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, done, dropped
from cloudmatic_portal.domain.errors import InvoiceUnknown
from cloudmatic_portal.domain.invoice import Invoice, InvoiceNumber, MissingInvoice, series
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import billing as stored_billing
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import payment as stored_payment
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.invoice import Issued

Writer = Callable[[Invoice, datetime], bytes]
"""Makes the document of an invoice, as of an instant. May take a tenth of a second."""

NEEDS_ADDRESS = "over 250 euros, and the customer has entered no address yet"

_MOST: Final = 100
"""How many of an account's documents are shown, the newest first."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who sells, and who writes the documents."""

    seller: Seller
    write: Writer


async def issue(connection: AsyncConnection, due: Due, office: Office, now: datetime) -> Outcome:
    """Issue the invoice of an order that has become active, as the worker's action `due`."""
    order = await stored_order.hold_by_id(connection, due.order_id or 0)
    account = await stored_account.find(connection, due.account_id)
    if order is None or account is None or order.activated_at is None:
        return dropped("the order is gone")
    if await stored_invoice.of_order(connection, order.order_id, "invoice"):
        return dropped("issued before")
    address = await stored_billing.find(connection, account.account_id)
    if address is None and documents.needs_address(order.total.gross):
        return dropped(NEEDS_ADDRESS)
    days = await stored_access.of_order(connection, order.order_id)
    paid_on = await stored_payment.last_arrival(connection, order.order_id)
    today = berlin_day(now)
    # The number comes last: until the transaction ends all other invoices wait for it.
    number = await stored_invoice.next_number(connection, series("invoice", today))
    invoice = documents.invoice(
        number,
        order,
        days,
        seller=office.seller,
        customer=account,
        address=address,
        issued_on=today,
        delivered_on=berlin_day(order.activated_at),
        paid_on=paid_on,
    )
    await _store(connection, invoice, order.order_id, account, office, now)
    if order.state == "refunded":
        # Its credit note came first and found no invoice. VAT that is shown is owed (§ 14c UStG).
        await credit(connection, order, now)
    return done(f"{number} for {order.number}")


async def take_back(
    connection: AsyncConnection, due: Due, office: Office, now: datetime
) -> Outcome:
    """Issue the credit note of an order's invoice, as the worker's action `due`."""
    account = await stored_account.find(connection, due.account_id)
    found = await stored_invoice.of_order(connection, due.order_id or 0, "invoice")
    if account is None or found is None:
        return dropped("the order has no invoice")
    if await stored_invoice.of_order(connection, found.order_id, "credit_note"):
        return dropped("issued before")
    today = berlin_day(now)
    number = await stored_invoice.next_number(connection, series("credit_note", today))
    note = documents.credit_note(number, found.invoice, office.seller, today)
    await _store(connection, note, found.order_id, account, office, now, corrects=found.invoice_id)
    return done(f"{number} for {found.invoice.number}")


async def credit(connection: AsyncConnection, order: Order, now: datetime) -> None:
    """Plan the credit note of an order that is paid back as a whole, in the caller's transaction.

    An invoice that is planned already is issued first, and taken back then: actions of one account
    are done in their order. One that comes later, as it failed, plans the credit note anew; one
    that waited for the address is not needed any more.
    """
    if order.total.gross.cents:
        note = rules.document("credit_note", order.account_id, order.order_id, now)
        await stored_due.plan(connection, [note])


async def plan_missing(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """Let invoices that waited for the customer's address be issued."""
    missing = await stored_invoice.orders_without(connection, account_id)
    await stored_due.plan(
        connection, [rules.document("invoice", account_id, order_id, now) for order_id in missing]
    )


async def of_account(database: Database, account_id: int) -> tuple[Invoice, ...]:
    """The account's latest invoices and credit notes, the newest first."""
    async with database.reading() as connection:
        found = await stored_invoice.of_account(connection, account_id, _MOST)
    return tuple(each.invoice for each in found)


async def of_order(database: Database, order: Order) -> tuple[Invoice, ...]:
    """The order's invoice, and what took it back."""
    async with database.reading() as connection:
        kinds = documents.INVOICE_KINDS
        found = [await stored_invoice.of_order(connection, order.order_id, kind) for kind in kinds]
    return tuple(each.invoice for each in found if each is not None)


async def wants_address(database: Database, order: Order) -> bool:
    """Whether the order's invoice needs an address that the customer has not entered yet."""
    if not documents.needs_address(order.total.gross) or order.state in {"cancelled", "refunded"}:
        return False
    async with database.reading() as connection:
        return await stored_billing.find(connection, order.account_id) is None


async def missing(database: Database) -> tuple[MissingInvoice, ...]:
    """All orders that should have an invoice, have none, and for which none is planned."""
    async with database.reading() as connection:
        return await stored_invoice.missing(connection)


async def waiting_for_address(database: Database, account_id: int) -> tuple[MissingInvoice, ...]:
    """Invoices of the account that are not issued until its address is known."""
    async with database.reading() as connection:
        if await stored_billing.find(connection, account_id) is not None:
            return ()
        found = await stored_invoice.missing(connection, account_id)
    return tuple(each for each in found if each.needs_address)


async def show(database: Database, number: str, account_id: int | None = None) -> bytes:
    """The document with that number (in any spelling), as it was issued.

    Without an account it may be anybody's: the operator asks. Raises InvoiceUnknown, also for
    somebody else's, or InvoiceDamaged.
    """
    async with database.reading() as connection:
        found = await _find(connection, number, account_id)
        return await stored_invoice.document(connection, found.invoice_id)


async def between(database: Database, first: date, last: date) -> tuple[Invoice, ...]:
    """All invoices and credit notes of these days, in the order of their numbers."""
    async with database.reading() as connection:
        found = await stored_invoice.between(connection, first, last)
    return tuple(each.invoice for each in found)


async def _find(connection: AsyncConnection, number: str, account_id: int | None) -> Issued:
    known = InvoiceNumber.read(number)
    found = await stored_invoice.find(connection, known) if known else None
    if found is None or account_id not in {None, found.account_id}:
        raise InvoiceUnknown(number)
    return found


async def _store(  # noqa: PLR0913 - what is stored, for whom
    connection: AsyncConnection,
    invoice: Invoice,
    order_id: int,
    account: Account,
    office: Office,
    now: datetime,
    *,
    corrects: int | None = None,
) -> None:
    """Write the document and keep it, and mail it to the customer, if there still is one."""
    # In a thread: pages are answered meanwhile.
    document = await asyncio.to_thread(office.write, invoice, now)
    invoice_id = await stored_invoice.add(connection, invoice, order_id, document, now, corrects)
    if account.deleted:
        return
    mail = NewMail(
        kind=invoice.kind,
        recipient=account.email,
        language=invoice.language,
        facts={
            "account": account.account_id,
            "user_name": account.user_name,
            "number": str(invoice.number),
            "order": invoice.order_number,
            "total": invoice.total.gross.cents,
            "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else None,
            "corrects": str(invoice.corrects[0]) if invoice.corrects else None,
        },
        key=f"{invoice.kind}:{invoice.number}",
        account_id=account.account_id,
        invoice_id=invoice_id,
    )
    await stored_mail.add(connection, mail, now)
