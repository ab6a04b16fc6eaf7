"""Entries by the links of hubs and mails are noted; indexes for counting orders by when they were
made, and by the version of the terms that they were made under.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0022"
down_revision: Final = "0021"

_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("session_hash", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("entered_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(session_hash) = 32", name=op.f("ck_entries_session_hash")),
        sa.CheckConstraint("way IN ('hub', 'mail')", name=op.f("ck_entries_way")),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_entries")),
    )
    op.create_index(op.f("ix_entries_entered_at_way"), "entries", ["entered_at", "way"])
    since = op.create_table(
        "counted_since",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counted_since")),
    )
    op.bulk_insert(since, [{"name": "entries", "since": datetime.now(UTC)}])
    entered = sa.text("entered_by IS NOT NULL")
    op.create_index(
        "ix_orders_entered",
        "orders",
        ["created_at", "entered_by", "state", "session_hash"],
        sqlite_where=entered,
        postgresql_where=entered,
    )
    op.create_index(op.f("ix_order_terms_version_order_id"), "order_terms", ["version", "order_id"])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
