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
    # What customers write on transfers for it, for ever; never an order's number.
    Column("reference", String(9), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    Column("months", Integer, nullable=False),
    # The price that was agreed; it holds until the customer changes package or term.
    Column("price_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    Column("method", String(16), nullable=False),
    # Period `first_number` begins on the anchor; all others are counted from there.
    Column("anchor", Date, nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("free_months", Integer, nullable=False),
    # What the customer wants from the next period on.
    Column("next_product", String(32), ForeignKey("products.code")),
    Column("next_months", Integer),
    Column("next_price_cents", Integer),
    Column("next_vat_basis_points", Integer),
    Column("created_at", UTCDateTime, nullable=False),
    CheckConstraint("state IN ('active', 'paused', 'cancelled')", name="state"),
    CheckConstraint("months BETWEEN 1 AND 60", name="months"),
    CheckConstraint("price_cents >= 0", name="price_cents"),
    CheckConstraint("length(reference) = 9", name="reference"),
    CheckConstraint(
        "method IN ('transfer', 'standing_order', 'paypal', 'paypal_agreement', 'balance', 'none')",
        name="method",
    ),
    CheckConstraint("free_months BETWEEN 0 AND 120", name="free_months"),
    CheckConstraint("next_months BETWEEN 1 AND 60", name="next_months"),
    CheckConstraint(
        "(next_product IS NULL) = (next_months IS NULL) "
        "AND (next_product IS NULL) = (next_price_cents IS NULL) "
        "AND (next_product IS NULL) = (next_vat_basis_points IS NULL)",
        name="next_plan",
    ),
    Index(None, "account_id"),
)
