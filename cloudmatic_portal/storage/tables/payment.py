"""Payments that have arrived. What they were used for is in the ledger."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

payments: Final = Table(
    "payments",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("method", String(16), nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    # The day on which the money arrived; booked is when we took note of it.
    Column("received_on", Date, nullable=False),
    Column("booked_at", UTCDateTime, nullable=False),
    # What names the payment where it comes from: booked once, however often it is brought.
    Column("source", String(200), unique=True, nullable=False),
    CheckConstraint("method IN ('transfer', 'paypal')", name="method"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("source <> ''", name="source"),
    Index(None, "account_id", "id"),
    Index("ix_payments_received_on", "received_on", "amount_cents"),
)
