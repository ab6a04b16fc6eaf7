"""Carts: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.cart import Cart, CartItem
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.inserts import insert_or_change
from cloudmatic_portal.storage.tables import cart_items, cart_vouchers, carts, products, terms
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
    rows = (await connection.execute(_LOAD, {"account": account_id})).all()
    if not rows:
        return Contents(Cart())
    entered = await stored_voucher.entered(connection, account_id)
    filled = [row for row in rows if row.cart_items_product is not None]
    items = {row.cart_items_product: _item(row) for row in filled}
    cart = Cart(tuple(items.values()), tuple(entered), rows[0].carts_revision)
    return Contents(cart, stored_catalogue.from_rows(filled), entered)


async def beside(
    connection: AsyncConnection, account_id: int, code: str
) -> tuple[Product | None, CartItem | None]:
    """The product with its terms, without its texts; and what the cart holds of it."""
    rows = (await connection.execute(_BESIDE, {"account": account_id, "product": code})).all()
    if not rows:
        return None, None
    present = rows[0].cart_items_product is not None
    return stored_catalogue.from_rows(rows)[code], _item(rows[0]) if present else None


async def hold(connection: AsyncConnection, account_id: int) -> None:
    """Let everybody wait who wants to change the cart or buy it."""
    await connection.execute(_HOLD, {"account": account_id})


async def change(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """Begin a new revision of the account's cart, or its first one, and hold it."""
    await connection.execute(_CHANGE.on(connection), {"account_id": account_id, "created_at": now})


async def take(connection: AsyncConnection, account_id: int, revision: int) -> bool:
    """Hold the cart to buy it, and begin its next revision; False if `revision` is over."""
    taken = await connection.execute(_TAKE, {"account": account_id, "taken": revision})
    return bool(taken.rowcount)


async def put(connection: AsyncConnection, account_id: int, item: CartItem) -> None:
    """Store `item` in the place of what the cart holds of the product. `change` the cart first."""
    row = {
        "cart": account_id,
        "product": item.product,
        "quantity": item.quantity,
        "kind": item.kind,
        "price_cents": item.price.gross.cents,
        "currency": item.price.gross.currency,
        "vat_basis_points": item.price.vat_basis_points,
        "added_at": item.added_at,
    }
    await connection.execute(_PUT.on(connection), row)


async def remove(connection: AsyncConnection, account_id: int, codes: Collection[str]) -> bool:
    """Take products out; whether any was there. Hold the cart first."""
    mine = (cart_items.c.cart == account_id, cart_items.c.product.in_(codes))
    return bool((await connection.execute(delete(cart_items).where(*mine))).rowcount)


async def empty(connection: AsyncConnection, account_id: int) -> None:
    """What was in it has been ordered. `take` the cart first."""
    await connection.execute(_EMPTY, {"account": account_id})
    await connection.execute(_FORGET_VOUCHERS, {"account": account_id})


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


_MINE: Final = carts.c.account_id == bindparam("account")
_LOAD: Final = (
    select(carts.c.revision, cart_items, products, terms)
    .select_from(carts)
    .outerjoin(cart_items)
    .outerjoin(products, cart_items.c.product == products.c.code)
    .outerjoin(
        terms,
        and_(terms.c.product == cart_items.c.product, terms.c.quantity == cart_items.c.quantity),
    )
    .where(_MINE)
    .order_by(cart_items.c.added_at, products.c.position, terms.c.valid_from)
    .set_label_style(stored_catalogue.LABELS)
)
_BESIDE: Final = (
    select(products, terms, cart_items)
    .select_from(products)
    .outerjoin(terms)
    .outerjoin(
        cart_items,
        and_(cart_items.c.product == products.c.code, cart_items.c.cart == bindparam("account")),
    )
    .where(products.c.code == bindparam("product"))
    .order_by(terms.c.quantity, terms.c.valid_from)
    .set_label_style(stored_catalogue.LABELS)
)
_NEXT: Final = carts.c.revision + 1
_HOLD: Final = select(carts.c.revision).where(_MINE).with_for_update()
_CHANGE: Final = insert_or_change(carts, {"revision": _NEXT})
_TAKE: Final = (
    update(carts).where(_MINE, carts.c.revision == bindparam("taken")).values(revision=_NEXT)
)
_PUT: Final = insert_or_change(cart_items)
_EMPTY: Final = delete(cart_items).where(cart_items.c.cart == bindparam("account"))
_FORGET_VOUCHERS: Final = delete(cart_vouchers).where(cart_vouchers.c.cart == bindparam("account"))
