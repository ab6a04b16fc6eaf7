"""The ledger: what became of every cent. Rows are added, never changed.

They go with their account, when nothing of it must be kept any more.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.ddl import append_only, of_forgotten
from cloudmatic_portal.storage.tables.account import BIG

ledger_entries: Final = Table(
    "ledger_entries",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    # Whose money it is; nothing: the account's balance.
    Column("order_id", BIG, ForeignKey("orders.id")),
    Column("payment_id", BIG, ForeignKey("payments.id")),
    Column("booked_at", UTCDateTime, nullable=False),
    # What names a refund or a return debit where it comes from: booked once.
    Column("source", String(200), unique=True),
    Column("note", String(200), nullable=False),
    CheckConstraint(
        "(kind IN ('payment', 'reversal') AND cents > 0)"
        " OR (kind IN ('charge', 'refund', 'return_debit') AND cents < 0)"
        " OR (kind IN ('moved', 'correction') AND cents <> 0)",
        name="kind",
    ),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("kind NOT IN ('charge', 'reversal') OR order_id IS NOT NULL", name="order_id"),
    # Money leaves from the balance only.
    CheckConstraint(
        "kind NOT IN ('refund', 'return_debit', 'correction') OR order_id IS NULL", name="balance"
    ),
    CheckConstraint(
        "kind NOT IN ('payment', 'return_debit') OR payment_id IS NOT NULL", name="payment_id"
    ),
    CheckConstraint(
        "(kind IN ('refund', 'return_debit', 'correction')) = (source IS NOT NULL)", name="source"
    ),
    Index(None, "account_id", "id"),
    Index(None, "order_id"),
    Index(None, "payment_id"),
    Index(
        "ix_ledger_entries_balance",
        "account_id",
        "cents",
        sqlite_where=text("order_id IS NULL"),
        postgresql_where=text("order_id IS NULL"),
    ),
    # Money that left us.
    Index(
        "ix_ledger_entries_gone",
        "booked_at",
        "cents",
        sqlite_where=text("kind IN ('refund', 'return_debit')"),
        postgresql_where=text("kind IN ('refund', 'return_debit')"),
    ),
    # A payment is used once for an order and once for the balance.
    Index(
        "uq_ledger_entries_payment_for_order",
        "payment_id",
        "order_id",
        unique=True,
        sqlite_where=text("kind = 'payment'"),
        postgresql_where=text("kind = 'payment'"),
    ),
    Index(
        "uq_ledger_entries_payment_for_balance",
        "payment_id",
        unique=True,
        sqlite_where=text("kind = 'payment' AND order_id IS NULL"),
        postgresql_where=text("kind = 'payment' AND order_id IS NULL"),
    ),
    # An order is charged once, and that is taken back once.
    Index(
        "uq_ledger_entries_charge",
        "order_id",
        "kind",
        unique=True,
        sqlite_where=text("kind IN ('charge', 'reversal')"),
        postgresql_where=text("kind IN ('charge', 'reversal')"),
    ),
)
append_only(ledger_entries, of_forgotten())
