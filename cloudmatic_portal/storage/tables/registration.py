"""Registrations that wait for the link in the mail. They reserve neither name nor address."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, String, Table, Text

from cloudmatic_portal.storage.database import UTCDateTime, metadata

registrations: Final = Table(
    "registrations",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_name", String(64), nullable=False),
    Column("email", String(254), nullable=False),
    Column("email_folded", String(508), nullable=False),
    # Gone once it has become an account's.
    Column("password_hash", Text),
    Column("language", String(2), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("password_hash LIKE '$argon2id$%'", name="password_hash"),
    CheckConstraint("(used_at IS NULL) = (password_hash IS NOT NULL)", name="used_at"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "email_folded"),
    Index(None, "expires_at"),
)
