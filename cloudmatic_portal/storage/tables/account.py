"""Customers' accounts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table, Text

from cloudmatic_portal.storage.database import UTCDateTime, metadata

BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite's own integers are, but only `INTEGER` may be a row's own number."""

FORGOTTEN: Final = "forgotten_on IS NULL OR coalesce(forgotten_on > keep_until, 1 = 0)"
"""Nothing is forgotten before its time, nor of an account that nobody deleted."""

accounts: Final = Table(
    "accounts",
    metadata,
    # The CloudMatic-ID: given, not counted by the database.
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("user_name", String(64), nullable=False),
    Column("user_name_folded", String(128), nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("email_folded", String(508), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("user_key_hash", Text),
    Column("language", String(2), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    # Proofs of browsers that logged in before this instant count no more; None: all count.
    Column("devices_valid_from", UTCDateTime),
    # Of one that its owner deleted, receipts stay under its number until the last day that they
    # must be kept.
    Column("deleted_at", UTCDateTime),
    Column("keep_until", Date),
    # Set in the transaction that erases the rest: only then do append-only tables let its rows go.
    Column("forgotten_on", Date, CheckConstraint(FORGOTTEN, name="forgotten_on")),
    CheckConstraint("id BETWEEN 1 AND 9999999999", name="id"),
    CheckConstraint("user_name <> '' AND user_name NOT LIKE '%@%'", name="user_name"),
    CheckConstraint("email LIKE '_%@_%'", name="email"),
    CheckConstraint("password_hash LIKE '$argon2id$%'", name="password_hash"),
    CheckConstraint("user_key_hash LIKE '$argon2id$%'", name="user_key_hash"),
    CheckConstraint("language IN ('de', 'en')", name="language"),
)
