"""What is due at a time; subscriptions that go on; days of grace; links in mails."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import overlap_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_WAITING: Final = sa.text("state = 'waiting'")

_GRACE: Final = ("grace_for", "order_item IS NULL OR grace_for IS NULL")
_CHECKS: Final = (
    ("state", "state IN ('active', 'paused', 'cancelled')"),
    ("price_cents", "price_cents >= 0"),
    ("method", "method IN ('transfer', 'standing_order', 'none')"),
    ("next_months", "next_months BETWEEN 1 AND 60"),
    (
        "next_plan",
        (
            "(next_product IS NULL) = (next_months IS NULL) "
            "AND (next_product IS NULL) = (next_price_cents IS NULL) "
            "AND (next_product IS NULL) = (next_vat_basis_points IS NULL)"
        ),
    ),
)
# What was agreed at the order that began the subscription.
_AGREED: Final = {
    "state": "'active'",
    "price_cents": "(SELECT list_cents FROM order_items WHERE {mine})",
    "currency": "(SELECT currency FROM orders JOIN order_items ON orders.id = order_id"
    " WHERE {mine})",
    "vat_basis_points": "(SELECT vat_basis_points FROM order_items WHERE {mine})",
    "method": "(SELECT method FROM orders JOIN order_items ON orders.id = order_id WHERE {mine})",
    "first_number": "0",
}
_FIRST: Final = "subscription_id = subscriptions.id AND period_number = 0"


def upgrade() -> None:
    for added in _new_columns():
        op.add_column("subscriptions", added)
    for column, value in _AGREED.items():
        agreed = value.format(mine=_FIRST)
        op.execute(f"UPDATE subscriptions SET {column} = {agreed}")  # noqa: S608
    op.add_column("access_periods", sa.Column("grace_for", _BIG, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _make_again()
    else:
        _alter()
    op.create_index("uq_access_periods_grace_for", "access_periods", ["grace_for"], unique=True)
    _create_mail_links()
    _create_due_actions()


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _new_columns(*, filled: bool = False) -> list[sa.Column[Any]]:
    return [
        sa.Column("state", sa.String(length=16), nullable=not filled),
        sa.Column("price_cents", sa.Integer(), nullable=not filled),
        sa.Column("currency", sa.String(length=3), nullable=not filled),
        sa.Column("vat_basis_points", sa.Integer(), nullable=not filled),
        sa.Column("method", sa.String(length=16), nullable=not filled),
        sa.Column("first_number", sa.Integer(), nullable=not filled),
        sa.Column("next_product", sa.String(length=32), nullable=True),
        sa.Column("next_months", sa.Integer(), nullable=True),
        sa.Column("next_price_cents", sa.Integer(), nullable=True),
        sa.Column("next_vat_basis_points", sa.Integer(), nullable=True),
    ]


def _alter() -> None:
    for column in _AGREED:
        op.alter_column("subscriptions", column, nullable=False)
    for name, condition in _CHECKS:
        op.create_check_constraint(op.f(f"ck_subscriptions_{name}"), "subscriptions", condition)
    name, condition = _GRACE
    op.create_check_constraint(op.f(f"ck_access_periods_{name}"), "access_periods", condition)
    for table, column, other in (
        ("subscriptions", "next_product", "products.code"),
        ("access_periods", "grace_for", "order_items.id"),
    ):
        target, key = other.split(".")
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, target, [column], [key])


def _make_again() -> None:
    """SQLite cannot add constraints: make the tables anew, under their own names.

    Nothing may refer to a table that is dropped, so the order items let go of their subscription
    meanwhile.
    """
    op.execute(
        "CREATE TEMP TABLE periods AS SELECT id, subscription_id, period_number FROM order_items"
    )
    op.execute("UPDATE order_items SET subscription_id = NULL, period_number = NULL")
    _refill("subscriptions", _create_subscriptions)
    op.execute(
        "UPDATE order_items SET (subscription_id, period_number) = "
        "(SELECT subscription_id, period_number FROM periods WHERE periods.id = order_items.id)"
    )
    op.execute("DROP TABLE periods")
    _refill("access_periods", _create_access_periods)


def _refill(table: str, create: Any) -> None:
    columns = [each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)]
    names = ", ".join(columns)
    op.execute(f"CREATE TEMP TABLE former AS SELECT {names} FROM {table}")  # noqa: S608
    op.drop_table(table)
    create()
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM former")  # noqa: S608
    op.execute("DROP TABLE former")


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("free_months", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        *_new_columns(filled=True),
        *(
            sa.CheckConstraint(each, name=op.f(f"ck_subscriptions_{name}"))
            for name, each in _CHECKS
        ),
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
        sa.ForeignKeyConstraint(
            ["next_product"], ["products.code"], name=op.f("fk_subscriptions_next_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_account_id"), "subscriptions", ["account_id"], unique=False
    )


def _create_access_periods() -> None:
    name, condition = _GRACE
    op.create_table(
        "access_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("trial", sa.Boolean(create_constraint=True, name="trial"), nullable=False),
        sa.Column("order_item", _BIG, nullable=True),
        sa.Column("grace_for", _BIG, nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_access_periods_last_day")),
        sa.CheckConstraint(condition, name=op.f(f"ck_access_periods_{name}")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_access_periods_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_item"], ["order_items.id"], name=op.f("fk_access_periods_order_item")
        ),
        sa.ForeignKeyConstraint(
            ["grace_for"], ["order_items.id"], name=op.f("fk_access_periods_grace_for")
        ),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_access_periods_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_periods")),
    )
    op.create_index(
        op.f("ix_access_periods_account_id_last_day"), "access_periods", ["account_id", "last_day"]
    )
    op.create_index("uq_access_periods_order_item", "access_periods", ["order_item"], unique=True)
    op.create_index(
        "uq_access_periods_trial",
        "access_periods",
        ["account_id", "product"],
        unique=True,
        sqlite_where=sa.text("trial"),
    )
    # The triggers went with the table.
    keys, days = ("account_id", "product"), ("first_day", "last_day")
    for statement in overlap_ddl("sqlite", "access_periods", keys, days):
        op.execute(statement)


def _create_mail_links() -> None:
    op.create_table(
        "mail_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_mail_links_expires_at")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_mail_links_token_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mail_links_account_id")
        ),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_mail_links_product")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mail_links")),
    )
    op.create_index(op.f("ix_mail_links_account_id"), "mail_links", ["account_id"])
    op.create_index(op.f("ix_mail_links_expires_at"), "mail_links", ["expires_at"])


def _create_due_actions() -> None:
    op.create_table(
        "due_actions",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("order_id", _BIG, nullable=True),
        sa.Column("subscription_id", _BIG, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (settled_at IS NULL)", name=op.f("ck_due_actions_settled_at")
        ),
        sa.CheckConstraint("key <> ''", name=op.f("ck_due_actions_key")),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'dropped', 'failed')", name=op.f("ck_due_actions_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_due_actions_account_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_due_actions_order_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_due_actions_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_actions")),
        sa.UniqueConstraint("key", name=op.f("uq_due_actions_key")),
    )
    for name, columns in (
        ("ix_due_actions_waiting", ["due_at", "id"]),
        ("ix_due_actions_account", ["account_id", "due_at", "id"]),
    ):
        op.create_index(
            name, "due_actions", columns, sqlite_where=_WAITING, postgresql_where=_WAITING
        )
