"""What must never become of orders, vouchers and payments, the databases refuse by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import metadata
from tests.integration.portal.world import NOW, TODAY

Row = Mapping[str, Any]

ROWS: Final[dict[str, Row]] = {
    "orders": {
        "id": 1,
        "account_id": 4711,
        "reference": "ABCDEFGHJ",
        "cart_revision": 3,
        "state": "open",
        "method": "transfer",
        "entered_by": "login",
        "language": "de",
        "currency": "EUR",
        "total_cents": 3600,
        "paid_cents": 0,
        "created_at": NOW,
        "pay_until": TODAY + timedelta(days=14),
    },
    "subscriptions": {
        "id": 1,
        "account_id": 4711,
        "reference": "ABCDEFGHM",
        "state": "active",
        "product": "complete",
        "months": 12,
        "price_cents": 3600,
        "currency": "EUR",
        "vat_basis_points": 1900,
        "method": "transfer",
        "anchor": TODAY,
        "first_number": 0,
        "free_months": 0,
        "created_at": NOW,
    },
    "order_items": {
        "id": 1,
        "order_id": 1,
        "position": 0,
        "product": "complete",
        "name": "CloudMatic Complete",
        "product_kind": "package",
        "quantity": 12,
        "free_months": 0,
        "kind": "single",
        "list_cents": 3600,
        "price_cents": 3600,
        "vat_basis_points": 1900,
        "subscription_id": 1,
        "period_number": 0,
        "subscription_reference": "ABCDEFGHM",
    },
    "vouchers": {
        "code": "TWICE",
        "kind": "percent",
        "value": 1000,
        "valid_from": TODAY,
        "max_redemptions": 2,
        "combinable": False,
        "active": True,
    },
    "voucher_redemptions": {
        "id": 1,
        "voucher": "TWICE",
        "order_id": 1,
        "account_id": 4711,
        "use_number": 1,
        "saved_cents": 0,
    },
    "payments": {
        "id": 1,
        "account_id": 4711,
        "method": "transfer",
        "amount_cents": 100,
        "currency": "EUR",
        "received_on": TODAY,
        "booked_at": NOW,
        "source": "statement 1, line 1",
    },
    "ledger_entries": {
        "id": 1,
        "account_id": 4711,
        "kind": "payment",
        "cents": 100,
        "currency": "EUR",
        "order_id": 1,
        "payment_id": 1,
        "booked_at": NOW,
        "note": "",
    },
    "credit_entries": {
        "id": 1,
        "account_id": 4711,
        "product": "notifyme",
        "messages": 100,
        "order_item": 1,
        "made_at": NOW,
    },
    "access_periods": {
        "id": 1001,
        "account_id": 4711,
        "product": "complete",
        "first_day": date(2031, 1, 1),
        "last_day": date(2031, 12, 31),
        "trial": False,
        "order_item": 1,
    },
}
ORDER_2: Final = {"id": 2, "reference": "ABCDEFGHK", "cart_revision": 4}


async def put(database: Database, table: str, changes: Row | None = None) -> None:
    row = {**ROWS[table], **(changes or {})}
    async with database.writing() as connection:
        await connection.execute(insert(metadata.tables[table]).values(row))


@pytest.fixture
async def filled(database: Database) -> Database:
    """A database with one of each."""
    for table in ROWS:
        await put(database, table)
    await put(database, "orders", ORDER_2)
    return database


@pytest.mark.parametrize(
    ("table", "second"),
    [
        # One order of one revision of a cart, which is the key that makes buying idempotent.
        ("orders", {"id": 3, "reference": "ABCDEFGHL"}),
        ("orders", {"id": 3, "cart_revision": 5}),
        (
            "order_items",
            {
                "id": 2,
                "subscription_id": None,
                "period_number": None,
                "subscription_reference": None,
            },
        ),
        # One order of one period of a subscription.
        ("order_items", {"id": 2, "order_id": 2, "subscription_reference": None}),
        # A reference on a transfer means one subscription, or one order.
        ("subscriptions", {"id": 2}),
        ("order_items", {"id": 2, "position": 1, "subscription_id": None, "period_number": None}),
        ("orders", {"id": 3, "cart_revision": 5, "reference": "ABCDEFGHM"}),
        (
            "order_items",
            {
                "id": 2,
                "position": 1,
                "subscription_id": None,
                "period_number": None,
                "subscription_reference": "ABCDEFGHJ",
            },
        ),
        # One redemption per voucher and order; and one first use per account.
        ("voucher_redemptions", {"id": 2, "use_number": 2}),
        ("voucher_redemptions", {"id": 2, "order_id": 2}),
        # A payment is booked once, for whatever account, and once for an order.
        ("payments", {"id": 2, "account_id": 4712}),
        ("ledger_entries", {"id": 2}),
        # What was paid once is given once.
        ("credit_entries", {"id": 2}),
        ("access_periods", {"id": 1002, "product": "connect"}),
    ],
)
async def test_there_is_one_of_it(filled: Database, table: str, second: Row) -> None:
    with pytest.raises(IntegrityError):
        await put(filled, table, second)


CHARGE: Final = {"kind": "charge", "cents": -3600, "payment_id": None}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # An order is charged once, and that is taken back once.
        (CHARGE, CHARGE),
        ({**CHARGE, "kind": "reversal", "cents": 3600},) * 2,
        # What happens outside happens once.
        ({"kind": "refund", "cents": -1, "order_id": None, "source": "bank 2"},) * 2,
        # What of a payment is for no order is so once.
        ({"order_id": None},) * 2,
    ],
)
async def test_the_ledger_has_it_once(filled: Database, first: Row, second: Row) -> None:
    await put(filled, "ledger_entries", {**first, "id": 2})
    with pytest.raises(IntegrityError):
        await put(filled, "ledger_entries", {**second, "id": 3})


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_entries SET cents = 1", "DELETE FROM ledger_entries"]
)
async def test_the_ledger_is_never_changed(filled: Database, change: str) -> None:
    with pytest.raises(IntegrityError, match="ledger_entries_append_only"):
        async with filled.writing() as connection:
            await connection.execute(text(change))


async def test_a_voucher_that_was_given_back_can_be_used_first_again(filled: Database) -> None:
    uses = metadata.tables["voucher_redemptions"]
    async with filled.writing() as connection:
        await connection.execute(update(uses).values(given_back_at=NOW))
    await put(filled, "voucher_redemptions", {"id": 2, "order_id": 2})


async def test_no_voucher_is_redeemed_more_often_than_it_may_be(filled: Database) -> None:
    vouchers = metadata.tables["vouchers"]
    for redeemed in (1, 2):
        async with filled.writing() as connection:
            await connection.execute(update(vouchers).values(redeemed=redeemed))
    for redeemed in (3, -1):
        with pytest.raises(IntegrityError, match="ck_vouchers_redeemed"):
            async with filled.writing() as connection:
                await connection.execute(update(vouchers).values(redeemed=redeemed))


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("orders", {"account_id": 1}),
        ("orders", {"state": "lost"}),
        # Nothing is active that is not paid, and what is paid in full does not wait.
        ("orders", {"state": "active", "activated_at": NOW}),
        ("orders", {"state": "paid"}),
        ("orders", {"paid_cents": 3600}),
        ("orders", {"state": "active", "paid_cents": 3600}),
        ("orders", {"method": "none"}),
        ("orders", {"method": "cash"}),
        ("orders", {"total_cents": -1}),
        ("orders", {"paid_cents": -1}),
        # What is more than the price, or not owed any more, is the account's.
        ("orders", {"state": "active", "paid_cents": 3601, "activated_at": NOW}),
        ("orders", {"state": "cancelled", "paid_cents": 1}),
        ("orders", {"state": "refunded", "paid_cents": 3600}),
        ("orders", {"reference": "ABC"}),
        ("orders", {"session_hash": b"short"}),
        ("order_items", {"price_cents": 3601}),
        ("order_items", {"price_cents": -1}),
        ("order_items", {"quantity": 0}),
        ("order_items", {"free_months": 121}),
        ("order_items", {"subscription_id": None}),
        ("order_items", {"period_number": None}),
        ("vouchers", {"code": "small"}),
        ("vouchers", {"value": 0}),
        ("vouchers", {"value": 10_001}),
        ("vouchers", {"valid_until": TODAY - timedelta(days=1)}),
        ("vouchers", {"max_redemptions": 0}),
        ("vouchers", {"per_account": 0}),
        ("voucher_redemptions", {"voucher": "UNHEARD"}),
        ("voucher_redemptions", {"saved_cents": -1}),
        ("voucher_redemptions", {"use_number": 0}),
        ("payments", {"amount_cents": 0}),
        ("payments", {"account_id": 99}),
        ("payments", {"method": "cash"}),
        ("payments", {"source": ""}),
        ("ledger_entries", {"cents": 0}),
        ("ledger_entries", {"cents": -1}),
        ("ledger_entries", {"kind": "charge"}),
        ("ledger_entries", {"kind": "gift"}),
        ("ledger_entries", {"payment_id": None}),
        ("ledger_entries", {"source": "a payment has its own"}),
        ("ledger_entries", {"kind": "charge", "cents": -1, "order_id": None}),
        ("ledger_entries", {"kind": "refund", "cents": -1, "source": "out of an order"}),
        ("ledger_entries", {"kind": "refund", "cents": -1, "order_id": None}),
        ("ledger_entries", {"kind": "moved", "cents": 0}),
        ("credit_entries", {"messages": 0}),
        ("access_periods", {"last_day": date(2030, 12, 31)}),
    ],
)
async def test_what_is_not_as_agreed_is_refused(database: Database, table: str, wrong: Row) -> None:
    for each in ROWS:
        if each == table:
            break
        await put(database, each)
    with pytest.raises(IntegrityError):
        await put(database, table, wrong)
    # It is the one fact that was wrong.
    await put(database, table)
