"""The outbox: mails that are to leave, and what became of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
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

WAITING: Final = "state IN ('queued', 'sending')"
FAILED: Final = "state = 'failed'"
UNCERTAIN: Final = "state = 'uncertain'"
"""Mails for which there is still something to do, when they are due."""

mails: Final = Table(
    "mails",
    metadata,
    Column("id", BIG, primary_key=True),
    # The occasion: one mail for each, whoever asks for it how often.
    Column("key", String(200), nullable=False, unique=True),
    Column("message_id", String(32), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("language", String(2), nullable=False),
    # JSON; what is secret in it is erased when the mail is done with.
    Column("facts", Text, nullable=False),
    Column("account_id", BIG, ForeignKey("accounts.id")),
    # The invoice that goes with it. Without a foreign key, which SQLite adds to no table that is
    # there: an invoice stays longer than the mails of its account.
    Column("invoice_id", BIG),
    Column("created_at", UTCDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    # Queued: when it is to be sent. Sending: when its lease ends. So one index answers what is due.
    Column("due_at", UTCDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", UTCDateTime),
    Column("last_error", String(500)),
    CheckConstraint("key <> ''", name="key"),
    CheckConstraint("length(message_id) = 32", name="message_id"),
    CheckConstraint("kind <> ''", name="kind"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'uncertain', 'failed')", name="state"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(
        "ix_mails_due",
        "due_at",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index(None, "account_id"),
    *(
        Index(f"ix_mails_{name}", "id", sqlite_where=text(rows), postgresql_where=text(rows))
        for name, rows in (("failed", FAILED), ("uncertain", UNCERTAIN))
    ),
)
