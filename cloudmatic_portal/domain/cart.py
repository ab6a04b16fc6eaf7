"""What lies in an account's cart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import USUAL_KIND, Product
from cloudmatic_portal.domain.money import Price, Total


@dataclass(frozen=True, slots=True)
class Wish:
    """A product to be booked; what is None is left to what the cart or the house says."""

    product: str
    months: int | None = None
    kind: BookingKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItem:
    """`product` for `months`, at the price that was shown when it was put there."""

    product: str
    name: str
    months: int
    kind: BookingKind
    price: Price
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Cart:
    """The items of one account, in the order they came."""

    items: tuple[CartItem, ...] = ()

    @property
    def total(self) -> Total:
        return Total.of(item.price for item in self.items)

    def find(self, product: str) -> CartItem | None:
        return next((item for item in self.items if item.product == product), None)


def place(cart: Cart, product: Product, wish: Wish, now: datetime) -> CartItem:
    """The item that `cart` holds for `product` once `wish` is granted: never a second one.

    An item that lies there already keeps what the wish leaves open: the kind, and the term if it
    is still offered. The price is always today's. Raises ProductNotSold or TermNotOffered.
    """
    today = berlin_day(now)
    present = cart.find(product.code)
    months = wish.months
    if months is None and present is not None and product.offers(present.months, today):
        months = present.months
    term = product.term_for(months, today)
    return CartItem(
        product=product.code,
        name=product.name,
        months=term.months,
        kind=wish.kind or (present.kind if present else USUAL_KIND),
        price=term.price,
        added_at=present.added_at if present else now,
    )
