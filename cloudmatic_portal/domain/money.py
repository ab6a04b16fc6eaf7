"""Amounts of money: whole cents and a currency, never a float."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AMOUNT: Final = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")
_EUROS: Final = re.compile(r"(.*?)(?:\s*(?:€|EUR))?")
WHOLE: Final = 10_000
"""Basis points that make a whole."""


@dataclass(frozen=True, slots=True)
class Money:
    """`cents` hundredths of `currency` (ISO 4217)."""

    cents: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"{self.currency!r} is not a currency")

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.cents, other.currency)

    def per(self, parts: int) -> Money:
        """One of `parts` equal shares, rounded half away from zero; for display only."""
        return Money(divide(self.cents, parts), self.currency)


@dataclass(frozen=True, slots=True)
class Price:
    """What a customer pays: `gross`, with VAT of `vat_basis_points` (1900 is 19 %) inside.

    Prices are made and shown gross. The net amount is `gross / (1 + rate)`, rounded half away
    from zero to the cent; the VAT is what remains, so that net and VAT always add up to gross.
    """

    gross: Money
    vat_basis_points: int

    def __post_init__(self) -> None:
        if not 0 <= self.vat_basis_points <= WHOLE:
            raise ValueError("the VAT rate lies between 0 and 10000 basis points")

    @property
    def net(self) -> Money:
        cents = divide(self.gross.cents * WHOLE, WHOLE + self.vat_basis_points)
        return Money(cents, self.gross.currency)

    @property
    def vat(self) -> Money:
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of several prices, line by line: what is shown above adds up to what stands below."""

    net: Money
    vat: Money
    gross: Money

    @classmethod
    def of(cls, prices: Iterable[Price], currency: str = "EUR") -> Self:
        net = vat = gross = Money(0, currency)
        for price in prices:
            net, vat, gross = net + price.net, vat + price.vat, gross + price.gross
        return cls(net, vat, gross)


def hundredths(text: str) -> int | None:
    """`24`, `24,5` or `24.50` as it is typed, in hundredths; None if it is none."""
    found = _AMOUNT.fullmatch(text.strip())
    return None if found is None else int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def euros(text: str) -> Money | None:
    """The same as money, also `24,50 €` or `24,50 EUR`; None if it is none."""
    found = _EUROS.fullmatch(text.strip())
    cents = None if found is None else hundredths(found[1])
    return None if cents is None else Money(cents)


def divide(dividend: int, divisor: int) -> int:
    """Whole division, rounded half away from zero (`divisor` is positive)."""
    magnitude = (2 * abs(dividend) + divisor) // (2 * divisor)
    return magnitude if dividend >= 0 else -magnitude
