"""What is sold: products, and the terms they are sold for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, Self, get_args

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.errors import (
    KindNotOffered,
    ProductNotSold,
    TermNotOffered,
    TermTooLong,
)
from cloudmatic_portal.domain.money import Money, Price

ProductKind = Literal["package", "credit"]
PRODUCT_KINDS: Final[tuple[ProductKind, ...]] = get_args(ProductKind)

USUAL_MONTHS: Final = 12
USUAL_KIND: Final[BookingKind] = "single"
"""What a booking link means that names neither term nor kind."""

LONGEST: Final[Mapping[ProductKind, tuple[int, str]]] = {
    "package": (60, "months"),
    "credit": (100_000, "messages"),
}
"""How much a term counts at the most, and of what."""


@dataclass(frozen=True, slots=True)
class Term:
    """What is bought at once for `price`, offered from `valid_from` to `valid_until` (included).

    `quantity` counts months of a package, or messages of a credit.
    """

    quantity: int
    price: Price
    valid_from: date
    valid_until: date | None = None

    def offered_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def each(self) -> Money:
        """The price of one month, or of one message."""
        return self.price.gross.per(self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A package or a credit. `summaries` and `features` say what it is, by language code.

    A package gives access for months, a credit adds messages to the account.
    """

    code: str
    name: str
    kind: ProductKind
    position: int
    active: bool = True
    terms: tuple[Term, ...] = ()
    summaries: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def require_length(self, quantity: int) -> None:
        """Raise TermTooLong unless a term of the product may be as long."""
        most, what = LONGEST[self.kind]
        if quantity > most:
            raise TermTooLong(most, what)

    def terms_on(self, day: date) -> tuple[Term, ...]:
        """The terms offered on `day`, shortest first."""
        offered = (term for term in self.terms if term.offered_on(day))
        return tuple(sorted(offered, key=lambda term: term.quantity))

    def terms_from(self, day: date) -> tuple[Term, ...]:
        """The terms offered on `day` or later, shortest first, each in the order of its prices."""
        left = (term for term in self.terms if term.valid_until is None or day <= term.valid_until)
        return tuple(sorted(left, key=lambda term: (term.quantity, term.valid_from)))

    def offer(self, quantity: int, day: date) -> Term | None:
        """The term of `quantity` if it can be bought on `day`."""
        if not self.bookable_on(day):
            return None
        return next((term for term in self.terms_on(day) if term.quantity == quantity), None)

    def bookable_on(self, day: date) -> bool:
        return self.active and bool(self.terms_on(day))

    def term_for(self, quantity: int | None, day: date) -> Term:
        """The term of `quantity` offered on `day`; without a wish the usual one, else the least.

        Raises ProductNotSold or TermNotOffered.
        """
        if not self.bookable_on(day):
            raise ProductNotSold(self.name)
        offered = {term.quantity: term for term in self.terms_on(day)}
        if quantity is None:
            return offered.get(USUAL_MONTHS, offered[min(offered)])
        if quantity not in offered:
            raise TermNotOffered(self.name, quantity, tuple(offered))
        return offered[quantity]

    def kind_for(self, kind: BookingKind) -> BookingKind:
        """`kind`, unless the product is credit, which is bought once. Raises KindNotOffered."""
        if self.kind == "credit" and kind != "single":
            raise KindNotOffered(self.name)
        return kind

    def summary(self, language: str) -> str:
        return self.summaries.get(language, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTexts:
    """What customers read about a product, by language code."""

    name: str
    summaries: Mapping[str, str]
    features: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, product: Product) -> Self:
        return cls(
            name=product.name,
            summaries={each: product.summaries.get(each, "") for each in LANGUAGES},
            features={each: product.features.get(each, ()) for each in LANGUAGES},
        )

    @property
    def version(self) -> str:
        """Names these very texts."""
        content = (self.name, sorted(self.summaries.items()), sorted(self.features.items()))
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def differing(self, other: ProductTexts) -> tuple[str, ...]:
        """What is not as in `other`, by its name in a catalogue's file: `summary.de`."""
        found = ["name"] if self.name != other.name else []
        for language in LANGUAGES:
            if self.summaries[language] != other.summaries[language]:
                found.append(f"summary.{language}")
            if self.features[language] != other.features[language]:
                found.append(f"features.{language}")
        return tuple(found)
