"""Hubs and the keys they sign with."""

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
    UniqueConstraint,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

hubs: Final = Table(
    "hubs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("serial", String(32), nullable=False),
    Column("enrolled_at", UTCDateTime, nullable=False),
    Column("last_contact_at", UTCDateTime),
    # A serial number is no secret: whoever enrols somebody else's gets a hub of the own account.
    UniqueConstraint("account_id", "serial"),
    CheckConstraint("length(serial) BETWEEN 6 AND 32", name="serial"),
)

hub_keys: Final = Table(
    "hub_keys",
    metadata,
    Column("key_id", String(43), primary_key=True),
    Column("hub_id", Integer, ForeignKey("hubs.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    CheckConstraint("length(key_id) = 43", name="key_id"),
    CheckConstraint("length(public_key) = 32", name="public_key"),
    CheckConstraint("revoked_at >= created_at", name="revoked_at"),
    Index(None, "hub_id"),
)
