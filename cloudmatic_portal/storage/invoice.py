"""Invoices and their documents: rows in, domain out. What is here never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, String, and_, bindparam, cast, exists, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import InvoiceDamaged
from cloudmatic_portal.domain.invoice import (
    Buyer,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceNumber,
    MissingInvoice,
)
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.storage.inserts import insert_or_change
from cloudmatic_portal.storage.tables import (
    accounts,
    due_actions,
    invoice_documents,
    invoice_series,
    invoices,
    orders,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An invoice that was issued, of which order."""

    invoice_id: int
    account_id: int
    order_id: int
    invoice: Invoice


async def next_number(connection: AsyncConnection, series: str) -> InvoiceNumber:
    """The next number of the series, held until the transaction ends: whoever wants one waits.

    If the transaction is rolled back the next one gets the same number.
    """
    first = {"series": series, "last_number": 1}
    number = (await connection.execute(_NEXT.on(connection), first)).scalar_one()
    return InvoiceNumber(series, number)


async def go_on_after(connection: AsyncConnection, number: InvoiceNumber) -> None:
    """Let the next number of the series be greater than `number`, at least."""
    known = {"series": number.series, "last_number": number.number, "given": number.number}
    await connection.execute(_GO_ON.on(connection), known)


async def last_numbers(connection: AsyncConnection) -> tuple[InvoiceNumber, ...]:
    """The last number of each series."""
    rows = await connection.execute(select(invoice_series).order_by(invoice_series.c.series))
    return tuple(InvoiceNumber(row.series, row.last_number) for row in rows)


async def add(
    connection: AsyncConnection,
    invoice: Invoice,
    order_id: int,
    document: bytes,
    now: datetime,
    corrects: int | None = None,
) -> int:
    """Store the invoice with its document; `corrects` is the id of the one that it takes back.

    Raises IntegrityError if the order has its invoice, or the invoice its credit note.
    """
    total = invoice.total
    row = {
        "series": invoice.number.series,
        "number": invoice.number.number,
        "kind": invoice.kind,
        "order_id": order_id,
        "account_id": invoice.buyer.account_id,
        "corrects": corrects,
        "issued_on": invoice.issued_on,
        "issued_at": now,
        "treatment": invoice.treatment,
        "currency": total.gross.currency,
        "net_cents": total.net.cents,
        "vat_cents": total.vat.cents,
        "gross_cents": total.gross.cents,
        "content": _text(invoice),
    }
    invoice_id: int = (await connection.execute(_ADD, row)).scalar_one()
    digest = hashlib.sha256(document).digest()
    await connection.execute(
        insert(invoice_documents),
        {"invoice_id": invoice_id, "sha256": digest, "content": document},
    )
    return invoice_id


async def of_order(connection: AsyncConnection, order_id: int, kind: InvoiceKind) -> Issued | None:
    this = (invoices.c.order_id == order_id, invoices.c.kind == kind)
    return await _one(connection, select(invoices).where(*this))


async def find(connection: AsyncConnection, number: InvoiceNumber) -> Issued | None:
    this = (invoices.c.series == number.series, invoices.c.number == number.number)
    return await _one(connection, select(invoices).where(*this))


async def of_account(connection: AsyncConnection, account_id: int, most: int) -> tuple[Issued, ...]:
    """The account's latest invoices and credit notes, the newest first."""
    query = select(invoices).where(invoices.c.account_id == account_id)
    rows = await connection.execute(query.order_by(invoices.c.id.desc()).limit(most))
    return tuple(map(_issued, rows))


async def between(connection: AsyncConnection, first: date, last: date) -> tuple[Issued, ...]:
    """All that were issued on these days, in the order of their numbers."""
    query = select(invoices).where(invoices.c.issued_on.between(first, last))
    rows = await connection.execute(query.order_by(invoices.c.series, invoices.c.number))
    return tuple(map(_issued, rows))


