"""Billing addresses, invoices, and the documents that were sent."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import append_only_ddl

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_INVOICE: Final = sa.text("kind = 'invoice'")


def upgrade() -> None:
    _create_billing_addresses()
    _create_invoices()
    op.add_column("mails", sa.Column("invoice_id", _BIG, nullable=True))
    for table in ("invoices", "invoice_documents"):
        for statement in append_only_ddl(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _create_billing_addresses() -> None:
    op.create_table(
        "billing_addresses",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("city", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vat_id", sa.String(length=16), nullable=False),
        sa.Column("vat_id_confirmed_on", sa.Date(), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("name <> '' OR company <> ''", name=op.f("ck_billing_addresses_name")),
        sa.CheckConstraint(
            "street <> '' AND postcode <> '' AND city <> ''",
            name=op.f("ck_billing_addresses_address"),
        ),
        sa.CheckConstraint(
            "length(country) = 2 AND country = upper(country)",
            name=op.f("ck_billing_addresses_country"),
        ),
        sa.CheckConstraint(
            "vat_id <> '' OR vat_id_confirmed_on IS NULL",
            name=op.f("ck_billing_addresses_vat_id_confirmed_on"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_billing_addresses_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_billing_addresses")),
    )


def _create_invoices() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 1", name=op.f("ck_invoice_series_last_number")),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("corrects", _BIG, nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("treatment", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_cents", sa.Integer(), nullable=False),
        sa.Column("vat_cents", sa.Integer(), nullable=False),
        sa.Column("gross_cents", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_invoices_number")),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects IS NOT NULL)", name=op.f("ck_invoices_corrects")
        ),
        sa.CheckConstraint(
            "treatment IN ('domestic', 'one_stop_shop', 'reverse_charge', 'third_country')",
            name=op.f("ck_invoices_treatment"),
        ),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)",
            name=op.f("ck_invoices_currency"),
        ),
        sa.CheckConstraint(
            "net_cents + vat_cents = gross_cents", name=op.f("ck_invoices_gross_cents")
        ),
        sa.CheckConstraint("gross_cents > 0", name=op.f("ck_invoices_positive")),
        sa.ForeignKeyConstraint(
            ["series"], ["invoice_series.series"], name=op.f("fk_invoices_series")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invoices_account_id")
        ),
        sa.ForeignKeyConstraint(["corrects"], ["invoices.id"], name=op.f("fk_invoices_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("corrects", name=op.f("uq_invoices_corrects")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_invoices_series_number")),
    )
    op.create_index(
        "uq_invoices_order",
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=_INVOICE,
        postgresql_where=_INVOICE,
    )
    op.create_index(op.f("ix_invoices_account_id_id"), "invoices", ["account_id", "id"])
    op.create_index(op.f("ix_invoices_issued_on"), "invoices", ["issued_on"])
    op.create_table(
        "invoice_documents",
        sa.Column("invoice_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_invoice_documents_sha256")),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_invoice_documents_content")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_documents_invoice_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_documents")),
    )
