"""Carts: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.cart import Cart, CartItem
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.storage.tables import cart_items, carts, products


async def load(connection: AsyncConnection, account_id: int) -> Cart:
    query = (
        select(cart_items, products.c.name)
        .join(products, cart_items.c.product == products.c.code)
        .where(cart_items.c.cart == account_id)
        .order_by(cart_items.c.added_at, products.c.position)
    )
    return Cart(tuple(map(_item, await connection.execute(query))))


async def put(connection: AsyncConnection, account_id: int, item: CartItem, now: datetime) -> None:
    """Store `item` in the place of what the cart holds of the product. Lock the account first."""
    await _ensure_cart(connection, account_id, now)
    values = _values(item)
    same = (cart_items.c.cart == account_id, cart_items.c.product == item.product)
    if not (await connection.execute(update(cart_items).where(*same).values(values))).rowcount:
        values |= {"cart": account_id, "product": item.product}
        await connection.execute(insert(cart_items).values(values))


async def remove(connection: AsyncConnection, account_id: int, codes: Collection[str]) -> None:
    mine = cart_items.c.cart == account_id
    await connection.execute(delete(cart_items).where(mine, cart_items.c.product.in_(codes)))


async def _ensure_cart(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    present = select(exists().where(carts.c.account_id == account_id))
    if not (await connection.execute(present)).scalar():
        await connection.execute(insert(carts).values(account_id=account_id, created_at=now))


def _values(item: CartItem) -> dict[str, Any]:
    return {
        "months": item.months,
        "kind": item.kind,
        "price_cents": item.price.gross.cents,
        "currency": item.price.gross.currency,
        "vat_basis_points": item.price.vat_basis_points,
        "added_at": item.added_at,
    }


def _item(row: Row[Any]) -> CartItem:
    return CartItem(
        product=row.product,
        name=row.name,
        months=row.months,
        kind=row.kind,
        price=Price(Money(row.price_cents, row.currency), row.vat_basis_points),
        added_at=row.added_at,
    )
