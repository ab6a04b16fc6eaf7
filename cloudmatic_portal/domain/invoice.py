"""Invoices and what takes them back: numbered documents, which never change once they are issued.

An invoice tells what was sold and paid, whoever is asked for it ten years later: it names seller,
buyer, articles, days, amounts and VAT itself, and refers to nothing that may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Self, get_args

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.account import Account, Language
from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.catalogue import ProductKind
from cloudmatic_portal.domain.money import Money, Price, Total
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Days
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.domain.vat import HOME, Treatment, taxed, treatment

InvoiceKind = Literal["invoice", "credit_note"]
INVOICE_KINDS: Final[tuple[InvoiceKind, ...]] = get_args(InvoiceKind)
"""A credit note takes one invoice back as a whole; its amounts are those of the invoice."""

SMALL: Final = Money(25000)
"""Up to this gross amount an invoice need not name the customer's address (§ 33 UStDV)."""

_LETTERS: Final[Mapping[InvoiceKind, str]] = {"invoice": "RE", "credit_note": "ST"}
_NUMBER: Final = re.compile(r"((?:RE|ST)-2[0-9]{3})-([0-9]{6,9})")


@dataclass(frozen=True, slots=True, order=True)
class InvoiceNumber:
    """`RE-2026-000017`: the seventeenth of its series. A series has no gaps (§ 14 IV Nr. 4 UStG).

    Each year begins a series of invoices and one of credit notes.
    """

    series: str
    number: int

    def __str__(self) -> str:
        return f"{self.series}-{self.number:06}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The number that somebody typed, or None if it is none."""
        found = _NUMBER.fullmatch(text.strip().upper())
        number = None if found is None else cls(found[1], int(found[2]))
        return number if number is not None and str(number) == text.strip().upper() else None


def series(kind: InvoiceKind, day: date) -> str:
    """The series of documents of `kind` that are issued on `day`."""
    return f"{_LETTERS[kind]}-{day.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer; without an address the account is all that is known, and `country` assumed."""

    account_id: int
    user_name: str
    name: str = ""
    company: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = HOME
    vat_id: str = ""

    @property
    def addressed(self) -> bool:
        return bool(self.street)

    @property
    def called(self) -> str:
        """Whom the invoice is for, in one line."""
        return self.company or self.name or self.user_name


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One article: `price` as it was agreed, `discount` what vouchers took off before.

    `days` are the first and the last day of the service; None: it was delivered on the day that
    the invoice names.
    """

    name: str
    product_kind: ProductKind
    quantity: int
    free_months: int
    kind: BookingKind
    price: Price
    discount: Money
    days: tuple[date, date] | None


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The sums of all lines with one VAT rate."""

    vat_basis_points: int
    total: Total


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What a document says. `delivered_on` is when the order became active.

    `paid_on` is when the last payment arrived, None if it was paid in another way. `corrects`
    names the invoice that a credit note takes back, and its day.
    """

    kind: InvoiceKind
    number: InvoiceNumber
    issued_on: date
    language: Language
    order_number: str
    seller: Seller
    buyer: Buyer
    treatment: Treatment
    lines: tuple[InvoiceLine, ...]
    delivered_on: date
    paid_on: date | None
    corrects: tuple[InvoiceNumber, date] | None = None

    @property
    def total(self) -> Total:
        return Total.of(line.price for line in self.lines)

    @property
    def taxes(self) -> tuple[TaxGroup, ...]:
        """The breakdown by rate, the highest first; what it says adds up to `total`."""
        rates = sorted({line.price.vat_basis_points for line in self.lines}, reverse=True)
        return tuple(TaxGroup(rate, Total.of(self._prices(rate))) for rate in rates)

    @property
    def days(self) -> tuple[date, date]:
        """From when to when the services of all lines run."""
        spans = [line.days or (self.delivered_on, self.delivered_on) for line in self.lines]
        return min(first for first, _ in spans), max(last for _, last in spans)

    def _prices(self, rate: int) -> Iterable[Price]:
        return (line.price for line in self.lines if line.price.vat_basis_points == rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingInvoice:
    """An order that cost something and became active, and has no invoice.

    `why` is what kept it from being issued; None if that is not known.
    """

    order_number: str
    account_id: int
    account_deleted: bool
    activated_on: date
    total: Money
    why: str | None

    @property
    def needs_address(self) -> bool:
        return needs_address(self.total)


def buyer(account: Account, address: BillingAddress | None) -> Buyer:
    if address is None:
        return Buyer(account_id=account.account_id, user_name=account.user_name)
    return Buyer(
        account_id=account.account_id,
        user_name=account.user_name,
        name=address.name,
        company=address.company,
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
        vat_id=address.vat_id,
    )


def needs_address(total: Money) -> bool:
    """Whether an invoice over `total` (gross) has to name the customer's address."""
    return total.cents > SMALL.cents


def invoice(  # noqa: PLR0913 - what an invoice is made of
    number: InvoiceNumber,
    order: Order,
    days: Days,
    *,
    seller: Seller,
    customer: Account,
    address: BillingAddress | None,
    issued_on: date,
    delivered_on: date,
    paid_on: date | None,
) -> Invoice:
    """The invoice of an order that is active; `days` are those of its packages."""
    to = buyer(customer, address)
    how = treatment(
        to.country,
        business=address is not None and address.business,
        one_stop_shop=seller.one_stop_shop(delivered_on),
    )
    lines = [
        InvoiceLine(
            name=line.name,
            product_kind=line.product_kind,
            quantity=line.quantity,
            free_months=line.free_months,
            kind=line.kind,
            price=taxed(line.price, how, to.country, delivered_on),
            discount=line.discount,
            days=days.get(place),
        )
        for place, line in enumerate(order.lines)
    ]
    return Invoice(
        kind="invoice",
        number=number,
        issued_on=issued_on,
        language=order.language,
        order_number=order.number,
        seller=seller,
        buyer=to,
        treatment=how,
        lines=tuple(lines),
        delivered_on=delivered_on,
        paid_on=paid_on,
    )


def credit_note(number: InvoiceNumber, of: Invoice, seller: Seller, issued_on: date) -> Invoice:
    """What takes the invoice `of` back as a whole: the same amounts, to be read as given back."""
    return Invoice(
        kind="credit_note",
        number=number,
        issued_on=issued_on,
        language=of.language,
        order_number=of.order_number,
        seller=seller,
        buyer=of.buyer,
        treatment=of.treatment,
        lines=of.lines,
        delivered_on=of.delivered_on,
        paid_on=None,
        corrects=(of.number, of.issued_on),
    )
