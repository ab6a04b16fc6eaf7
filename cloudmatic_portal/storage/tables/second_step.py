"""Logins that still want the second factor. Of the token in the cookie only the SHA-256 is kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

second_steps: Final = Table(
    "second_steps",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    Index(None, "account_id"),
    Index(None, "created_at"),
)
