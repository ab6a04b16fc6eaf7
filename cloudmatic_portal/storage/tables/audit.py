"""What operators did; rows are never changed or deleted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.ddl import append_only
from cloudmatic_portal.storage.tables.account import BIG

audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("at", UTCDateTime, nullable=False),
    # None where a command did it; the name stays readable whatever becomes of the operator.
    Column("operator_id", BIG, ForeignKey("operators.id")),
    Column("operator", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(200), nullable=False),
    Column("detail", Text),
    Column("reason", Text),
    CheckConstraint("action <> ''", name="action"),
    CheckConstraint("object <> ''", name="object"),
    Index(None, "object"),
    Index(None, "operator_id"),
)
append_only(audit_log)
