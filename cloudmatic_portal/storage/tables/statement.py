"""Bank statements that were imported, their lines, and the accounts that customers pay from."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

OPEN: Final = "state = 'open'"
"""Lines that wait for somebody."""

statements: Final = Table(
    "statements",
    metadata,
    Column("id", BIG, primary_key=True),
    # SHA-256 of the file; one file may be brought more than once.
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("form", String(40), nullable=False),
    # Our account; several if the file is of several.
    Column("accounts", Text, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("lines", Integer, nullable=False),
    Column("imported_at", UTCDateTime, nullable=False),
    # Nothing while it is not whole: whoever brings it again goes on with it.
    Column("finished_at", UTCDateTime),
    CheckConstraint("length(digest) = 64", name="digest"),
    CheckConstraint("lines >= 0", name="lines"),
    CheckConstraint("last_day >= first_day", name="last_day"),
    Index(None, "imported_at"),
)

bank_lines: Final = Table(
    "bank_lines",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("statement_id", BIG, ForeignKey("statements.id"), nullable=False),
    # Where it stands in the file.
    Column("position", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    # What names the transaction, once for ever; the source of its payment is `bank:` and this.
    Column("identity", String(40), nullable=False, unique=True),
    # The bank's own name of it, if it has one or if a later file told.
    Column("bank_key", String(200), unique=True),
    Column("content", String(40), nullable=False),
    # The balance before the statement, where there is one.
    Column("opening", String(40), nullable=False),
    Column("account", String(35), nullable=False),
    Column("day", Date, nullable=False),
    # Negative if it went out.
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payer", Text, nullable=False),
    Column("iban", String(34), nullable=False),
    Column("text", Text, nullable=False),
    Column("end_to_end", String(140), nullable=False),
    Column("bank_reference", String(140), nullable=False),
    Column("returned", Boolean(create_constraint=True, name="returned"), nullable=False),
    Column("state", String(16), nullable=False),
    # Why it was booked, why it waits, why it is ignored; the operator's words in `note`.
    Column("reason", String(32), nullable=False),
    Column("note", Text),
    # Whose payment it became.
    Column("account_id", BIG, ForeignKey("accounts.id")),
    # The line that a return takes back.
    Column("returns", BIG, ForeignKey("bank_lines.id")),
    Column("settled_at", UTCDateTime),
    UniqueConstraint("statement_id", "position"),
    UniqueConstraint("returns"),
    CheckConstraint("length(identity) = 40", name="identity"),
    CheckConstraint("length(content) = 40", name="content"),
    CheckConstraint("state IN ('booked', 'open', 'ignored')", name="state"),
    CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_at"),
    CheckConstraint("(state = 'booked') = (account_id IS NOT NULL)", name="account_id"),
    CheckConstraint("returns IS NULL OR state = 'booked'", name="returns"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    Index(None, "content"),
    Index(None, "account_id", "id"),
    # For returns: which line may be meant.
    Index(None, "account", "amount_cents"),
    Index("ix_bank_lines_open", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
)

payers: Final = Table(
    "payers",
    metadata,
    Column("iban", String(34), primary_key=True),
    Column("account_id", BIG, ForeignKey("accounts.id"), primary_key=True),
    Column("seen_at", UTCDateTime, nullable=False),
    CheckConstraint("length(iban) >= 12", name="iban"),
    Index(None, "account_id"),
)
"""The bank accounts from which an account was paid, as far as the reference said so."""
