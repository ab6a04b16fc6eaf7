"""The terms that an order was made under; declarations that contracts shall end;
changes of e-mail addresses; deleted accounts."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_terms_versions()
    _create_declarations()
    _create_email_changes()
    _keep_what_must_be_kept()


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


def _create_declarations() -> None:
    checks = {
        "reference": "length(reference) = 9",
        "token_hash": "length(token_hash) = 32",
        "kind": "kind IN ('cancellation', 'withdrawal')",
        "state": "state IN ('received', 'open', 'settled')",
        "cancellation": "cancellation IN ('ordinary', 'extraordinary')",
        "kind_of_cancellation": "(kind = 'cancellation') = (cancellation IS NOT NULL)",
        "settled_at": "(state = 'settled') = (settled_at IS NOT NULL)",
        "language": "language IN ('de', 'en')",
    }
    op.create_table(
        "declarations",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("identification", sa.String(length=100), nullable=False),
        sa.Column("contract", sa.String(length=200), nullable=False),
        sa.Column("cancellation", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_folded", sa.String(length=508), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_declarations_{name}"))
            for name, rule in checks.items()
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_declarations_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
        sa.UniqueConstraint("reference", name=op.f("uq_declarations_reference")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_declarations_token_hash")),
    )
    received = sa.text("state = 'received'")
    op.create_index(
        "ix_declarations_received",
        "declarations",
        ["id"],
        sqlite_where=received,
        postgresql_where=received,
    )
    op.create_index(op.f("ix_declarations_account_id"), "declarations", ["account_id"])
    op.create_index(
        op.f("ix_declarations_email_folded_received_at"),
        "declarations",
        ["email_folded", "received_at"],
    )


def _create_email_changes() -> None:
    op.create_table(
        "email_changes",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("stop_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("former", sa.String(length=254), nullable=False),
        sa.Column("wanted", sa.String(length=254), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("stopped_at", _INSTANT, nullable=True),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_email_changes_token_hash")),
        sa.CheckConstraint("length(stop_hash) = 32", name=op.f("ck_email_changes_stop_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_email_changes_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_email_changes")),
        sa.UniqueConstraint("stop_hash", name=op.f("uq_email_changes_stop_hash")),
    )
    for column in ("account_id", "created_at"):
        op.create_index(op.f(f"ix_email_changes_{column}"), "email_changes", [column])


def _keep_what_must_be_kept() -> None:
    op.add_column("accounts", sa.Column("deleted_at", _INSTANT, nullable=True))
    op.add_column("accounts", sa.Column("keep_until", sa.Date(), nullable=True))
    op.create_table(
        "chores",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
