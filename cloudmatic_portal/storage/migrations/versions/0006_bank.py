"""Bank statements, their lines, and the accounts that customers pay from."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_OPEN: Final = sa.text("state = 'open'")

_LINE_CHECKS: Final = (
    ("identity", "length(identity) = 40"),
    ("content", "length(content) = 40"),
    ("state", "state IN ('booked', 'open', 'ignored')"),
    ("settled_at", "(state = 'open') = (settled_at IS NULL)"),
    ("account_id", "(state = 'booked') = (account_id IS NOT NULL)"),
    ("returns", "returns IS NULL OR state = 'booked'"),
    ("currency", "length(currency) = 3 AND currency = upper(currency)"),
)
_STATEMENT_CHECKS: Final = (
    ("digest", "length(digest) = 64"),
    ("lines", "lines >= 0"),
    ("last_day", "last_day >= first_day"),
)


def upgrade() -> None:
    _create_statements()
    _create_bank_lines()
    op.create_table(
        "payers",
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(iban) >= 12", name=op.f("ck_payers_iban")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payers_account_id")),
        sa.PrimaryKeyConstraint("iban", "account_id", name=op.f("pk_payers")),
    )
    op.create_index(op.f("ix_payers_account_id"), "payers", ["account_id"])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _create_statements() -> None:
    op.create_table(
        "statements",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("accounts", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("imported_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_statements_{name}"))
            for name, condition in _STATEMENT_CHECKS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("digest", name=op.f("uq_statements_digest")),
    )
    op.create_index(op.f("ix_statements_imported_at"), "statements", ["imported_at"])


def _create_bank_lines() -> None:
    op.create_table(
        "bank_lines",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("statement_id", _BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=40), nullable=False),
        sa.Column("bank_key", sa.String(length=200), nullable=True),
        sa.Column("content", sa.String(length=40), nullable=False),
        sa.Column("opening", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=35), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("end_to_end", sa.String(length=140), nullable=False),
        sa.Column("bank_reference", sa.String(length=140), nullable=False),
        sa.Column("returned", sa.Boolean(create_constraint=True, name="returned"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("returns", _BIG, nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_bank_lines_{name}"))
            for name, condition in _LINE_CHECKS
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_bank_lines_statement_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_bank_lines_account_id")
        ),
        sa.ForeignKeyConstraint(["returns"], ["bank_lines.id"], name=op.f("fk_bank_lines_returns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("identity", name=op.f("uq_bank_lines_identity")),
        sa.UniqueConstraint("bank_key", name=op.f("uq_bank_lines_bank_key")),
        sa.UniqueConstraint(
            "statement_id", "position", name=op.f("uq_bank_lines_statement_id_position")
        ),
        sa.UniqueConstraint("returns", name=op.f("uq_bank_lines_returns")),
    )
    op.create_index(op.f("ix_bank_lines_content"), "bank_lines", ["content"])
    op.create_index(op.f("ix_bank_lines_account_id_id"), "bank_lines", ["account_id", "id"])
    op.create_index(
        op.f("ix_bank_lines_account_amount_cents"), "bank_lines", ["account", "amount_cents"]
    )
    op.create_index(
        "ix_bank_lines_open",
        "bank_lines",
        ["id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
