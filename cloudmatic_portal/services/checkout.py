"""From the cart to an order: once, whatever the customer's hands and tabs do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.due import order_expiry
from cloudmatic_portal.domain.errors import (
    BalanceChanged,
    CartChanged,
    CartNotBuyable,
    MethodNotOffered,
    QuoteChanged,
)
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import PAY_WITHIN, EnteredBy
from cloudmatic_portal.domain.payment import BankAccount, PaymentMethod, methods_for
from cloudmatic_portal.domain.paypal import again_and_again
from cloudmatic_portal.domain.quote import Customer, Quote
from cloudmatic_portal.domain.reference import RANDOM_BYTES, new_reference
from cloudmatic_portal.services import letters, settlement
from cloudmatic_portal.services.cart import priced, used
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import cart as stored_cart
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import legal as stored_legal
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.cart import Contents
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.order import NewOrder

_NOTHING: Final = Money(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Whose cart is bought, in which kind of session and language.

    `session_hash` is the booking-only session's, which may look at its own orders.
    """

    account_id: int
    entered_by: EnteredBy
    language: Language
    session_hash: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What the customer saw and agreed to: that revision of the cart, at that quote, under those
    terms, of which the balance pays `from_balance`.
    """

    revision: int
    fingerprint: str
    method: PaymentMethod | None
    terms: Terms
    from_balance: Money = _NOTHING


@dataclass(frozen=True, slots=True)
class Review:
    """What is about to be bought, what its products are, by code, and what the balance pays."""

    quote: Quote
    products: Mapping[str, Product]
    from_balance: Money

    @property
    def due(self) -> Money:
        """What is still to pay."""
        return self.quote.total.gross - self.from_balance


async def review(database: Database, account_id: int, now: datetime) -> Review:
    """All that the customer has to see before buying. Changes nothing."""
    async with database.reading() as connection:
        contents = await stored_cart.load(connection, account_id)
        periods = await stored_access.not_ended(connection, account_id, berlin_day(now))
        products = await stored_catalogue.every(connection)
        had = await stored_ledger.balance(connection, account_id)
    customer = Customer(account_id=account_id, periods=periods, used=used(contents))
    agreed = priced(contents, customer, now)
    return Review(
        agreed,
        {each.code: each for each in products},
        ledger.spendable(had, agreed.total.gross),
    )


def agreed_again(agreed: Quote) -> bool:
    """Whether PayPal can pay by one agreement what is ordered again and again."""
    return again_and_again(agreed.lines) is not None


async def buy(  # noqa: PLR0913 - what buying needs
    database: Database,
    buyer: Buyer,
    purchase: Purchase,
    *,
    bank: BankAccount | None,
    paypal: bool = False,
    now: datetime,
    random_bytes: RandomBytes,
) -> str:
    """Order what is in the cart; return the order's reference.

    Of one revision of a cart there is one order: a second click, a reload and another tab get the
    reference of the first. What costs nothing, or is covered by the balance, is active at once.

    Raises CartChanged, QuoteChanged, BalanceChanged, CartNotBuyable, MethodNotOffered,
    VoucherUsedUp or VoucherUsedBefore; nothing is changed then.
    """
    async with database.writing() as connection:
        account = await stored_account.lock(connection, buyer.account_id)
        if account is None:
            raise CartNotBuyable
        if not await stored_cart.take(connection, buyer.account_id, purchase.revision):
            return await _bought_before(connection, buyer.account_id, purchase.revision)
        contents = await stored_cart.load(connection, buyer.account_id)
        customer = Customer(account_id=buyer.account_id, used=used(contents))
        agreed = priced(contents, customer, now)
        had = await stored_ledger.balance(connection, buyer.account_id)
        spent = ledger.spendable(had, agreed.total.gross)
        _check(agreed, spent, purchase, bank=bank is not None, paypal=paypal)
        new = _order(agreed, spent, buyer, purchase, now, random_bytes)
        order, days = await settlement.place(connection, new)
        if days is None:
            expiry = order_expiry(order.account_id, order.order_id, order.pay_until)
            await stored_due.plan(connection, [expiry])
        await stored_legal.agree(connection, order.order_id, purchase.terms, now)
        await _redeem(connection, agreed, contents, order.order_id, buyer.account_id)
        await stored_cart.empty(connection, buyer.account_id)
        await letters.confirm(connection, account, new, agreed, bank, days)
    return new.reference


async def _bought_before(connection: AsyncConnection, account_id: int, revision: int) -> str:
    reference = await stored_order.of_cart(connection, account_id, revision)
    if reference is None:
        raise CartChanged
    return reference


def _check(agreed: Quote, spent: Money, purchase: Purchase, *, bank: bool, paypal: bool) -> None:
    if not agreed.buyable:
        raise CartNotBuyable
    if agreed.fingerprint != purchase.fingerprint:
        raise QuoteChanged
    if spent != purchase.from_balance:
        raise BalanceChanged
    if purchase.method not in methods_for(
        agreed.total.gross,
        subscribes=agreed.subscribes,
        bank=bank,
        from_balance=spent,
        paypal=paypal,
        agreement=agreed_again(agreed),
    ):
        raise MethodNotOffered


def _order(
    agreed: Quote,
    spent: Money,
    buyer: Buyer,
    purchase: Purchase,
    now: datetime,
    random_bytes: RandomBytes,
) -> NewOrder:
    if purchase.method is None:
        raise MethodNotOffered
    return NewOrder(
        account_id=buyer.account_id,
        reference=new_reference(random_bytes(RANDOM_BYTES)),
        cart_revision=purchase.revision,
        method=purchase.method,
        entered_by=buyer.entered_by,
        session_hash=buyer.session_hash,
        language=buyer.language,
        total=agreed.total.gross,
        lines=agreed.lines,
        created_at=now,
        pay_until=berlin_day(now) + PAY_WITHIN,
        paid=spent,
        transfer_references=[
            new_reference(random_bytes(RANDOM_BYTES)) if line.kind == "subscription" else None
            for line in agreed.lines
        ],
        terms_version=purchase.terms.version,
    )


async def _redeem(
    connection: AsyncConnection, agreed: Quote, contents: Contents, order_id: int, account_id: int
) -> None:
    # In the order of their codes, so that two customers never wait for each other's voucher.
    for voucher in sorted(agreed.holding, key=lambda each: each.code):
        entered = contents.entered[voucher.code]
        await stored_voucher.redeem(connection, entered, order_id, account_id, voucher.saved)
