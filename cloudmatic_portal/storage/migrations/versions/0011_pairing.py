"""Pairing of hubs by the device flow; when a hub was last heard of."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_CHECKS: Final = (
    ("device_hash", "length(device_hash) = 32"),
    ("user_code", "length(user_code) = 8"),
    ("serial", "length(serial) BETWEEN 6 AND 32"),
    ("key_id", "length(key_id) = 43"),
    ("public_key", "length(public_key) = 32"),
    ("state", "state IN ('waiting', 'confirmed', 'refused')"),
    ("account_id", "(state = 'waiting') = (account_id IS NULL)"),
    ("expires_at", "expires_at > created_at"),
)


def upgrade() -> None:
    op.add_column("hubs", sa.Column("last_contact_at", _INSTANT, nullable=True))
    op.create_table(
        "pairings",
        sa.Column("device_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code", sa.String(length=8), nullable=False),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wanted", _BIG, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        *(sa.CheckConstraint(each, name=op.f(f"ck_pairings_{name}")) for name, each in _CHECKS),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_pairings_account_id")
        ),
        sa.PrimaryKeyConstraint("device_hash", name=op.f("pk_pairings")),
        sa.UniqueConstraint("user_code", name=op.f("uq_pairings_user_code")),
    )
    op.create_index(op.f("ix_pairings_account_id"), "pairings", ["account_id"])
    op.create_index(op.f("ix_pairings_expires_at"), "pairings", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
