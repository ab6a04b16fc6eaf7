"""Amounts, days and accounts as banks write them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from cloudmatic_portal.domain.money import Money

MOST_CENTS: Final = 10**11
"""A billion euros: what is more is an error of reading."""

_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,5})?")
_GROUPS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,5})?")
_GERMAN_DAY: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2}|[0-9]{4})")
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T+Z-].*)?", re.DOTALL)
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}")
_NATIONAL: Final = re.compile(r"([0-9]{8})/0*([0-9]{1,10})")


def cents(text: str, currency: str) -> Money:
    """An amount with a decimal point (`1234.56`). Raises ValueError."""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"{shown(text)} is not an amount")
    sign = -1 if text[0] == "-" else 1
    whole, _, rest = text.lstrip("+-").partition(".")
    if rest[2:].strip("0"):
        raise ValueError(f"{shown(text)} has parts of a cent")
    value = int(whole) * 100 + int(rest[:2].ljust(2, "0"))
    if value > MOST_CENTS:
        raise ValueError(f"{shown(text)} is too much to be true")
    return Money(sign * value, currency)


def german(text: str, currency: str) -> Money:
    """`1.234,56`, `-94`, `23,5 €`, `+12,00 EUR`. Raises ValueError."""
    bare = text.strip().replace("\xa0", " ").removesuffix("€").removesuffix("EUR").strip()
    if "," not in bare and "." in bare and not _GROUPS.fullmatch(bare):
        raise ValueError(f"{shown(text)} is not an amount as German banks write it")
    if "." in bare and not _GROUPS.fullmatch(bare):
        raise ValueError(f"{shown(text)} is not an amount")
    return cents(bare.replace(".", "").replace(",", "."), currency)


def german_day(text: str) -> date:
    """`24.12.2026` or `24.12.26`. Raises ValueError."""
    found = _GERMAN_DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{shown(text)} is not a day such as 24.12.2026")
    day, month, year = map(int, found.groups())
    return _day(text, year + 2000 if year < 100 else year, month, day)


def iso_day(text: str) -> date:
    """`2026-12-24`, also with a time behind it. Raises ValueError."""
    found = _ISO_DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{shown(text)} is not a day such as 2026-12-24")
    year, month, day = map(int, found.groups())
    return _day(text, year, month, day)


def iban(text: str) -> str:
    """The IBAN that `text` is, without blanks and in capitals; nothing if it is none.

    Its check digits are not asked for: a payer's account is compared, not paid to.
    """
    bare = "".join(text.split()).upper()
    return bare if _IBAN.fullmatch(bare) else ""


def own_account(text: str) -> str:
    """The IBAN of an account, also from a German bank code and number (`12030000/202051`)."""
    bare = "".join(text.split()).upper()
    national = _NATIONAL.fullmatch(bare)
    if national is not None:
        number = f"{national[1]}{national[2].zfill(10)}"
        # ISO 7064 MOD 97-10 over the number and "DE00" with its letters as 13 and 14.
        return f"DE{98 - int(f'{number}131400') % 97:02}{number}"
    for part in (bare, *bare.split("/")):
        if iban(part):
            return part
    return ""


def currency(text: str) -> str:
    """Raises ValueError unless `text` is a code such as EUR."""
    bare = text.strip().upper().replace("€", "EUR")
    if not re.fullmatch("[A-Z]{3}", bare):
        raise ValueError(f"{shown(text)} is not a currency")
    return bare


def shown(text: str) -> str:
    """`text` for a message: short, and printable."""
    cut = text if len(text) <= 40 else f"{text[:40]}…"
    return "“" + "".join(sign if sign.isprintable() else "�" for sign in cut) + "”"


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{shown(text)} is no day of the calendar") from error
    if not 1990 <= year <= 2199:
        raise ValueError(f"{shown(text)} lies too far away to be true")
    return found
