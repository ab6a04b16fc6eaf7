"""What the portal does by itself from time to time, and when next."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata

chores: Final = Table(
    "chores",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("due_at", UTCDateTime, nullable=False),
)
