"""Gateways, and whose access has changed since they asked."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, text

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.ddl import note_changes
from cloudmatic_portal.storage.tables.access import access_periods
from cloudmatic_portal.storage.tables.account import BIG

UNNUMBERED: Final = "number IS NULL"

gateways: Final = Table(
    "gateways",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(31), nullable=False, unique=True),
    # How often its credentials were made anew: the old ones are worth nothing then.
    Column("serial", Integer, nullable=False),
    Column("webhook", String(500)),
    # Up to which change it was told; what did not get there is tried again at next_attempt_at.
    Column("notified", BIG, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UTCDateTime, nullable=False),
    Column("told_at", UTCDateTime),
    Column("last_error", String(200)),
    Column("created_at", UTCDateTime, nullable=False),
    Column("removed_at", UTCDateTime),
    CheckConstraint("length(name) BETWEEN 2 AND 31 AND name = lower(name)", name="name"),
    CheckConstraint("serial >= 1", name="serial"),
    CheckConstraint("attempts >= 0", name="attempts"),
)

# One row an account: its latest change. The number comes in a transaction of its own, because
# numbers that are drawn within the change would become visible out of their order, and whoever
# reads up to the highest one would miss a lower one.
access_changes: Final = Table(
    "access_changes",
    metadata,
    # Stays when the account is gone: gateways have to hear that its access has ended.
    Column("account_id", BIG, primary_key=True, autoincrement=False),
    Column("number", BIG, unique=True),
    Index(
        "ix_access_changes_unnumbered",
        "account_id",
        sqlite_where=text(UNNUMBERED),
        postgresql_where=text(UNNUMBERED),
    ),
)
note_changes(access_periods, access_changes, "account_id")

# A single row: the last number that was given.
access_numbers: Final = Table(
    "access_numbers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("last", BIG, nullable=False),
    CheckConstraint("id = 1", name="id"),
)
