"""What is sold: products, and the terms they are sold for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.errors import ProductNotSold, TermNotOffered
from cloudmatic_portal.domain.money import Money, Price

ProductKind = Literal["package", "credit"]
PRODUCT_KINDS: Final[tuple[ProductKind, ...]] = get_args(ProductKind)

USUAL_MONTHS: Final = 12
USUAL_KIND: Final[BookingKind] = "single"
"""What a booking link means that names neither term nor kind."""


@dataclass(frozen=True, slots=True)
class Term:
    """`months` at once for `price`, offered from `valid_from` to `valid_until` (both included)."""

    months: int
    price: Price
    valid_from: date
    valid_until: date | None = None

    def offered_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def per_month(self) -> Money:
        return self.price.gross.per(self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A package or a credit. `summaries` says what it is, by language code."""

    code: str
    name: str
    kind: ProductKind
    position: int
    active: bool = True
    terms: tuple[Term, ...] = ()
    summaries: Mapping[str, str] = field(default_factory=dict)

    def terms_on(self, day: date) -> tuple[Term, ...]:
        """The terms offered on `day`, shortest first."""
        offered = (term for term in self.terms if term.offered_on(day))
        return tuple(sorted(offered, key=lambda term: term.months))

    def offers(self, months: int, day: date) -> bool:
        return any(term.months == months for term in self.terms_on(day))

    def bookable_on(self, day: date) -> bool:
        return self.active and self.kind == "package" and bool(self.terms_on(day))

    def term_for(self, months: int | None, day: date) -> Term:
        """The term of `months` offered on `day`; without a wish the usual one, else the shortest.

        Raises ProductNotSold or TermNotOffered.
        """
        if not self.bookable_on(day):
            raise ProductNotSold(self.name)
        offered = {term.months: term for term in self.terms_on(day)}
        if months is None:
            return offered.get(USUAL_MONTHS, offered[min(offered)])
        if months not in offered:
            raise TermNotOffered(self.name, months, tuple(offered))
        return offered[months]

    def summary(self, language: str) -> str:
        return self.summaries.get(language, "")
