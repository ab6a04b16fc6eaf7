"""What is under way at PayPal, and what PayPal has told us."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
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

_BUSY: Final = text("state IN ('capturing', 'pending')")
_LOOK: Final = text("check_at IS NOT NULL")

paypal_checkouts: Final = Table(
    "paypal_checkouts",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("order_id", BIG, ForeignKey("orders.id"), nullable=False),
    # The attempts at one order of ours; each is one order at PayPal.
    Column("number", Integer, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    # The address space that the customer comes back to.
    Column("place", String(16), nullable=False),
    Column("paypal_id", String(64), unique=True),
    Column("state", String(16), nullable=False),
    # How often PayPal has said no to taking the money: the next request is another one.
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("created_at", UTCDateTime, nullable=False),
    # When to ask PayPal what has become of it, and how often that was done.
    Column("check_at", UTCDateTime),
    Column("checks", Integer, nullable=False, server_default="0"),
    UniqueConstraint("order_id", "number"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("place IN ('login', 'booking')", name="place"),
    CheckConstraint(
        "state IN ('created', 'capturing', 'pending', 'captured', 'gone')", name="state"
    ),
    CheckConstraint("state = 'created' OR paypal_id IS NOT NULL", name="paypal_id"),
    # Of one order of ours, money is taken in one attempt at a time.
    Index(
        "uq_paypal_checkouts_busy",
        "order_id",
        unique=True,
        sqlite_where=_BUSY,
        postgresql_where=_BUSY,
    ),
    Index("ix_paypal_checkouts_check", "check_at", sqlite_where=_LOOK, postgresql_where=_LOOK),
)

paypal_agreements: Final = Table(
    "paypal_agreements",
    metadata,
    Column("id", BIG, primary_key=True),
    # The order that it was set up with; its subscription is the one that is paid.
    Column("order_id", BIG, ForeignKey("orders.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # What is paid at once; later payments are the plan's.
    Column("amount_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("place", String(16), nullable=False),
    Column("plan_id", String(64), nullable=False),
    Column("starts_at", UTCDateTime, nullable=False),
    Column("paypal_id", String(64), unique=True),
    Column("state", String(16), nullable=False),
    # What PayPal is still to be told.
    Column("wanted", String(16)),
    Column("created_at", UTCDateTime, nullable=False),
    Column("check_at", UTCDateTime),
    Column("checks", Integer, nullable=False, server_default="0"),
    UniqueConstraint("order_id", "number"),
    CheckConstraint("amount_cents > 0", name="amount_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("place IN ('login', 'booking')", name="place"),
    CheckConstraint("state IN ('created', 'active', 'suspended', 'ended')", name="state"),
    CheckConstraint("state IN ('created', 'ended') OR paypal_id IS NOT NULL", name="paypal_id"),
    CheckConstraint("wanted IN ('cancel', 'suspend', 'activate')", name="wanted"),
    Index("ix_paypal_agreements_check", "check_at", sqlite_where=_LOOK, postgresql_where=_LOOK),
)

paypal_plans: Final = Table(
    "paypal_plans",
    metadata,
    # Which PayPal account it is of: plans of the sandbox are none elsewhere.
    Column("site", String(64), primary_key=True),
    Column("product", String(32), ForeignKey("products.code"), primary_key=True),
    Column("months", Integer, primary_key=True),
    Column("price_cents", Integer, primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("plan_id", String(64), nullable=False),
    CheckConstraint("months BETWEEN 1 AND 12", name="months"),
    CheckConstraint("price_cents > 0", name="price_cents"),
)

paypal_events: Final = Table(
    "paypal_events",
    metadata,
    # PayPal's id of the event: told once, however often it is delivered.
    Column("id", String(64), primary_key=True),
    Column("event_type", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64)),
    Column("parent", String(64)),
    Column("amount_cents", Integer),
    Column("currency", String(3)),
    Column("day", Date),
    Column("received_at", UTCDateTime, nullable=False),
    # waiting: money went back of which we do not know yet that it came.
    Column("state", String(16), nullable=False),
    Column("why", String(200), nullable=False),
    CheckConstraint("state IN ('waiting', 'done', 'ignored', 'unclear')", name="state"),
    CheckConstraint("(amount_cents IS NULL) = (currency IS NULL)", name="currency"),
    Index(
        "ix_paypal_events_waiting",
        "parent",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(None, "received_at"),
)
