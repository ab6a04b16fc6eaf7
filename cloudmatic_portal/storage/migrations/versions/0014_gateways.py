"""Gateways, and whose access has changed since they asked."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import note_ddl

revision = "0014"
down_revision = "0013"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_UNNUMBERED: Final = sa.text("number IS NULL")


def upgrade() -> None:
    op.create_table(
        "gateways",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=31), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("webhook", sa.String(length=500), nullable=True),
        sa.Column("notified", _BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "length(name) BETWEEN 2 AND 31 AND name = lower(name)",
            name=op.f("ck_gateways_name"),
        ),
        sa.CheckConstraint("serial >= 1", name=op.f("ck_gateways_serial")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_gateways_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateways")),
        sa.UniqueConstraint("name", name=op.f("uq_gateways_name")),
    )
    op.create_table(
        "access_changes",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("number", _BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_access_changes_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_access_changes")),
        sa.UniqueConstraint("number", name=op.f("uq_access_changes_number")),
    )
    op.create_index(
        "ix_access_changes_unnumbered",
        "access_changes",
        ["account_id"],
        sqlite_where=_UNNUMBERED,
        postgresql_where=_UNNUMBERED,
    )
    op.create_table(
        "access_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", _BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_access_numbers_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_numbers")),
    )
    op.execute("INSERT INTO access_numbers (id, last) VALUES (1, 0)")
    op.execute(
        "INSERT INTO access_changes (account_id) SELECT DISTINCT account_id FROM access_periods"
    )
    for statement in note_ddl(
        op.get_bind().dialect.name, "access_periods", "access_changes", "account_id"
    ):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
