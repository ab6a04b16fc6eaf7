"""Versions of the terms, which are never changed, and the orders that were made under them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

terms_versions: Final = Table(
    "terms_versions",
    metadata,
    # SHA-256 of both texts.
    Column("version", String(64), primary_key=True),
    Column("agb", Text, nullable=False),
    Column("widerruf", Text, nullable=False),
    # When the first order was made under it.
    Column("first_used_at", UTCDateTime, nullable=False),
    CheckConstraint("length(version) = 64", name="version"),
)

order_terms: Final = Table(
    "order_terms",
    metadata,
    # Not those that a subscription makes: what was agreed at its first order holds for them.
    Column("order_id", BIG, ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("version", String(64), ForeignKey("terms_versions.version"), nullable=False),
    # How many orders were made under each.
    Index(None, "version", "order_id"),
)