async def document(connection: AsyncConnection, invoice_id: int) -> bytes:
    """The document as it was issued. Raises LookupError, or InvoiceDamaged if it is another one."""
    query = select(invoice_documents).where(invoice_documents.c.invoice_id == invoice_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise LookupError(f"invoice {invoice_id} has no document")
    if hashlib.sha256(row.content).digest() != row.sha256:
        raise InvoiceDamaged(invoice_id)
    content: bytes = row.content
    return content


async def orders_without(connection: AsyncConnection, account_id: int) -> Iterable[int]:
    """The account's orders that should have an invoice and have none."""
    query = select(orders.c.id).where(orders.c.account_id == account_id, _WITHOUT)
    return (await connection.scalars(query)).all()


async def missing(
    connection: AsyncConnection, account_id: int | None = None
) -> tuple[MissingInvoice, ...]:
    """Orders that should have an invoice and have none, the oldest first.

    Those of one account, or else all but for those whose invoice is about to be issued.
    """
    wanted = due_actions.c.state.is_distinct_from("waiting")
    if account_id is not None:
        wanted = orders.c.account_id == account_id
    rows = await connection.execute(_MISSING.where(wanted).order_by(orders.c.activated_at))
    return tuple(map(_missing, rows))


async def _one(connection: AsyncConnection, query: Select[Any]) -> Issued | None:
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _issued(row)


def _issued(row: Row[Any]) -> Issued:
    return Issued(
        invoice_id=row.id,
        account_id=row.account_id,
        order_id=row.order_id,
        invoice=_invoice(json.loads(row.content)),
    )


def _missing(row: Row[Any]) -> MissingInvoice:
    return MissingInvoice(
        order_number=grouped(row.reference),
        account_id=row.account_id,
        account_deleted=row.deleted_at is not None,
        activated_on=berlin_day(row.activated_at),
        total=Money(row.total_cents, row.currency),
        why=row.why,
    )


def _text(invoice: Invoice) -> str:
    return json.dumps(asdict(invoice), ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _invoice(facts: dict[str, Any]) -> Invoice:
    """The invoice that `_text` wrote."""
    seller = facts["seller"]
    since = seller["one_stop_shop_from"]
    corrects = facts["corrects"]
    return Invoice(
        kind=facts["kind"],
        number=InvoiceNumber(**facts["number"]),
        issued_on=date.fromisoformat(facts["issued_on"]),
        language=facts["language"],
        order_number=facts["order_number"],
        seller=Seller(**seller | {"one_stop_shop_from": _day(since)}),
        buyer=Buyer(**facts["buyer"]),
        treatment=facts["treatment"],
        lines=tuple(map(_line, facts["lines"])),
        delivered_on=date.fromisoformat(facts["delivered_on"]),
        paid_on=_day(facts["paid_on"]),
        corrects=corrects
        and (InvoiceNumber(**corrects[0]), date.fromisoformat(corrects[1])),
    )  # fmt: skip


def _line(facts: dict[str, Any]) -> InvoiceLine:
    price, days = facts["price"], facts["days"]
    return InvoiceLine(
        **facts
        | {
            "price": Price(Money(**price["gross"]), price["vat_basis_points"]),
            "discount": Money(**facts["discount"]),
            "days": days and (date.fromisoformat(days[0]), date.fromisoformat(days[1])),
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_NEXT: Final = insert_or_change(
    invoice_series,
    {"last_number": invoice_series.c.last_number + 1},
    invoice_series.c.last_number,
)
_GO_ON: Final = insert_or_change(
    invoice_series, where=invoice_series.c.last_number < bindparam("given")
)
_ADD: Final = insert(invoices).returning(invoices.c.id)
_WITHOUT: Final = and_(
    orders.c.activated_at.is_not(None),
    orders.c.total_cents > 0,
    # Nobody needs an invoice and the credit note for it.
    orders.c.state != "refunded",
    ~exists().where(invoices.c.order_id == orders.c.id),
)
# By the action's key, which is unique: those of deleted accounts are gone.
_MISSING: Final[Select[Any]] = (
    select(
        orders.c.reference,
        orders.c.account_id,
        orders.c.activated_at,
        orders.c.total_cents,
        orders.c.currency,
        accounts.c.deleted_at,
        due_actions.c.why,
    )
    .join_from(orders, accounts)
    .outerjoin(due_actions, due_actions.c.key == literal("invoice:") + cast(orders.c.id, String))
    .where(_WITHOUT)
)
