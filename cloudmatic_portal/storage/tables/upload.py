"""Bank statements that an operator has brought and looks at before importing them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

statement_uploads: Final = Table(
    "statement_uploads",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("operator_id", BIG, ForeignKey("operators.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("uploaded_at", UTCDateTime, nullable=False),
    CheckConstraint("length(data) > 0", name="data"),
    Index(None, "operator_id"),
)
