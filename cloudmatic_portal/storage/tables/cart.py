"""Carts: one per account, each product at most once in it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

carts: Final = Table(
    "carts",
    metadata,
    Column("account_id", BIG, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("created_at", UTCDateTime, nullable=False),
)

cart_items: Final = Table(
    "cart_items",
    metadata,
    Column(
        "cart",
        BIG,
        ForeignKey("carts.account_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("product", String(32), ForeignKey("products.code"), primary_key=True),
    Column("months", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    # The price as it was shown when the item was put here.
    Column("price_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
    CheckConstraint("months BETWEEN 1 AND 60", name="months"),
    CheckConstraint("kind IN ('single', 'subscription')", name="kind"),
    CheckConstraint("price_cents >= 0", name="price_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_basis_points"),
)
