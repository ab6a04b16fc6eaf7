"""Vouchers that were made many at once are kept together.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0016"
down_revision: Final = "0015"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "voucher_batches",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_batches")),
        sa.UniqueConstraint("name", name=op.f("uq_voucher_batches_name")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_voucher_batches_name")),
    )
    op.create_table(
        "batch_vouchers",
        sa.Column("voucher", sa.String(32), nullable=False),
        sa.Column("batch", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("voucher", name=op.f("pk_batch_vouchers")),
        sa.ForeignKeyConstraint(
            ["voucher"], ["vouchers.code"], name=op.f("fk_batch_vouchers_voucher")
        ),
        sa.ForeignKeyConstraint(
            ["batch"], ["voucher_batches.id"], name=op.f("fk_batch_vouchers_batch")
        ),
    )
    op.create_index(op.f("ix_batch_vouchers_batch_voucher"), "batch_vouchers", ["batch", "voucher"])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
