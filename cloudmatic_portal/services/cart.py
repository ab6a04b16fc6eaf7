"""An account's cart, whoever looks at it: a login or a booking-only session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import CartItem, Wish, place
from cloudmatic_portal.domain.errors import (
    ProductUnknown,
    VoucherForAnotherAccount,
    VoucherNotCombinable,
    VoucherRefused,
    VoucherUnknown,
)
from cloudmatic_portal.domain.quote import Customer, Quote, quote
from cloudmatic_portal.domain.throttle import UNKNOWN, Attempt
from cloudmatic_portal.domain.voucher import read_code
from cloudmatic_portal.services import throttle
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import cart as stored_cart
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.cart import Contents
from cloudmatic_portal.storage.database import Database

_GUESSED: Final = (VoucherUnknown, VoucherForAnotherAccount)
"""What a code is refused for that the customer cannot have been given."""


@dataclass(frozen=True, slots=True)
class TypedCode:
    """A voucher code as somebody in `network` typed it."""

    text: str
    network: str = UNKNOWN


async def show(database: Database, account_id: int, now: datetime) -> Quote:
    """The cart at today's prices, with the days on which its packages would run."""
    async with database.reading() as connection:
        contents = await stored_cart.load(connection, account_id)
        periods = await stored_access.not_ended(connection, account_id, berlin_day(now))
    customer = Customer(account_id=account_id, periods=periods, used=used(contents))
    return priced(contents, customer, now)


async def preview(
    connection: AsyncConnection, account_id: int, wish: Wish, now: datetime
) -> CartItem:
    """The item that the cart would hold if `wish` were put into it. Raises BookingRefused."""
    product = await stored_catalogue.find(connection, wish.product)
    if product is None:
        raise ProductUnknown(wish.product)
    contents = await stored_cart.load(connection, account_id)
    return place(contents.cart, product, wish, now)


async def put(database: Database, account_id: int, wish: Wish, now: datetime) -> None:
    """Put `wish` into the cart. Raises BookingRefused."""
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        item = await preview(connection, account_id, wish, now)
        await stored_cart.put(connection, account_id, item, now)


async def remove(
    database: Database, account_id: int, products: Collection[str], vouchers: Collection[str] = ()
) -> None:
    """Take `products` and `vouchers` out; what is not in the cart is no error, it is gone."""
    if not products and not vouchers:
        return
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        await _remove(connection, account_id, products, vouchers)


async def enter_voucher(database: Database, account_id: int, text: str, now: datetime) -> None:
    """Put a voucher into the cart, where it counts as long as it holds. Redeems nothing yet.

    Raises VoucherRefused with the reason if it would not count.
    """
    await update(database, account_id, typed=TypedCode(text), now=now)


async def update(
    database: Database,
    account_id: int,
    *,
    products: Collection[str] = (),
    vouchers: Collection[str] = (),
    typed: TypedCode | None = None,
    now: datetime,
) -> None:
    """Take `products` and `vouchers` out and then enter the voucher that was typed, if any.

    Raises VoucherRefused with the reason if it would not count, or TooManyAttempts if the account
    or the network has to wait for having guessed; the cart is as it was then.
    """
    if typed is None:
        await remove(database, account_id, products, vouchers)
        return
    code = read_code(typed.text)
    attempt = Attempt("voucher", typed.network, str(account_id))
    await throttle.admit(database, attempt, now)
    try:
        async with database.writing() as connection:
            await stored_account.lock(connection, account_id)
            await _remove(connection, account_id, products, vouchers)
            await _enter(connection, account_id, code, now)
            await throttle.succeeded(connection, attempt, now)
    except VoucherRefused as refused:
        if not isinstance(refused, _GUESSED):
            # The code is right; that it does not hold for this cart is no guess.
            async with database.writing() as connection:
                await throttle.succeeded(connection, attempt, now)
        raise


async def _remove(
    connection: AsyncConnection,
    account_id: int,
    products: Collection[str],
    vouchers: Collection[str],
) -> None:
    if products:
        await stored_cart.remove(connection, account_id, products)
    if vouchers and await stored_voucher.withdraw(connection, account_id, set(vouchers)):
        await stored_cart.change(connection, account_id)


async def _enter(connection: AsyncConnection, account_id: int, code: str, now: datetime) -> None:
    found = await stored_voucher.find(connection, code, account_id)
    if found is None:
        raise VoucherUnknown(code)
    found.voucher.check(account_id, berlin_day(now), found.used)
    await stored_voucher.enter(connection, account_id, code, now)
    await stored_cart.ensure(connection, account_id, now)
    contents = await stored_cart.load(connection, account_id)
    customer = Customer(account_id=account_id, used=used(contents))
    # A refusal rolls the entry back.
    for voucher in priced(contents, customer, now).vouchers:
        if voucher.code == code and voucher.refused is not None:
            raise voucher.refused
        if isinstance(voucher.refused, VoucherNotCombinable):
            raise VoucherNotCombinable(code)


def priced(contents: Contents, customer: Customer, now: datetime) -> Quote:
    vouchers = {code: each.voucher for code, each in contents.entered.items()}
    return quote(contents.cart, contents.products, vouchers, customer, berlin_day(now))


def used(contents: Contents) -> dict[str, int]:
    """How often the account has redeemed the vouchers in its cart."""
    return {code: each.used for code, each in contents.entered.items()}
