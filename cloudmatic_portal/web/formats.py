"""Amounts, days and times as they are written in German and in English."""

from __future__ import annotations

from datetime import date, datetime

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.calendar import berlin_time
from cloudmatic_portal.domain.money import Money

_SYMBOLS = {"EUR": "€"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_GAP = "\N{NO-BREAK SPACE}"


def money(amount: Money, language: Language) -> str:
    """`2.400,00 €` or `€2,400.00`."""
    whole, cents = divmod(abs(amount.cents), 100)
    sign = "\N{MINUS SIGN}" if amount.cents < 0 else ""
    symbol = _SYMBOLS.get(amount.currency, amount.currency)
    if language == "de":
        return f"{sign}{whole:,}".replace(",", ".") + f",{cents:02}{_GAP}{symbol}"
    gap = "" if len(symbol) == 1 else _GAP
    return f"{sign}{symbol}{gap}{whole:,}.{cents:02}"


def cents(value: int, language: Language, currency: str = "EUR") -> str:
    """The amount that a mail's facts carry in cents, as `money` writes it."""
    return money(Money(value, currency), language)


def percent(basis_points: int, language: Language) -> str:
    """`19 %` or `19%`; decimals only if there are any."""
    whole, rest = divmod(basis_points, 100)
    decimals = f"{rest:02}".rstrip("0")
    point = "," if language == "de" else "."
    number = f"{whole}{point}{decimals}" if decimals else str(whole)
    return f"{number}{_GAP}%" if language == "de" else f"{number}%"


def day(value: date, language: Language) -> str:
    """`24.12.2026` or `24 December 2026`."""
    if language == "de":
        return f"{value.day:02}.{value.month:02}.{value.year}"
    return f"{value.day}{_GAP}{_MONTHS[value.month - 1]}{_GAP}{value.year}"


def month(value: date, language: Language) -> str:
    """`12/2026` or `Dec 2026`: short enough for an axis."""
    if language == "de":
        return f"{value.month:02}/{value.year}"
    return f"{_MONTHS[value.month - 1][:3]} {value.year}"


def moment(value: datetime, language: Language) -> str:
    """Day and time of day in Berlin: `24.12.2026, 18:00:05 Uhr`."""
    local = berlin_time(value)
    clock = f"{local:%H:%M:%S}"
    return f"{day(local.date(), language)}, {clock}" + (
        f"{_GAP}Uhr" if language == "de" else f"{_GAP}(Berlin)"
    )


def iso_day(value: str, language: Language) -> str:
    """The day that a mail's facts carry as `2026-12-24`, as `day` writes it."""
    return day(date.fromisoformat(value), language)


def iso_moment(value: str, language: Language) -> str:
    """The instant that a mail's facts carry as `2026-12-24T17:00:05+00:00`, as `moment` does."""
    return moment(datetime.fromisoformat(value), language)
