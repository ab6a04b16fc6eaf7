"""An account's cart, whoever looks at it: a login or a booking-only session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

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
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.cart import Contents
from cloudmatic_portal.storage.database import Database


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
    typed: TypedCode | None = None,
    now: datetime,
) -> None:
    """Take `products` and `vouchers` out and then enter the voucher that was typed, if any.

    What is not in the cart is no error, it is gone. The voucher counts as long as it holds; it is
    redeemed by buying. Raises VoucherRefused with the reason if it would not count, or
    TooManyAttempts if the account or the network has to wait for having guessed; the cart is as
    it was then.
    """
    if typed is not None:
        await _remove_and_enter(database, account_id, products, vouchers, typed, now)
    elif products or vouchers:
        async with database.writing() as connection:
            await stored_cart.hold(connection, account_id)
            if await _remove(connection, account_id, products, vouchers):
                await stored_cart.change(connection, account_id, now)


async def _remove_and_enter(
    database: Database,
    account_id: int,
    products: Collection[str],
    vouchers: Collection[str],
    typed: TypedCode,
    now: datetime,
) -> None:
    code = read_code(typed.text)
    attempt = Attempt("voucher", typed.network, str(account_id))
    async with database.writing() as connection:
        # Whoever guesses with a hundred requests at once waits here for each of them.
        await stored_account.lock(connection, account_id)
        await throttle.check(connection, attempt, now)
        wrong = await _guess(connection, code, account_id)
        if wrong is not None:
            await throttle.failed(connection, attempt, now)
        else:
            await stored_cart.change(connection, account_id, now)
            await _remove(connection, account_id, products, vouchers)
            await _enter(connection, account_id, code, now)
    if wrong is not None:
        raise wrong


async def _guess(connection: AsyncConnection, code: str, account_id: int) -> VoucherRefused | None:
    """Why the account cannot have been given the code; None if it may have been."""
    found = await stored_voucher.owner(connection, code)
    if found is None:
        return VoucherUnknown(code)
    mine = found.account_id in {None, account_id}
    return None if mine else VoucherForAnotherAccount(code)


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
