"""What is due at a time, and what became of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

WAITING: Final = "state = 'waiting'"
FAILED: Final = "state = 'failed'"
"""Actions for which there is still something to do, when they are due."""

NO_DOCUMENT: Final = "kind NOT IN ('credit_note', 'invoice')"
"""Those that are done where nobody has said who the seller is; the others (`DOCUMENTS`) pile up."""

due_actions: Final = Table(
    "due_actions",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("kind", String(32), nullable=False),
    # The occasion: one action for each, whoever plans it how often.
    Column("key", String(200), nullable=False, unique=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), nullable=False),
    Column("order_id", BIG, ForeignKey("orders.id")),
    Column("subscription_id", BIG, ForeignKey("subscriptions.id")),
    Column("number", Integer),
    Column("day", Date),
    Column("due_at", UTCDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("settled_at", UTCDateTime),
    # What was done or why not; of a failed one what went wrong.
    Column("why", Text),
    CheckConstraint("key <> ''", name="key"),
    CheckConstraint("state IN ('waiting', 'done', 'dropped', 'failed')", name="state"),
    CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled_at"),
    Index(
        "ix_due_actions_waiting",
        "due_at",
        "id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index(
        "ix_due_actions_no_document",
        "due_at",
        "id",
        sqlite_where=text(f"{WAITING} AND {NO_DOCUMENT}"),
        postgresql_where=text(f"{WAITING} AND {NO_DOCUMENT}"),
    ),
    Index(
        "ix_due_actions_account",
        "account_id",
        "due_at",
        "id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index(
        "ix_due_actions_failed",
        "id",
        sqlite_where=text(FAILED),
        postgresql_where=text(FAILED),
    ),
)
