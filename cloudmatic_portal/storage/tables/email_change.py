"""Changes of e-mail addresses that wait, or can be taken back. Of tokens only SHA-256 is kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

email_changes: Final = Table(
    "email_changes",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    # Of the token that the old address gets.
    Column("stop_hash", LargeBinary, nullable=False, unique=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("former", String(254), nullable=False),
    Column("wanted", String(254), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("confirmed_at", UTCDateTime),
    Column("stopped_at", UTCDateTime),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("length(stop_hash) = 32", name="stop_hash"),
    Index(None, "account_id"),
    Index(None, "created_at"),
)
