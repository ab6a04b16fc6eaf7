"""The ledger: payments belong to accounts, entries say what they were used for; references of
subscriptions.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.domain.reference import RANDOM_BYTES, new_reference
from cloudmatic_portal.storage.ddl import append_only_ddl, forbid_shared_ddl

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_METHODS: Final = "method IN ('transfer', 'standing_order', 'none')"
_MORE_METHODS: Final = "method IN ('transfer', 'standing_order', 'balance', 'none')"
_HELD: Final = "paid_cents BETWEEN 0 AND total_cents"
_FIRST_PERIOD: Final = "coalesce(period_number, 0) = 0"
_NOTHING_HELD: Final = "state NOT IN ('cancelled', 'refunded') OR paid_cents = 0"

_CHECKS: Final = (
    (
        "kind",
        (
            "(kind IN ('payment', 'reversal') AND cents > 0)"
            " OR (kind IN ('charge', 'refund', 'return_debit') AND cents < 0)"
            " OR (kind IN ('moved', 'correction') AND cents <> 0)"
        ),
    ),
    ("currency", "length(currency) = 3 AND currency = upper(currency)"),
    ("order_id", "kind NOT IN ('charge', 'reversal') OR order_id IS NOT NULL"),
    ("balance", "kind NOT IN ('refund', 'return_debit', 'correction') OR order_id IS NULL"),
    ("payment_id", "kind NOT IN ('payment', 'return_debit') OR payment_id IS NOT NULL"),
    (
        "source",
        "(kind IN ('refund', 'return_debit', 'correction')) = (source IS NOT NULL)",
    ),
)
_INDEXES: Final[tuple[tuple[str, list[str], bool, str | None], ...]] = (
    ("ix_ledger_entries_account_id_id", ["account_id", "id"], False, None),
    ("ix_ledger_entries_order_id", ["order_id"], False, None),
    ("ix_ledger_entries_payment_id", ["payment_id"], False, None),
    ("ix_ledger_entries_balance", ["account_id", "cents"], False, "order_id IS NULL"),
    (
        "uq_ledger_entries_payment_for_order",
        ["payment_id", "order_id"],
        True,
        "kind = 'payment'",
    ),
    (
        "uq_ledger_entries_payment_for_balance",
        ["payment_id"],
        True,
        "kind = 'payment' AND order_id IS NULL",
    ),
    ("uq_ledger_entries_charge", ["order_id", "kind"], True, "kind IN ('charge', 'reversal')"),
)

_ENTRY: Final = (
    "INSERT INTO ledger_entries"
    " (kind, account_id, cents, currency, order_id, payment_id, booked_at, note)"
)
_PAID: Final = (
    "SELECT 'payment', o.account_id, f.amount_cents, f.currency, f.order_id, f.id, f.booked_at, ''"
    " FROM former_payments f JOIN orders o ON o.id = f.order_id ORDER BY f.id"
)
_CHARGED: Final = (
    "SELECT 'charge', account_id, -total_cents, currency, id, NULL, activated_at, ''"
    " FROM orders WHERE state = 'active' AND total_cents > 0 ORDER BY id"
)
# What is the customer's of the money that an order has received.
_EXCESS: Final = (
    "CASE WHEN state IN ('cancelled', 'refunded') THEN paid_cents"
    " WHEN paid_cents > total_cents THEN paid_cents - total_cents ELSE 0 END"
)
_LAST: Final = "(SELECT max(booked_at) FROM former_payments WHERE order_id = orders.id)"


def upgrade() -> None:
    _keep_payments()
    _make_payments()
    _make_ledger()
    _fill_ledger()
    _change_orders()
    for statement in append_only_ddl(_dialect(), "ledger_entries"):
        op.execute(statement)
    _make_references()


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")


def _dialect() -> str:
    return op.get_bind().dialect.name


def _keep_payments() -> None:
    op.execute("CREATE TEMP TABLE former_payments AS SELECT * FROM payments")
    op.drop_table("payments")


def _make_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("booked_at", _INSTANT, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("method IN ('transfer', 'paypal')", name=op.f("ck_payments_method")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount_cents")),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)", name=op.f("ck_payments_currency")
        ),
        sa.CheckConstraint("source <> ''", name=op.f("ck_payments_source")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payments_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("source", name=op.f("uq_payments_source")),
    )
    op.create_index(op.f("ix_payments_account_id_id"), "payments", ["account_id", "id"])
    op.execute(
        "INSERT INTO payments"
        " (id, account_id, method, amount_cents, currency, received_on, booked_at, source)"
        " SELECT f.id, o.account_id, 'transfer', f.amount_cents, f.currency, f.received_on,"
        " f.booked_at, f.source FROM former_payments f JOIN orders o ON o.id = f.order_id"
    )
    if _dialect() == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('payments', 'id'),"
            " (SELECT coalesce(max(id), 0) + 1 FROM payments), false)"
        )


def _make_ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("order_id", _BIG, nullable=True),
        sa.Column("payment_id", _BIG, nullable=True),
        sa.Column("booked_at", _INSTANT, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        *(
            sa.CheckConstraint(each, name=op.f(f"ck_ledger_entries_{name}"))
            for name, each in _CHECKS
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_ledger_entries_{column}"))
            for column, target in (
                ("account_id", "accounts.id"),
                ("order_id", "orders.id"),
                ("payment_id", "payments.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("source", name=op.f("uq_ledger_entries_source")),
    )
    for name, columns, unique, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(
            name,
            "ledger_entries",
            columns,
            unique=unique,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _fill_ledger() -> None:
    """What has happened so far: payments for orders, what active ones cost, what was too much."""
    for entries in (_PAID, _CHARGED, _moved("-", "id"), _moved("", "NULL")):
        op.execute(f"{_ENTRY} {entries}")
    op.execute(
        f"UPDATE orders SET paid_cents = paid_cents - ({_EXCESS}) WHERE ({_EXCESS}) > 0"  # noqa: S608
    )
    op.execute("DROP TABLE former_payments")


def _moved(sign: str, order: str) -> str:
    return (
        f"SELECT 'moved', account_id, {sign}({_EXCESS}), currency, {order}, NULL, {_LAST},"  # noqa: S608
        f" 'before the ledger' FROM orders WHERE ({_EXCESS}) > 0 ORDER BY id"
    )


def _change_orders() -> None:
    if _dialect() == "sqlite":
        _remake("orders", _other_orders)
        return
    for name, condition in (
        ("method", _MORE_METHODS),
        ("paid_cents", _HELD),
    ):
        op.drop_constraint(op.f(f"ck_orders_{name}"), "orders")
        op.create_check_constraint(op.f(f"ck_orders_{name}"), "orders", condition)
    op.create_check_constraint(op.f("ck_orders_nothing_held"), "orders", _NOTHING_HELD)


def _other_orders(former: str) -> str:
    held = f"CHECK ({_HELD}),\n\tCONSTRAINT ck_orders_nothing_held CHECK ({_NOTHING_HELD})"
    return _replaced(_replaced(former, _METHODS, _MORE_METHODS), "CHECK (paid_cents >= 0)", held)


def _make_references() -> None:
    op.add_column(
        "order_items", sa.Column("subscription_reference", sa.String(length=9), nullable=True)
    )
    op.add_column("subscriptions", sa.Column("reference", sa.String(length=9), nullable=True))
    _fill_references()
    op.create_index(
        "uq_order_items_subscription_reference",
        "order_items",
        ["subscription_reference"],
        unique=True,
        sqlite_where=sa.text(_FIRST_PERIOD),
        postgresql_where=sa.text(_FIRST_PERIOD),
    )
    if _dialect() == "sqlite":
        _remake("subscriptions", _other_subscriptions)
    else:
        op.alter_column("subscriptions", "reference", nullable=False)
        op.drop_constraint(op.f("ck_subscriptions_method"), "subscriptions")
        for name, condition in (("method", _MORE_METHODS), ("reference", "length(reference) = 9")):
            op.create_check_constraint(op.f(f"ck_subscriptions_{name}"), "subscriptions", condition)
        op.create_unique_constraint(
            op.f("uq_subscriptions_reference"), "subscriptions", ["reference"]
        )
    sides = ("orders", "reference"), ("order_items", "subscription_reference")
    for one, another in (sides, sides[::-1]):
        for statement in forbid_shared_ddl(_dialect(), one, another):
            op.execute(statement)


def _other_subscriptions(former: str) -> str:
    unique = "CONSTRAINT uq_subscriptions_reference UNIQUE (reference)"
    length = "CONSTRAINT ck_subscriptions_reference CHECK (length(reference) = 9)"
    primary = "CONSTRAINT pk_subscriptions PRIMARY KEY (id)"
    changed = _replaced(former, "reference VARCHAR(9)", "reference VARCHAR(9) NOT NULL")
    changed = _replaced(changed, _METHODS, _MORE_METHODS)
    return _replaced(changed, primary, f"{length},\n\t{unique},\n\t{primary}")


def _fill_references() -> None:
    """Of orders that begin, or will begin, a subscription: made of their own random numbers."""
    connection = op.get_bind()
    known = set(connection.scalars(sa.text("SELECT reference FROM orders")))
    begins = sa.text(
        "SELECT i.id, i.subscription_id, o.reference FROM order_items i"
        " JOIN orders o ON o.id = i.order_id WHERE i.kind = 'subscription'"
        " AND (i.period_number = 0 OR i.subscription_id IS NULL) ORDER BY i.id"
    )
    for item, subscription, reference in connection.execute(begins).all():
        made = _reference(f"{reference} {item}", known)
        known.add(made)
        for table, row in (("order_items", item), ("subscriptions", subscription)):
            column = "subscription_reference" if table == "order_items" else "reference"
            change = f"UPDATE {table} SET {column} = :made WHERE id = :row"  # noqa: S608
            connection.execute(sa.text(change), {"made": made, "row": row})
    op.execute(
        "UPDATE order_items SET subscription_reference = (SELECT reference FROM subscriptions"
        " WHERE subscriptions.id = subscription_id) WHERE period_number > 0"
    )


def _reference(seed: str, known: set[str]) -> str:
    digest = seed.encode()
    while True:
        digest = sha256(digest).digest()
        made = new_reference(digest[:RANDOM_BYTES])
        if made not in known:
            return made


def _remake(table: str, change: Callable[[str], str]) -> None:
    """SQLite cannot change constraints: make the table anew, under its own name, by its own text.

    Foreign keys that refer to it are looked at again when the transaction ends.
    """
    connection = op.get_bind()
    parts: Any = sa.text(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"
    )
    found = connection.execute(parts, {"table": table}).all()
    [definition] = [sql for kind, sql in found if kind == "table"]
    names = ", ".join(each["name"] for each in sa.inspect(connection).get_columns(table))
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(f"CREATE TEMP TABLE former AS SELECT {names} FROM {table}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(change(definition))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) SELECT {names} FROM former")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE former")
    for kind, sql in found:
        if kind != "table":
            connection.exec_driver_sql(sql)


def _replaced(text: str, former: str, new: str) -> str:
    if text.count(former) != 1:
        raise LookupError(f"{former!r} is not once in the table's definition")
    return text.replace(former, new)
