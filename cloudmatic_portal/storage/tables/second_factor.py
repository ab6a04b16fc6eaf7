"""Customers' second factors, sealed, and their recovery codes, of which only SHA-256 is kept."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, LargeBinary, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

second_factors: Final = Table(
    "second_factors",
    metadata,
    Column("account_id", BIG, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("totp_sealed", LargeBinary, nullable=False),
    # The time step of the last code that was accepted: neither it nor an earlier one is again.
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    # None without the factor that it stands in for.
    Column("account_id", BIG, ForeignKey("second_factors.account_id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime),
    CheckConstraint("length(code_hash) = 32", name="code_hash"),
)
