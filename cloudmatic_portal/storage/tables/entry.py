"""Who came into a booking by a link: which way and when, and not who.

An order has the session that made it, as long as its account is there; so it is known how many of
these became one, and for that long whose those are.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata

entries: Final = Table(
    "entries",
    metadata,
    # The booking-only session that it opened (SHA-256 of its token). It outlives the session.
    Column("session_hash", LargeBinary, primary_key=True),
    Column("way", String(8), nullable=False),
    Column("entered_at", UTCDateTime, nullable=False),
    CheckConstraint("length(session_hash) = 32", name="session_hash"),
    CheckConstraint("way IN ('hub', 'mail')", name="way"),
    Index(None, "entered_at", "way"),
)

counted_since: Final = Table(
    "counted_since",
    metadata,
    # What is counted, and since when it is: what came before is not known.
    Column("name", String(32), primary_key=True),
    Column("since", UTCDateTime, nullable=False),
)
