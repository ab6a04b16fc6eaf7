"""An index for what is due beside invoices and credit notes: where the settings do not say who the
seller is these wait, and each look for something to do went through all of them.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0023"
down_revision: Final = "0022"


def upgrade() -> None:
    others = sa.text("state = 'waiting' AND kind NOT IN ('credit_note', 'invoice')")
    op.create_index(
        "ix_due_actions_no_document",
        "due_actions",
        ["due_at", "id"],
        sqlite_where=others,
        postgresql_where=others,
    )


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
