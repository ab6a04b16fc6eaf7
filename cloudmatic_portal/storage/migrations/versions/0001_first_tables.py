"""The first tables: accounts, catalogue, hubs, links, carts, sessions."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import overlap_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("user_name_folded", sa.String(length=128), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_folded", sa.String(length=508), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("user_key_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.CheckConstraint("email LIKE '_%@_%'", name=op.f("ck_accounts_email")),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_accounts_language")),
        sa.CheckConstraint(
            "password_hash LIKE '$argon2id$%'", name=op.f("ck_accounts_password_hash")
        ),
        sa.CheckConstraint(
            "user_key_hash LIKE '$argon2id$%'", name=op.f("ck_accounts_user_key_hash")
        ),
        sa.CheckConstraint(
            "user_name <> '' AND user_name NOT LIKE '%@%'", name=op.f("ck_accounts_user_name")
        ),
        sa.CheckConstraint("id BETWEEN 1 AND 9999999999", name=op.f("ck_accounts_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email_folded", name=op.f("uq_accounts_email_folded")),
        sa.UniqueConstraint("user_name_folded", name=op.f("uq_accounts_user_name_folded")),
    )
    op.create_table(
        "products",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(create_constraint=True, name="active"), nullable=False),
        sa.CheckConstraint("kind IN ('package', 'credit')", name=op.f("ck_products_kind")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_products_name")),
        sa.CheckConstraint(
            "length(code) BETWEEN 2 AND 32 AND code = lower(code)", name=op.f("ck_products_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_products")),
    )
    op.create_table(
        "carts",
        sa.Column("account_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_carts_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_carts")),
    )
    op.create_table(
        "hubs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("enrolled_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(serial) BETWEEN 6 AND 32", name=op.f("ck_hubs_serial")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_hubs_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubs")),
        sa.UniqueConstraint("account_id", "serial", name=op.f("uq_hubs_account_id_serial")),
    )
    op.create_table(
        "product_texts",
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("features", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_product_texts_language")),
        sa.ForeignKeyConstraint(
            ["product"],
            ["products.code"],
            name=op.f("fk_product_texts_product"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product", "language", name=op.f("pk_product_texts")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)", name=op.f("ck_terms_currency")
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_terms_price_cents")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 100000", name=op.f("ck_terms_quantity")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_terms_valid_until")),
        sa.CheckConstraint(
            "vat_basis_points BETWEEN 0 AND 10000", name=op.f("ck_terms_vat_basis_points")
        ),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_terms_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint(
            "product", "quantity", "valid_from", name=op.f("uq_terms_product_quantity_valid_from")
        ),
    )
    op.create_table(
        "cart_items",
        sa.Column("cart", _BIG, autoincrement=False, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('single', 'subscription')", name=op.f("ck_cart_items_kind")),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)",
            name=op.f("ck_cart_items_currency"),
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_cart_items_price_cents")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 100000", name=op.f("ck_cart_items_quantity")),
        sa.CheckConstraint(
            "vat_basis_points BETWEEN 0 AND 10000", name=op.f("ck_cart_items_vat_basis_points")
        ),
        sa.ForeignKeyConstraint(
            ["cart"], ["carts.account_id"], name=op.f("fk_cart_items_cart"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_cart_items_product")),
        sa.PrimaryKeyConstraint("cart", "product", name=op.f("pk_cart_items")),
    )
    op.create_table(
        "hub_keys",
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.CheckConstraint("length(key_id) = 43", name=op.f("ck_hub_keys_key_id")),
        sa.CheckConstraint("length(public_key) = 32", name=op.f("ck_hub_keys_public_key")),
        sa.CheckConstraint("revoked_at >= created_at", name=op.f("ck_hub_keys_revoked_at")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_hub_keys_hub_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_hub_keys")),
    )
    op.create_index(op.f("ix_hub_keys_hub_id"), "hub_keys", ["hub_id"], unique=False)
    op.create_table(
        "consumed_links",
        sa.Column("jti", sa.String(length=22), nullable=False),
        sa.Column("key_id", sa.String(length=43), nullable=False),
        sa.Column("consumed_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(jti) = 22", name=op.f("ck_consumed_links_jti")),
        sa.ForeignKeyConstraint(
            ["key_id"], ["hub_keys.key_id"], name=op.f("fk_consumed_links_key_id")
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_consumed_links")),
    )
    op.create_index(
        op.f("ix_consumed_links_expires_at"), "consumed_links", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_consumed_links_key_id"), "consumed_links", ["key_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("hub_key_id", sa.String(length=43), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind = 'booking' OR hub_key_id IS NULL", name=op.f("ck_sessions_hub_key_id")
        ),
        sa.CheckConstraint("kind IN ('login', 'booking')", name=op.f("ck_sessions_kind")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_sessions_expires_at")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_sessions_token_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["hub_key_id"], ["hub_keys.key_id"], name=op.f("fk_sessions_hub_key_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_hub_key_id"), "sessions", ["hub_key_id"], unique=False)
    _forbid_overlap("terms", ("product", "quantity"), ("valid_from", "valid_until"))


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _forbid_overlap(table: str, keys: tuple[str, ...], days: tuple[str, str]) -> None:
    for statement in overlap_ddl(op.get_bind().dialect.name, table, keys, days):
        op.execute(statement)
