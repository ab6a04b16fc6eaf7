"""Declarations that contracts shall end, from whoever made them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

RECEIVED: Final = "state = 'received'"

declarations: Final = Table(
    "declarations",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("reference", String(9), nullable=False, unique=True),
    # SHA-256 of the token that opens the receipt.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    Column("identification", String(100), nullable=False),
    Column("contract", String(200), nullable=False),
    Column("cancellation", String(16)),
    Column("reason", String(500), nullable=False),
    Column("ends_on", Date),
    Column("email", String(254), nullable=False),
    Column("email_folded", String(508), nullable=False),
    Column("language", String(2), nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    # Whose it is, if that is certain.
    Column("account_id", BIG, ForeignKey("accounts.id")),
    Column("deadline", Date),
    Column("outcome", Text),
    Column("settled_at", UTCDateTime),
    CheckConstraint("length(reference) = 9", name="reference"),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("kind IN ('cancellation', 'withdrawal')", name="kind"),
    CheckConstraint("state IN ('received', 'open', 'settled')", name="state"),
    CheckConstraint("cancellation IN ('ordinary', 'extraordinary')", name="cancellation"),
    CheckConstraint(
        "(kind = 'cancellation') = (cancellation IS NOT NULL)", name="kind_of_cancellation"
    ),
    CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    Index(
        "ix_declarations_received",
        "id",
        sqlite_where=text(RECEIVED),
        postgresql_where=text(RECEIVED),
    ),
    Index(None, "email_folded", "received_at"),
    Index(None, "account_id"),
)
