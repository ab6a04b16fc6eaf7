"""The terms that an order was made under."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_terms_versions()


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _create_terms_versions() -> None:
    op.create_table(
        "terms_versions",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("agb", sa.Text(), nullable=False),
        sa.Column("widerruf", sa.Text(), nullable=False),
        sa.Column("first_used_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(version) = 64", name=op.f("ck_terms_versions_version")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_terms_versions")),
    )
    op.create_table(
        "order_terms",
        sa.Column("order_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_terms_order_id")),
        sa.ForeignKeyConstraint(
            ["version"], ["terms_versions.version"], name=op.f("fk_order_terms_version")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_terms")),
    )
