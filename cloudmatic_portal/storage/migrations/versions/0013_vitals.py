"""Indexes of what was set aside: few rows among millions, counted by the monitoring."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_INDEXES: Final = (
    ("ix_due_actions_failed", "due_actions", "failed"),
    ("ix_mails_failed", "mails", "failed"),
    ("ix_mails_uncertain", "mails", "uncertain"),
)


def upgrade() -> None:
    for name, table, state in _INDEXES:
        rows = sa.text(f"state = '{state}'")
        op.create_index(name, table, ["id"], sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
