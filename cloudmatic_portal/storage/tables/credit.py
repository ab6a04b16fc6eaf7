"""Credit for messages: what was added and used; the sum is what is left."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

credit_entries: Final = Table(
    "credit_entries",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    Column("messages", Integer, nullable=False),
    Column("order_item", BIG, ForeignKey("order_items.id")),
    Column("made_at", UTCDateTime, nullable=False),
    CheckConstraint("messages <> 0", name="messages"),
    Index(None, "account_id"),
    Index("uq_credit_entries_order_item", "order_item", unique=True),
)
