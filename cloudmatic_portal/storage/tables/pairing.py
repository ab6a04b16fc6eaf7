"""Hubs that wait for somebody to confirm which account they belong to (RFC 8628)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

pairings: Final = Table(
    "pairings",
    metadata,
    # The hub's own code; whoever reads the table cannot ask in its place.
    Column("device_hash", LargeBinary, primary_key=True),
    Column("user_code", String(8), nullable=False, unique=True),
    Column("serial", String(32), nullable=False),
    Column("key_id", String(43), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    # The account that the hub's files name; it need not exist.
    Column("wanted", BIG),
    Column("state", String(16), nullable=False),
    # Who decided.
    Column("account_id", BIG, ForeignKey("accounts.id")),
    Column("interval_seconds", Integer, nullable=False),
    Column("asked_at", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    CheckConstraint("length(device_hash) = 32", name="device_hash"),
    CheckConstraint("length(user_code) = 8", name="user_code"),
    CheckConstraint("length(serial) BETWEEN 6 AND 32", name="serial"),
    CheckConstraint("length(key_id) = 43", name="key_id"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
    CheckConstraint("state IN ('waiting', 'confirmed', 'refused')", name="state"),
    CheckConstraint("(state = 'waiting') = (account_id IS NULL)", name="account_id"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "account_id"),
    Index(None, "expires_at"),
)
