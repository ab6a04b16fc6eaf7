"""Vouchers, orders, payments, and what they give: access, credit, subscriptions."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import overlap_ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column("cart_revision", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("entered_by", sa.String(length=16), nullable=True),
        sa.Column("session_hash", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("paid_cents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("activated_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "(state = 'active') <= (activated_at IS NOT NULL)", name=op.f("ck_orders_activated_at")
        ),
        sa.CheckConstraint("entered_by IN ('login', 'booking')", name=op.f("ck_orders_entered_by")),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_orders_language")),
        sa.CheckConstraint(
            "method <> 'none' OR total_cents = 0", name=op.f("ck_orders_nothing_to_pay")
        ),
        sa.CheckConstraint(
            "method IN ('transfer', 'standing_order', 'none')", name=op.f("ck_orders_method")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'active', 'cancelled', 'expired', 'refunded')",
            name=op.f("ck_orders_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('open', 'expired') OR paid_cents < total_cents",
            name=op.f("ck_orders_waiting_for_payment"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('paid', 'active') OR paid_cents >= total_cents",
            name=op.f("ck_orders_paid_in_full"),
        ),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)", name=op.f("ck_orders_currency")
        ),
        sa.CheckConstraint("length(reference) = 9", name=op.f("ck_orders_reference")),
        sa.CheckConstraint("length(session_hash) = 32", name=op.f("ck_orders_session_hash")),
        sa.CheckConstraint("paid_cents >= 0", name=op.f("ck_orders_paid_cents")),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_orders_total_cents")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_orders_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "account_id", "cart_revision", name=op.f("uq_orders_account_id_cart_revision")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_orders_reference")),
    )
    op.create_index(op.f("ix_orders_account_id_id"), "orders", ["account_id", "id"], unique=False)
    op.create_index(
        op.f("ix_orders_state_pay_until"), "orders", ["state", "pay_until"], unique=False
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("free_months", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "free_months BETWEEN 0 AND 120", name=op.f("ck_subscriptions_free_months")
        ),
        sa.CheckConstraint("months BETWEEN 1 AND 60", name=op.f("ck_subscriptions_months")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_subscriptions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_subscriptions_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_account_id"), "subscriptions", ["account_id"], unique=False
    )
    op.create_table(
        "vouchers",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("max_redemptions", sa.Integer(), nullable=True),
        sa.Column("per_account", sa.Integer(), nullable=True),
        sa.Column(
            "combinable", sa.Boolean(create_constraint=True, name="combinable"), nullable=False
        ),
        sa.Column("active", sa.Boolean(create_constraint=True, name="active"), nullable=False),
        sa.Column("redeemed", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "kind IN ('months', 'percent', 'amount')", name=op.f("ck_vouchers_kind")
        ),
        sa.CheckConstraint(
            "value >= 1 AND (kind <> 'percent' OR value <= 10000)", name=op.f("ck_vouchers_value")
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 3 AND 32 AND code = upper(code)", name=op.f("ck_vouchers_code")
        ),
        sa.CheckConstraint("max_redemptions >= 1", name=op.f("ck_vouchers_max_redemptions")),
        sa.CheckConstraint("per_account >= 1", name=op.f("ck_vouchers_per_account")),
        sa.CheckConstraint(
            "redeemed >= 0 AND redeemed <= max_redemptions", name=op.f("ck_vouchers_redeemed")
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_vouchers_valid_until")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_vouchers_account_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_vouchers")),
    )
    op.create_table(
        "cart_vouchers",
        sa.Column("cart", _BIG, autoincrement=False, nullable=False),
        sa.Column("voucher", sa.String(length=32), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cart"], ["carts.account_id"], name=op.f("fk_cart_vouchers_cart"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["voucher"], ["vouchers.code"], name=op.f("fk_cart_vouchers_voucher")
        ),
        sa.PrimaryKeyConstraint("cart", "voucher", name=op.f("pk_cart_vouchers")),
    )
    op.create_table(
        "order_items",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("product_kind", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("free_months", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("list_cents", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("subscription_id", _BIG, nullable=True),
        sa.Column("period_number", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('single', 'subscription')", name=op.f("ck_order_items_kind")),
        sa.CheckConstraint(
            "product_kind IN ('package', 'credit')", name=op.f("ck_order_items_product_kind")
        ),
        sa.CheckConstraint(
            "(subscription_id IS NULL) = (period_number IS NULL)",
            name=op.f("ck_order_items_period_number"),
        ),
        sa.CheckConstraint(
            "free_months BETWEEN 0 AND 120", name=op.f("ck_order_items_free_months")
        ),
        sa.CheckConstraint(
            "price_cents BETWEEN 0 AND list_cents", name=op.f("ck_order_items_price_cents")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 100000", name=op.f("ck_order_items_quantity")),
        sa.CheckConstraint(
            "vat_basis_points BETWEEN 0 AND 10000", name=op.f("ck_order_items_vat_basis_points")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id")),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_order_items_product")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_order_items_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_items_order_id_position")),
        sa.UniqueConstraint(
            "subscription_id",
            "period_number",
            name=op.f("uq_order_items_subscription_id_period_number"),
        ),
    )
    op.create_table(
        "payments",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("booked_at", _INSTANT, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("source <> ''", name=op.f("ck_payments_source")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount_cents")),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)", name=op.f("ck_payments_currency")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("source", name=op.f("uq_payments_source")),
    )
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"], unique=False)
    op.create_table(
        "voucher_products",
        sa.Column("voucher", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_voucher_products_product")
        ),
        sa.ForeignKeyConstraint(
            ["voucher"], ["vouchers.code"], name=op.f("fk_voucher_products_voucher")
        ),
        sa.PrimaryKeyConstraint("voucher", "product", name=op.f("pk_voucher_products")),
    )
    op.create_table(
        "voucher_redemptions",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("voucher", sa.String(length=32), nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("use_number", sa.Integer(), nullable=False),
        sa.Column("saved_cents", sa.Integer(), nullable=False),
        sa.Column("given_back_at", _INSTANT, nullable=True),
        sa.CheckConstraint("saved_cents >= 0", name=op.f("ck_voucher_redemptions_saved_cents")),
        sa.CheckConstraint("use_number >= 1", name=op.f("ck_voucher_redemptions_use_number")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_voucher_redemptions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_voucher_redemptions_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["voucher"], ["vouchers.code"], name=op.f("fk_voucher_redemptions_voucher")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_redemptions")),
        sa.UniqueConstraint(
            "voucher", "order_id", name=op.f("uq_voucher_redemptions_voucher_order_id")
        ),
    )
    op.create_index(
        op.f("ix_voucher_redemptions_order_id"), "voucher_redemptions", ["order_id"], unique=False
    )
    op.create_index(
        "uq_voucher_redemptions_use",
        "voucher_redemptions",
        ["account_id", "voucher", "use_number"],
        unique=True,
        sqlite_where=sa.text("given_back_at IS NULL"),
        postgresql_where=sa.text("given_back_at IS NULL"),
    )
    op.create_table(
        "access_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("trial", sa.Boolean(create_constraint=True, name="trial"), nullable=False),
        sa.Column("order_item", _BIG, nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_access_periods_last_day")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_access_periods_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_item"], ["order_items.id"], name=op.f("fk_access_periods_order_item")
        ),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_access_periods_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_periods")),
    )
    op.create_index(
        op.f("ix_access_periods_account_id_last_day"),
        "access_periods",
        ["account_id", "last_day"],
        unique=False,
    )
    op.create_index("uq_access_periods_order_item", "access_periods", ["order_item"], unique=True)
    op.create_index(
        "uq_access_periods_trial",
        "access_periods",
        ["account_id", "product"],
        unique=True,
        sqlite_where=sa.text("trial"),
        postgresql_where=sa.text("trial"),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("order_item", _BIG, nullable=True),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.CheckConstraint("messages <> 0", name=op.f("ck_credit_entries_messages")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_credit_entries_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_item"], ["order_items.id"], name=op.f("fk_credit_entries_order_item")
        ),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_credit_entries_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
    )
    op.create_index(
        op.f("ix_credit_entries_account_id"), "credit_entries", ["account_id"], unique=False
    )
    op.create_index("uq_credit_entries_order_item", "credit_entries", ["order_item"], unique=True)
    _forbid_overlap("access_periods", ("account_id", "product"), ("first_day", "last_day"))


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _forbid_overlap(table: str, keys: tuple[str, ...], days: tuple[str, str]) -> None:
    for statement in overlap_ddl(op.get_bind().dialect.name, table, keys, days):
        op.execute(statement)
