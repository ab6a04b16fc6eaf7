"""What lies in an account's cart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import USUAL_KIND, Product, ProductKind
from cloudmatic_portal.domain.money import Price


@dataclass(frozen=True, slots=True)
class Wish:
    """A product to be booked; what is None is left to what the cart or the house says."""

    product: str
    quantity: int | None = None
    kind: BookingKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItem:
    """`quantity` of `product`, at the price that was shown when it was put there."""

    product: str
    name: str
    product_kind: ProductKind
    quantity: int
    kind: BookingKind
    price: Price
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Cart:
    """The items of one account, in the order they came, and the voucher codes entered.

    `revision` grows with every change. It is what "the same cart" means: of one revision there
    is one order, however often and from how many tabs it is bought.
    """

    items: tuple[CartItem, ...] = ()
    vouchers: tuple[str, ...] = ()
    revision: int = 0


def place(product: Product, present: CartItem | None, wish: Wish, now: datetime) -> CartItem:
    """The item of `product` in the cart once `wish` is granted: never a second one.

    `present` is the one that lies there already; it keeps what the wish leaves open: the kind, and
    the term if it is still offered. The price is always today's. Raises ProductNotSold,
    TermNotOffered or KindNotOffered.
    """
    today = berlin_day(now)
    quantity = wish.quantity
    if quantity is None and present is not None and product.offer(present.quantity, today):
        quantity = present.quantity
    term = product.term_for(quantity, today)
    return CartItem(
        product=product.code,
        name=product.name,
        product_kind=product.kind,
        quantity=term.quantity,
        kind=product.kind_for(wish.kind or (present.kind if present else USUAL_KIND)),
        price=term.price,
        added_at=present.added_at if present else now,
    )
