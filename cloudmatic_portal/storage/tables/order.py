"""Orders: a snapshot of what was agreed, and what has become of it."""

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
    UniqueConstraint,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.ddl import forbid_shared
from cloudmatic_portal.storage.tables.account import BIG

FIRST_PERIOD: Final = "coalesce(period_number, 0) = 0"
"""Items that begin a subscription, or will do so."""

orders: Final = Table(
    "orders",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("reference", String(9), nullable=False, unique=True),
    # The revision of the cart that was bought: whoever buys it again gets the same order.
    # Nothing for an order that a subscription makes.
    Column("cart_revision", Integer),
    Column("state", String(16), nullable=False),
    Column("method", String(16), nullable=False),
    Column("entered_by", String(16)),
    # The booking-only session that made it, and may look at it (SHA-256 of its token).
    Column("session_hash", LargeBinary),
    Column("language", String(2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total_cents", Integer, nullable=False),
    Column("paid_cents", Integer, nullable=False, server_default="0"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("pay_until", Date, nullable=False),
    Column("activated_at", UTCDateTime),
    Column("ended_at", UTCDateTime),
    UniqueConstraint("account_id", "cart_revision"),
    CheckConstraint("length(reference) = 9", name="reference"),
    CheckConstraint(
        "state IN ('open', 'paid', 'active', 'cancelled', 'expired', 'refunded')", name="state"
    ),
    CheckConstraint(
        "method IN ('transfer', 'standing_order', 'paypal', 'paypal_agreement', 'balance', 'none')",
        name="method",
    ),
    CheckConstraint("entered_by IN ('login', 'booking')", name="entered_by"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("total_cents >= 0", name="total_cents"),
    # What the order holds of its price. What is more, or not owed, is the account's balance.
    CheckConstraint("paid_cents BETWEEN 0 AND total_cents", name="paid_cents"),
    CheckConstraint(
        "state NOT IN ('cancelled', 'refunded') OR paid_cents = 0", name="nothing_held"
    ),
    # Nothing is active that is not paid, and what is paid in full does not wait.
    CheckConstraint(
        "state NOT IN ('paid', 'active') OR paid_cents >= total_cents", name="paid_in_full"
    ),
    CheckConstraint(
        "state NOT IN ('open', 'expired') OR paid_cents < total_cents", name="waiting_for_payment"
    ),
    CheckConstraint("(state = 'active') <= (activated_at IS NOT NULL)", name="activated_at"),
    CheckConstraint("method <> 'none' OR total_cents = 0", name="nothing_to_pay"),
    CheckConstraint("length(session_hash) = 32", name="session_hash"),
    Index(None, "account_id", "id"),
    Index(None, "state", "pay_until"),
    # For counting who orders by which way, and how many pay.
    Index(
        "ix_orders_entered",
        "created_at",
        "entered_by",
        "state",
        "session_hash",
        sqlite_where=text("entered_by IS NOT NULL"),
        postgresql_where=text("entered_by IS NOT NULL"),
    ),
)

order_items: Final = Table(
    "order_items",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("order_id", BIG, ForeignKey("orders.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    # The name as it was then.
    Column("name", String(200), nullable=False),
    Column("product_kind", String(16), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("free_months", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("list_cents", Integer, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    Column("subscription_id", BIG, ForeignKey("subscriptions.id")),
    Column("period_number", Integer),
    # What customers write on transfers for the subscription that it is a period of. It is looked
    # up here, as standing orders are set up before the subscription has begun.
    Column("subscription_reference", String(9)),
    UniqueConstraint("order_id", "position"),
    UniqueConstraint("subscription_id", "period_number"),
    Index(
        "uq_order_items_subscription_reference",
        "subscription_reference",
        unique=True,
        sqlite_where=text(FIRST_PERIOD),
        postgresql_where=text(FIRST_PERIOD),
    ),
    # Each new order asks whether its reference is a subscription's.
    Index(
        "ix_order_items_subscription_reference",
        "subscription_reference",
        sqlite_where=text("subscription_reference IS NOT NULL"),
        postgresql_where=text("subscription_reference IS NOT NULL"),
    ),
    CheckConstraint("product_kind IN ('package', 'credit')", name="product_kind"),
    CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
    CheckConstraint("free_months BETWEEN 0 AND 120", name="free_months"),
    CheckConstraint("kind IN ('single', 'subscription')", name="kind"),
    CheckConstraint("price_cents BETWEEN 0 AND list_cents", name="price_cents"),
    CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_basis_points"),
    CheckConstraint("(subscription_id IS NULL) = (period_number IS NULL)", name="period_number"),
)
# Money is told by what is written on its transfer: one reference means one thing.
forbid_shared(orders, "reference", order_items, "subscription_reference")
