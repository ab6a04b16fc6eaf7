"""Invoices and credit notes, and the documents that were sent: written once, never changed.

They go with their account, when nothing of it must be kept any more.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.ddl import append_only, of_forgotten
from cloudmatic_portal.storage.tables.account import BIG

_INVOICE: Final = text("kind = 'invoice'")

# The last number of each series. Whoever issues a document holds the row until it is committed, so
# that a number that was taken and rolled back is taken again by the next one: no gaps.
invoice_series: Final = Table(
    "invoice_series",
    metadata,
    Column("series", String(16), primary_key=True),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 1", name="last_number"),
)

invoices: Final = Table(
    "invoices",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("series", String(16), ForeignKey("invoice_series.series"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("order_id", BIG, ForeignKey("orders.id"), nullable=False),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    # The invoice that a credit note takes back: each one once.
    Column("corrects", BIG, ForeignKey("invoices.id"), unique=True),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", UTCDateTime, nullable=False),
    Column("treatment", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("net_cents", Integer, nullable=False),
    Column("vat_cents", Integer, nullable=False),
    Column("gross_cents", Integer, nullable=False),
    # All that the document says, as JSON.
    Column("content", Text, nullable=False),
    UniqueConstraint("series", "number"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    CheckConstraint("(kind = 'credit_note') = (corrects IS NOT NULL)", name="corrects"),
    CheckConstraint(
        "treatment IN ('domestic', 'one_stop_shop', 'reverse_charge', 'third_country')",
        name="treatment",
    ),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("net_cents + vat_cents = gross_cents", name="gross_cents"),
    CheckConstraint("gross_cents > 0", name="positive"),
    Index("uq_invoices_order", "order_id", unique=True, sqlite_where=_INVOICE,
          postgresql_where=_INVOICE),
    Index(None, "account_id", "id"),
    Index(None, "issued_on"),
)  # fmt: skip

invoice_documents: Final = Table(
    "invoice_documents",
    metadata,
    Column("invoice_id", BIG, ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    # Of `content`, so that anybody can tell whether it still is what was sent.
    Column("sha256", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint("length(sha256) = 32", name="sha256"),
    CheckConstraint("length(content) > 0", name="content"),
)

append_only(invoices, of_forgotten())
append_only(
    invoice_documents,
    of_forgotten("(SELECT account_id FROM invoices WHERE invoices.id = OLD.invoice_id)"),
)
