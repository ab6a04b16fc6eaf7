"""An account's cart, whoever looks at it: a login or a booking-only session."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import CartItem, Wish, place
from cloudmatic_portal.domain.errors import ProductUnknown, VoucherNotCombinable
from cloudmatic_portal.domain.quote import Customer, Quote, quote
from cloudmatic_portal.domain.voucher import read_code
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import cart as stored_cart
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.cart import Contents
from cloudmatic_portal.storage.database import Database


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
    product, present = await stored_cart.beside(connection, account_id, wish.product)
    if product is None:
        raise ProductUnknown(wish.product)
    return place(product, present, wish, now)


async def put(database: Database, account_id: int, wish: Wish, now: datetime) -> None:
    """Put `wish` into the cart. Raises BookingRefused."""
    async with database.writing() as connection:
        await put_within(connection, account_id, wish, now)


async def put_within(
    connection: AsyncConnection, account_id: int, wish: Wish, now: datetime
) -> None:
    """The same, within the caller's transaction."""
    await stored_cart.change(connection, account_id, now)
    item = await preview(connection, account_id, wish, now)
    await stored_cart.put(connection, account_id, item)


async def update(
    database: Database,
    account_id: int,
    *,
    products: Collection[str] = (),
    vouchers: Collection[str] = (),
    text: str | None = None,
    now: datetime,
) -> None:
    """Take `products` and `vouchers` out and then enter the voucher `text`, if it is not None.

    What is not in the cart is no error, it is gone. The voucher counts as long as it holds; it is
    redeemed by buying. Raises VoucherRefused with the reason if it would not count; nothing is
    changed then.
    """
    code = None if text is None else read_code(text)
    async with database.writing() as connection:
        if code is not None:
            await stored_cart.change(connection, account_id, now)
            await _remove(connection, account_id, products, vouchers)
            await _enter(connection, account_id, code, now)
        elif products or vouchers:
            await stored_cart.hold(connection, account_id)
            if await _remove(connection, account_id, products, vouchers):
                await stored_cart.change(connection, account_id, now)


async def _remove(
    connection: AsyncConnection,
    account_id: int,
    products: Collection[str],
    vouchers: Collection[str],
) -> bool:
    gone = products and await stored_cart.remove(connection, account_id, products)
    withdrawn = vouchers and await stored_voucher.withdraw(connection, account_id, vouchers)
    return bool(gone or withdrawn)


async def _enter(connection: AsyncConnection, account_id: int, code: str, now: datetime) -> None:
    await stored_voucher.enter(connection, account_id, code, now)
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
