"""An index for customers' references: each new order looked at every line of all orders.

The unique one of 0005 holds of first periods only, which a question for a reference does not say.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0019"
down_revision: Final = "0018"


def upgrade() -> None:
    named = sa.text("subscription_reference IS NOT NULL")
    op.create_index(
        "ix_order_items_subscription_reference",
        "order_items",
        ["subscription_reference"],
        sqlite_where=named,
        postgresql_where=named,
    )


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
