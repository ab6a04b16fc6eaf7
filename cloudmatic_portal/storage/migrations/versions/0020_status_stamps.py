"""Whether anything has changed of what an account's hubs are told: one read instead of five.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import stamp_ddl

revision: Final = "0020"
down_revision: Final = "0019"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STAMPED: Final = {
    "access_periods": "{row}.account_id",
    "orders": "{row}.account_id",
    "subscriptions": "{row}.account_id",
    "order_items": "(SELECT account_id FROM orders WHERE orders.id = {row}.order_id)",
    "products": "0",
    "terms": "0",
}


def upgrade() -> None:
    op.create_table(
        "status_stamps",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("stamp", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_status_stamps")),
    )
    for table, account in _STAMPED.items():
        for statement in stamp_ddl(op.get_bind().dialect.name, table, "status_stamps", account):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
