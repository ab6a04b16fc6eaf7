"""What a cart costs today, line by line: the same sum in cart, checkout and order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.access import AccessPeriod, next_days
from cloudmatic_portal.domain.cart import Cart, CartItem
from cloudmatic_portal.domain.catalogue import Product, ProductKind
from cloudmatic_portal.domain.errors import (
    VoucherFitsNothing,
    VoucherNotCombinable,
    VoucherRefused,
    VoucherUnknown,
)
from cloudmatic_portal.domain.money import Money, Price, Total
from cloudmatic_portal.domain.voucher import Reduced, Voucher, concerns, in_order, reduce

Days = dict[int, tuple[date, date]]
"""First and last day of each package, by its position in an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article: `list_price` without and `price` with the vouchers that hold.

    `days` is when it would run if it were paid today (None for credit). `former` is the price
    that was shown when it was put into the cart, if that was another one.
    """

    product: str
    name: str
    product_kind: ProductKind
    quantity: int
    kind: BookingKind
    list_price: Price
    price: Price
    free_months: int = 0
    days: tuple[date, date] | None = None
    former: Price | None = None

    @property
    def discount(self) -> Money:
        return self.list_price.gross - self.price.gross

    @property
    def months(self) -> int:
        """The length of the access that it buys."""
        return self.quantity + self.free_months if self.product_kind == "package" else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedVoucher:
    """A voucher in the cart: what it saves, or why it does not hold."""

    code: str
    saved: Money = field(default_factory=lambda: Money(0))
    free_months: int = 0
    refused: VoucherRefused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A cart at today's prices. `unavailable` are items that are not sold any more."""

    revision: int
    lines: tuple[Line, ...] = ()
    unavailable: tuple[CartItem, ...] = ()
    vouchers: tuple[UsedVoucher, ...] = ()

    @property
    def total(self) -> Total:
        return Total.of(line.price for line in self.lines)

    @property
    def changed(self) -> bool:
        """Whether a price is another one than when the article was put into the cart."""
        return any(line.former is not None for line in self.lines)

    @property
    def buyable(self) -> bool:
        return bool(self.lines) and not self.unavailable

    @property
    def subscribes(self) -> bool:
        return any(line.kind == "subscription" for line in self.lines)

    @property
    def holding(self) -> tuple[UsedVoucher, ...]:
        return tuple(voucher for voucher in self.vouchers if voucher.refused is None)

    @property
    def fingerprint(self) -> str:
        """Stands for all that the customer agrees to by buying, apart from the days."""
        facts = [
            (line.product, line.name, line.quantity, line.free_months, line.kind, line.price)
            for line in self.lines
        ]
        used = [(each.code, each.saved.cents, each.free_months) for each in self.holding]
        gone = [item.product for item in self.unavailable]
        return hashlib.sha256(repr((facts, used, gone)).encode("utf-8")).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What a quote depends on besides the cart: whose it is, and what runs for them already."""

    account_id: int
    periods: Collection[AccessPeriod] = ()
    used: Mapping[str, int] = field(default_factory=dict)
    """How often the account has redeemed a voucher, by code."""


def quote(
    cart: Cart,
    products: Mapping[str, Product],
    vouchers: Mapping[str, Voucher],
    customer: Customer,
    today: date,
) -> Quote:
    """Price `cart` on `today`; `products` and `vouchers` are those that it names, by code."""
    sold: list[tuple[CartItem, Price]] = []
    unavailable = []
    for item in cart.items:
        product = products.get(item.product)
        term = product.offer(item.quantity, today) if product else None
        if term is None:
            unavailable.append(item)
        else:
            sold.append((item, term.price))
    reduced = [Reduced(item.product, item.product_kind, price.gross.cents) for item, price in sold]
    used = _use(cart.vouchers, vouchers, customer, today, reduced)
    return Quote(
        revision=cart.revision,
        lines=with_days(_lines(sold, reduced), customer.periods, today),
        unavailable=tuple(unavailable),
        vouchers=used,
    )


def with_days(
    lines: Iterable[Line], periods: Iterable[AccessPeriod], today: date
) -> tuple[Line, ...]:
    """`lines` with the days on which they would run if they were paid today.

    Packages run one after the other in the order of the lines, after what is in `periods`.
    """
    taken = list(periods)
    dated = []
    for line in lines:
        days = None
        if line.product_kind == "package":
            days = next_days(taken, line.months, today)
            taken.append(AccessPeriod(*days, line.product, line.name))
        dated.append(replace(line, days=days))
    return tuple(dated)


def _use(
    codes: Sequence[str],
    vouchers: Mapping[str, Voucher],
    customer: Customer,
    today: date,
    lines: Sequence[Reduced],
) -> tuple[UsedVoucher, ...]:
    """Take every voucher that holds off `lines`; tell of the others why not."""
    found: dict[str, UsedVoucher] = {}
    holding: list[Voucher] = []
    for code in codes:
        try:
            if code not in vouchers:
                raise VoucherUnknown(code)
            vouchers[code].check(customer.account_id, today, customer.used.get(code, 0))
            if not any(concerns(vouchers[code], line) for line in lines):
                raise VoucherFitsNothing(code)
            if holding and not (vouchers[code].combinable and holding[-1].combinable):
                raise VoucherNotCombinable(code)
        except VoucherRefused as refused:
            found[code] = UsedVoucher(code=code, refused=refused)
        else:
            holding.append(vouchers[code])
    for voucher in in_order(holding):
        found[voucher.code] = _taken(voucher, lines)
    return tuple(found[code] for code in codes)


def _taken(voucher: Voucher, lines: Sequence[Reduced]) -> UsedVoucher:
    try:
        saving = reduce(voucher, lines)
    except VoucherFitsNothing as refused:
        # The vouchers before it left nothing.
        return UsedVoucher(code=voucher.code, refused=refused)
    saved = Money(saving.cents)
    return UsedVoucher(code=voucher.code, saved=saved, free_months=saving.months)


def _lines(sold: Sequence[tuple[CartItem, Price]], reduced: Sequence[Reduced]) -> Iterator[Line]:
    """The lines in the cart's order."""
    for (item, list_price), rest in zip(sold, reduced, strict=True):
        gross = Money(rest.cents, list_price.gross.currency)
        yield Line(
            product=item.product,
            name=item.name,
            product_kind=item.product_kind,
            quantity=item.quantity,
            kind=item.kind,
            list_price=list_price,
            price=Price(gross, list_price.vat_basis_points),
            free_months=rest.free_months,
            former=item.price if item.price != list_price else None,
        )
