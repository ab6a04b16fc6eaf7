"""Booking links that have done their work: what makes a link work once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata

consumed_links: Final = Table(
    "consumed_links",
    metadata,
    Column("jti", String(22), primary_key=True),
    Column("key_id", String(43), ForeignKey("hub_keys.key_id"), nullable=False),
    Column("consumed_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    CheckConstraint("length(jti) = 22", name="jti"),
    Index(None, "key_id"),
    Index(None, "expires_at"),
)
