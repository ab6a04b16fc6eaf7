"""An account's cart, whoever looks at it: a login or a booking-only session."""

from __future__ import annotations

from collections.abc import Collection

from cloudmatic_portal.domain.cart import Cart
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import cart as stored_cart
from cloudmatic_portal.storage.database import Database


async def show(database: Database, account_id: int) -> Cart:
    async with database.reading() as connection:
        return await stored_cart.load(connection, account_id)


async def remove(database: Database, account_id: int, products: Collection[str]) -> None:
    """Take `products` out of the cart; what is not in it is no error, it is gone already."""
    if not products:
        return
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        await stored_cart.remove(connection, account_id, products)
