"""Access periods: who may use what from which day to which."""

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
    text,
)

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.ddl import forbid_overlap
from cloudmatic_portal.storage.tables.account import BIG

access_periods: Final = Table(
    "access_periods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("trial", Boolean(create_constraint=True, name="trial"), nullable=False),
    # What was bought; nothing for a trial and for what the operator gives.
    Column("order_item", BIG, ForeignKey("order_items.id")),
    # Days of grace while this item of a subscription is waited for. Once it is paid the days are
    # part of what it bought.
    Column("grace_for", BIG, ForeignKey("order_items.id")),
    CheckConstraint("last_day >= first_day", name="last_day"),
    CheckConstraint("order_item IS NULL OR grace_for IS NULL", name="grace_for"),
    Index(None, "account_id", "last_day"),
    # What runs today and what ends soon, of everybody.
    Index("ix_access_periods_ends", "last_day", "first_day", "product", "trial"),
    # What was paid once is active once.
    Index("uq_access_periods_order_item", "order_item", unique=True),
    Index("uq_access_periods_grace_for", "grace_for", unique=True),
    # A product is tried once.
    Index(
        "uq_access_periods_trial",
        "account_id",
        "product",
        unique=True,
        sqlite_where=text("trial"),
        postgresql_where=text("trial"),
    ),
)
forbid_overlap(access_periods, "account_id", "product", days=("first_day", "last_day"))
