"""PayPal: attempts at paying, agreements, plans, what PayPal has told; two more methods."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_METHODS: Final = "method IN ('transfer', 'standing_order', 'balance', 'none')"
_MORE_METHODS: Final = (
    "method IN ('transfer', 'standing_order', 'paypal', 'paypal_agreement', 'balance', 'none')"
)
_BUSY: Final = sa.text("state IN ('capturing', 'pending')")
_LOOK: Final = sa.text("check_at IS NOT NULL")
_WAITING: Final = sa.text("state = 'waiting'")
_CURRENCY: Final = "length(currency) = 3 AND currency = upper(currency)"


def upgrade() -> None:
    for table in ("orders", "subscriptions"):
        _allow_methods(table)
    _create_checkouts()
    _create_agreements()
    _create_plans()
    _create_events()


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _allow_methods(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake(table)
        return
    name = op.f(f"ck_{table}_method")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, _MORE_METHODS)


def _remake(table: str) -> None:
    """SQLite cannot change constraints: make the table anew, under its own name, by its own text.

    Foreign keys that refer to it are looked at again when the transaction ends.
    """
    connection = op.get_bind()
    parts: Any = sa.text(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"
    )
    found = connection.execute(parts, {"table": table}).all()
    [definition] = [sql for kind, sql in found if kind == "table"]
    if definition.count(_METHODS) != 1:
        raise LookupError(f"the methods are not once in the definition of {table}")
    names = ", ".join(each["name"] for each in sa.inspect(connection).get_columns(table))
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(f"CREATE TEMP TABLE former AS SELECT {names} FROM {table}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(definition.replace(_METHODS, _MORE_METHODS))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) SELECT {names} FROM former")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE former")
    for kind, sql in found:
        if kind != "table":
            connection.exec_driver_sql(sql)


def _create_checkouts() -> None:
    states = "'created', 'capturing', 'pending', 'captured', 'gone'"
    op.create_table(
        "paypal_checkouts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("paypal_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("check_at", _INSTANT, nullable=True),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        *_checks(
            "paypal_checkouts",
            amount_cents="amount_cents > 0",
            currency=_CURRENCY,
            place="place IN ('login', 'booking')",
            state=f"state IN ({states})",
            paypal_id="state = 'created' OR paypal_id IS NOT NULL",
        ),
        *_keys("paypal_checkouts"),
    )
    op.create_index(
        "uq_paypal_checkouts_busy",
        "paypal_checkouts",
        ["order_id"],
        unique=True,
        sqlite_where=_BUSY,
        postgresql_where=_BUSY,
    )
    _index("ix_paypal_checkouts_check", "paypal_checkouts", "check_at", _LOOK)


def _create_agreements() -> None:
    op.create_table(
        "paypal_agreements",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("order_id", _BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("paypal_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.String(length=16), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("check_at", _INSTANT, nullable=True),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        *_checks(
            "paypal_agreements",
            amount_cents="amount_cents > 0",
            currency=_CURRENCY,
            place="place IN ('login', 'booking')",
            state="state IN ('created', 'active', 'suspended', 'ended')",
            paypal_id="state IN ('created', 'ended') OR paypal_id IS NOT NULL",
            wanted="wanted IN ('cancel', 'suspend', 'activate')",
        ),
        *_keys("paypal_agreements"),
    )
    _index("ix_paypal_agreements_check", "paypal_agreements", "check_at", _LOOK)


def _create_plans() -> None:
    op.create_table(
        "paypal_plans",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        *_checks("paypal_plans", months="months BETWEEN 1 AND 12", price_cents="price_cents > 0"),
        sa.ForeignKeyConstraint(
            ["product"], ["products.code"], name=op.f("fk_paypal_plans_product")
        ),
        sa.PrimaryKeyConstraint(
            "site", "product", "months", "price_cents", "currency", name=op.f("pk_paypal_plans")
        ),
    )


def _create_events() -> None:
    op.create_table(
        "paypal_events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("event_type", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        *_checks(
            "paypal_events",
            state="state IN ('waiting', 'done', 'ignored', 'unclear')",
            currency="(amount_cents IS NULL) = (currency IS NULL)",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paypal_events")),
    )
    _index("ix_paypal_events_waiting", "paypal_events", "parent", _WAITING)
    op.create_index(op.f("ix_paypal_events_received_at"), "paypal_events", ["received_at"])


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(each, name=op.f(f"ck_{table}_{name}"))
        for name, each in conditions.items()
    ]


def _keys(table: str) -> list[Any]:
    """What the two tables of things under way have in common."""
    return [
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f(f"fk_{table}_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("order_id", "number", name=op.f(f"uq_{table}_order_id_number")),
        sa.UniqueConstraint("paypal_id", name=op.f(f"uq_{table}_paypal_id")),
    ]


def _index(name: str, table: str, column: str, where: Any) -> None:
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
