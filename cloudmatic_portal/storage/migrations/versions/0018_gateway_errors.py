"""When a gateway was told last, and why it was not.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0018"
down_revision: Final = "0017"

_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("gateways", sa.Column("told_at", _INSTANT, nullable=True))
    op.add_column("gateways", sa.Column("last_error", sa.String(length=200), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
