"""Buy as the pages do, without the pages: for tests of what lies below them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.account import NewAccount
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.ledger import spendable
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import Payment, PaymentMethod
from cloudmatic_portal.domain.quote import Quote
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import cart, checkout, ledger, orders, payments, vouchers
from cloudmatic_portal.services.cart import TypedCode
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.services.payments import Booked
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.world import BANK, NOW, TERMS

ACCOUNT = 4711


async def add_accounts(database: Database, *numbers: int) -> None:
    """Customers of their own, without trial or access."""
    async with database.writing() as connection:
        for number in numbers:
            new = NewAccount(
                account_id=number,
                user_name=f"customer{number}",
                email=f"customer{number}@example.org",
                language="de",
                created_at=NOW,
                password_hash="$argon2id$nobody-logs-in-here",
                user_key_hash=None,
            )
            await stored_account.add(connection, new)


async def fill(
    database: Database,
    account_id: int = ACCOUNT,
    product: str = "complete",
    quantity: int = 12,
    kind: BookingKind = "single",
    *,
    voucher: str | None = None,
    now: datetime = NOW,
) -> Quote:
    """Put it into the cart, with the voucher; return what the customer would agree to."""
    await cart.put(database, account_id, Wish(product, quantity, kind), now)
    if voucher is not None:
        await cart.update(database, account_id, typed=TypedCode(voucher), now=now)
    return await cart.show(database, account_id, now)


async def buy(
    database: Database,
    agreed: Quote,
    account_id: int = ACCOUNT,
    method: PaymentMethod | None = None,
    now: datetime = NOW,
) -> str:
    """Buy what `agreed` shows, with the balance and by transfer if more is due; return the
    reference.
    """
    spent = spendable(await ledger.balance(database, account_id), agreed.total.gross)
    usual: PaymentMethod = "transfer" if agreed.total.gross.cents else "none"
    if spent.cents and spent == agreed.total.gross:
        usual = "balance"
    return await checkout.buy(
        database,
        Buyer(account_id=account_id, entered_by="login", language="de"),
        Purchase(
            revision=agreed.revision,
            fingerprint=agreed.fingerprint,
            method=method or usual,
            terms=TERMS,
            from_balance=spent,
        ),
        bank=BANK,
        now=now,
        random_bytes=secrets.token_bytes,
    )


async def pay(database: Database, reference: str, now: datetime = NOW) -> Booked:
    """Let the whole amount of the order arrive."""
    order = (await find(database, reference, now)).total.gross
    arrived = Payment(order, berlin_day(now - timedelta(days=1)), f"bank {reference} {now}")
    return await payments.book(database, reference, arrived, now)


async def find(database: Database, reference: str, now: datetime = NOW) -> Order:
    """The order, whoever's it is, with its days. Raises OrderUnknown."""
    for order in await orders.search(database, account_id=None, state=None, most=1000):
        if order.reference == reference:
            return await orders.show(database, order.account_id, reference, now)
    raise OrderUnknown(reference)


async def add_voucher(database: Database, voucher: Voucher) -> str:
    await vouchers.make(database, voucher)
    return voucher.code
