"""Customers may log in with a second factor.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0021"
down_revision: Final = "0020"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factors")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_second_factors_account_id")
        ),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_codes")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["second_factors.account_id"],
            name=op.f("fk_recovery_codes_account_id"),
        ),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_recovery_codes_code_hash")),
    )
    op.create_table(
        "second_steps",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_second_steps")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_second_steps_account_id")
        ),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_second_steps_token_hash")),
    )
    for column in ("account_id", "created_at"):
        op.create_index(op.f(f"ix_second_steps_{column}"), "second_steps", [column])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
