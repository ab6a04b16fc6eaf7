"""Vouchers, and the orders that redeemed them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

vouchers: Final = Table(
    "vouchers",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("value", Integer, nullable=False),
    Column("account_id", BIG, ForeignKey("accounts.id")),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("max_redemptions", Integer),
    Column("per_account", Integer),
    Column("combinable", Boolean(create_constraint=True, name="combinable"), nullable=False),
    Column("active", Boolean(create_constraint=True, name="active"), nullable=False),
    # Counted up and down in the same transaction as the redemption. The constraint below is what
    # keeps any number of customers at once from redeeming it once too often.
    Column("redeemed", Integer, nullable=False, server_default="0"),
    CheckConstraint("length(code) BETWEEN 3 AND 32 AND code = upper(code)", name="code"),
    CheckConstraint("kind IN ('months', 'percent', 'amount')", name="kind"),
    CheckConstraint("value >= 1 AND (kind <> 'percent' OR value <= 10000)", name="value"),
    CheckConstraint("valid_until >= valid_from", name="valid_until"),
    CheckConstraint("max_redemptions >= 1", name="max_redemptions"),
    CheckConstraint("per_account >= 1", name="per_account"),
    CheckConstraint("redeemed >= 0 AND redeemed <= max_redemptions", name="redeemed"),
)

voucher_products: Final = Table(
    "voucher_products",
    metadata,
    Column("voucher", String(32), ForeignKey("vouchers.code"), primary_key=True),
    Column("product", String(32), ForeignKey("products.code"), primary_key=True),
)

# Vouchers that were made many at once.
voucher_batches: Final = Table(
    "voucher_batches",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("made_at", UTCDateTime, nullable=False),
    CheckConstraint("name <> ''", name="name"),
)

batch_vouchers: Final = Table(
    "batch_vouchers",
    metadata,
    Column("voucher", String(32), ForeignKey("vouchers.code"), primary_key=True),
    Column("batch", BIG, ForeignKey("voucher_batches.id"), nullable=False),
    Index(None, "batch", "voucher"),
)

voucher_redemptions: Final = Table(
    "voucher_redemptions",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("voucher", String(32), ForeignKey("vouchers.code"), nullable=False),
    Column("order_id", BIG, ForeignKey("orders.id"), nullable=False),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    # The account's first, second, … use of the voucher.
    Column("use_number", Integer, nullable=False),
    Column("saved_cents", Integer, nullable=False),
    # Of an order that was cancelled: the voucher may be used again.
    Column("given_back_at", UTCDateTime),
    UniqueConstraint("voucher", "order_id"),
    CheckConstraint("saved_cents >= 0", name="saved_cents"),
    CheckConstraint("use_number >= 1", name="use_number"),
    Index(None, "order_id"),
    Index(
        "uq_voucher_redemptions_use",
        "account_id",
        "voucher",
        "use_number",
        unique=True,
        sqlite_where=text("given_back_at IS NULL"),
        postgresql_where=text("given_back_at IS NULL"),
    ),
)
