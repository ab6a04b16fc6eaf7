"""Sessions of browsers. Of the token in the cookie only the SHA-256 is kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("hub_key_id", String(43), ForeignKey("hub_keys.key_id")),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_seen_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("kind IN ('login', 'booking')", name="kind"),
    # A hub never logs anybody in. (A booking session without a hub is one from a mail's link.)
    CheckConstraint("kind = 'booking' OR hub_key_id IS NULL", name="hub_key_id"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "account_id"),
    Index(None, "hub_key_id"),
    Index(None, "expires_at"),
)
