"""Subscriptions: what is ordered anew at each end, on the calendar of its anchor."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

subscriptions: Final = Table(
    "subscriptions",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    Column("months", Integer, nullable=False),
    # Period n begins `free_months + n * months` after the anchor (the first one on it).
    Column("anchor", Date, nullable=False),
    Column("free_months", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    CheckConstraint("months BETWEEN 1 AND 60", name="months"),
    CheckConstraint("free_months BETWEEN 0 AND 120", name="free_months"),
    Index(None, "account_id"),
)
