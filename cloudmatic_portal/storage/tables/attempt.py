"""Failed attempts, counted. Whose they are is kept as a hash, and for a day."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata

attempts: Final = Table(
    "attempts",
    metadata,
    Column("subject", LargeBinary, primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    Column("free_at", UTCDateTime, nullable=False),
    CheckConstraint("length(subject) = 32", name="subject"),
    CheckConstraint("failures >= 0", name="failures"),
    Index(None, "last_at"),
)
