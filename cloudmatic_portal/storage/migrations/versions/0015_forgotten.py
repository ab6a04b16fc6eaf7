"""What was kept of deleted accounts can go when its time is over, and not before.

Gateways hear that access has ended even if nothing is left of the account.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import append_only_ddl, drop_append_only_ddl

revision: Final = "0015"
down_revision: Final = "0014"

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHECK: Final = "forgotten_on IS NULL OR coalesce(forgotten_on > keep_until, 1 = 0)"
_OWN: Final = (
    "EXISTS (SELECT 1 FROM accounts WHERE accounts.id = {} AND accounts.forgotten_on IS NOT NULL)"
)
_FORGOTTEN: Final = {
    "ledger_entries": _OWN.format("OLD.account_id"),
    "invoices": _OWN.format("OLD.account_id"),
    "invoice_documents": _OWN.format(
        "(SELECT account_id FROM invoices WHERE invoices.id = OLD.invoice_id)"
    ),
}


def upgrade() -> None:
    check = sa.CheckConstraint(_CHECK, name=op.f("ck_accounts_forgotten_on"))
    op.add_column("accounts", sa.Column("forgotten_on", sa.Date(), check, nullable=True))
    dialect = op.get_bind().dialect.name
    for table, forgotten in _FORGOTTEN.items():
        for statement in (
            *drop_append_only_ddl(dialect, table),
            *append_only_ddl(dialect, table, forgotten),
        ):
            op.execute(statement)
    if dialect == "sqlite":
        _make_access_changes_anew()
    else:
        op.drop_constraint(op.f("fk_access_changes_account_id"), "access_changes")


def _make_access_changes_anew() -> None:
    """SQLite cannot drop a foreign key."""
    op.execute("CREATE TEMP TABLE former AS SELECT account_id, number FROM access_changes")
    op.drop_table("access_changes")
    op.create_table(
        "access_changes",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("number", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_access_changes")),
        sa.UniqueConstraint("number", name=op.f("uq_access_changes_number")),
    )
    op.create_index(
        "ix_access_changes_unnumbered",
        "access_changes",
        ["account_id"],
        sqlite_where=sa.text("number IS NULL"),
    )
    op.execute("INSERT INTO access_changes SELECT account_id, number FROM former")
    op.execute("DROP TABLE former")
