"""Operators and their sessions. Of tokens only the SHA-256 is kept, second factors are sealed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

operators: Final = Table(
    "operators",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("totp_sealed", LargeBinary),
    # The time step of the last code that was accepted: neither it nor an earlier one is again.
    Column("totp_step", BigInteger),
    Column("setup_hash", LargeBinary, unique=True),
    Column("setup_expires_at", UTCDateTime),
    Column("created_at", UTCDateTime, nullable=False),
    Column("disabled_at", UTCDateTime),
    CheckConstraint("role IN ('support', 'accounting', 'admin')", name="role"),
    # Nobody comes in by a password alone.
    CheckConstraint("(password_hash IS NULL) = (totp_sealed IS NULL)", name="both_factors"),
    CheckConstraint("(password_hash IS NULL) = (totp_step IS NULL)", name="totp_step"),
    CheckConstraint("(setup_hash IS NULL) = (setup_expires_at IS NULL)", name="setup"),
    CheckConstraint("length(setup_hash) = 32", name="setup_hash"),
)

operator_sessions: Final = Table(
    "operator_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("operator_id", BIG, ForeignKey("operators.id"), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_seen_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    CheckConstraint("length(token_hash) = 32", name="token_hash"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "operator_id"),
)
