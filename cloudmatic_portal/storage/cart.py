"""Carts: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.cart import Cart, CartItem
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.tables import accounts, cart_items, cart_vouchers, carts
from cloudmatic_portal.storage.tables import products as product_table
from cloudmatic_portal.storage.tables import terms as term_table
from cloudmatic_portal.storage.voucher import Entered


@dataclass(frozen=True, slots=True)
class Contents:
    """A cart with what is needed to price it: its products (each with the terms of the quantity
    that lies in the cart) and the vouchers entered, by code.
    """

    cart: Cart
    products: Mapping[str, Product] = field(default_factory=dict)
    entered: Mapping[str, Entered] = field(default_factory=dict)


async def load(connection: AsyncConnection, account_id: int) -> Contents:
    """In two queries, whatever lies in it; an account without a cart has an empty one."""
    query = (
        select(carts.c.revision, cart_items, product_table, term_table)
        .select_from(carts)
        .outerjoin(cart_items)
        .outerjoin(product_table, cart_items.c.product == product_table.c.code)
        .outerjoin(
            term_table,
            and_(
                term_table.c.product == cart_items.c.product,
                term_table.c.quantity == cart_items.c.quantity,
            ),
        )
        .where(carts.c.account_id == account_id)
        .order_by(cart_items.c.added_at, product_table.c.position, term_table.c.valid_from)
        .set_label_style(_LABELS)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return Contents(Cart())
    entered = await stored_voucher.entered(connection, account_id)
    filled = [row for row in rows if row.cart_items_product is not None]
    items = {row.cart_items_product: _item(row) for row in filled}
    cart = Cart(tuple(items.values()), tuple(entered), rows[0].carts_revision)
    return Contents(cart, stored_catalogue.from_rows(filled), entered)


_LABELS = stored_catalogue.LABELS


async def hold(connection: AsyncConnection, account_id: int) -> tuple[Account, int] | None:
    """The account and its cart's revision, held until the transaction ends; None without a cart.

    Both rows are locked, so both are as the last one who held them left them. (A row that is only
    joined would be read as it was before the wait.)
    """
    query = (
        select(accounts, carts.c.revision)
        .join(carts)
        .where(accounts.c.id == account_id)
        .with_for_update(key_share=True)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (stored_account.from_row(row), row.revision)


async def put(connection: AsyncConnection, account_id: int, item: CartItem, now: datetime) -> None:
    """Store `item` in the place of what the cart holds of the product. Lock the account first."""
    await ensure(connection, account_id, now)
    values = _values(item)
    same = (cart_items.c.cart == account_id, cart_items.c.product == item.product)
    if not (await connection.execute(update(cart_items).where(*same).values(values))).rowcount:
        values |= {"cart": account_id, "product": item.product}
        await connection.execute(insert(cart_items).values(values))


async def remove(connection: AsyncConnection, account_id: int, codes: Collection[str]) -> None:
    """Take products out. Lock the account first."""
    mine = cart_items.c.cart == account_id
    gone = await connection.execute(delete(cart_items).where(mine, cart_items.c.product.in_(codes)))
    if gone.rowcount:
        await change(connection, account_id)


async def empty(connection: AsyncConnection, account_id: int) -> None:
    """What was in it has been ordered. Lock the account first."""
    await connection.execute(delete(cart_items).where(cart_items.c.cart == account_id))
    await connection.execute(delete(cart_vouchers).where(cart_vouchers.c.cart == account_id))
    await change(connection, account_id)


async def change(connection: AsyncConnection, account_id: int) -> bool:
    """Begin a new revision of the cart; False if the account has none."""
    mine = update(carts).where(carts.c.account_id == account_id)
    changed = await connection.execute(mine.values(revision=carts.c.revision + 1))
    return bool(changed.rowcount)


async def ensure(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """Begin a new revision of the account's cart, or its first one. Lock the account first."""
    if not await change(connection, account_id):
        await connection.execute(insert(carts).values(account_id=account_id, created_at=now))


async def holds_anything(connection: AsyncConnection, account_id: int) -> bool:
    query = select(exists().where(cart_items.c.cart == account_id))
    return bool((await connection.execute(query)).scalar())


def _values(item: CartItem) -> dict[str, Any]:
    return {
        "quantity": item.quantity,
        "kind": item.kind,
        "price_cents": item.price.gross.cents,
        "currency": item.price.gross.currency,
        "vat_basis_points": item.price.vat_basis_points,
        "added_at": item.added_at,
    }


def _item(row: Row[Any]) -> CartItem:
    price = Money(row.cart_items_price_cents, row.cart_items_currency)
    return CartItem(
        product=row.cart_items_product,
        name=row.products_name,
        product_kind=row.products_kind,
        quantity=row.cart_items_quantity,
        kind=row.cart_items_kind,
        price=Price(price, row.cart_items_vat_basis_points),
        added_at=row.cart_items_added_at,
    )
