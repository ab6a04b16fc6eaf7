"""Carts: one per account, each product and each voucher at most once in it."""

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
    # Grows with every change: of one revision there is one order.
    Column("revision", Integer, nullable=False, server_default="1"),
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
    Column("quantity", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    # The price as it was shown when the item was put here.
    Column("price_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
    CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
    CheckConstraint("kind IN ('single', 'subscription')", name="kind"),
    CheckConstraint("price_cents >= 0", name="price_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_basis_points"),
)

cart_vouchers: Final = Table(
    "cart_vouchers",
    metadata,
    Column(
        "cart",
        BIG,
        ForeignKey("carts.account_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("voucher", String(32), ForeignKey("vouchers.code"), primary_key=True),
    Column("added_at", UTCDateTime, nullable=False),
)
