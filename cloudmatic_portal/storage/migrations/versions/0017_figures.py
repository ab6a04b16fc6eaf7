"""Indexes for the operators' pictures: what runs and ends, what came and went.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0017"
down_revision: Final = "0016"


def upgrade() -> None:
    op.create_index(
        "ix_access_periods_ends", "access_periods", ["last_day", "first_day", "product", "trial"]
    )
    op.create_index(op.f("ix_payments_received_on"), "payments", ["received_on", "amount_cents"])
    gone = sa.text("kind IN ('refund', 'return_debit')")
    op.create_index(
        "ix_ledger_entries_gone",
        "ledger_entries",
        ["booked_at", "cents"],
        sqlite_where=gone,
        postgresql_where=gone,
    )


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
