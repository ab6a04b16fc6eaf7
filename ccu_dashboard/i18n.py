"""German and English: which one a reader gets, its catalogue, and how it writes dates."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from ccu_dashboard.services.clock import BERLIN


class Language(StrEnum):
    """The languages of the pages; the first is for readers who ask for none of them."""

    DE = "de"
    EN = "en"


DEFAULT: Final = Language.DE
_BY_NAME: Final = {language.value: language for language in Language}

_FOLDER: Final = Path(__file__).parent / "locale"
_DAY_FORMAT: Final = {Language.DE: "%d.%m.%Y", Language.EN: "%-d %B %Y"}
_TIME_FORMAT: Final = {Language.DE: "%d.%m.%Y, %H:%M Uhr", Language.EN: "%-d %B %Y, %H:%M"}


def chosen(name: str | None) -> Language | None:
    """Return `name` if it is one of our languages."""
    return _BY_NAME.get(name or "")


@lru_cache(maxsize=32)
def negotiate(accept_language: str) -> Language:
    """Return the best of our languages for an `Accept-Language` header (RFC 9110, 12.5.4)."""
    ranked: list[tuple[float, int, Language]] = []
    for position, item in enumerate(accept_language[:400].split(",")):
        name, _, parameter = item.strip().partition(";")
        language = chosen(name.strip().lower().split("-")[0])
        quality = _quality(parameter)
        if language is not None and quality > 0:
            ranked.append((-quality, position, language))
    return min(ranked)[2] if ranked else DEFAULT


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """Return the catalogue of `language`; the sentences in the code are the English one.

    Raises FileNotFoundError if it was never compiled: better no start than a page half German.
    """
    if language is Language.EN:
        return gettext.NullTranslations()
    return gettext.translation("messages", _FOLDER, [language])


def day_writer(language: Language) -> Callable[[date], str]:
    return lambda day: day.strftime(_DAY_FORMAT[language])


def money_writer(language: Language) -> Callable[[int, str], str]:
    """Write an amount in cents: `24,00 €`, `€24.00`."""

    def write(cents: int, currency: str) -> str:
        whole, rest = divmod(cents, 100)
        if language is Language.DE:
            sign = "€" if currency == "EUR" else currency
            return f"{whole:,}".replace(",", ".") + f",{rest:02}\N{NO-BREAK SPACE}{sign}"
        sign = "€" if currency == "EUR" else f"{currency}\N{NO-BREAK SPACE}"
        return f"{sign}{whole:,}.{rest:02}"

    return write


def time_writer(language: Language) -> Callable[[datetime], str]:
    return lambda instant: instant.astimezone(BERLIN).strftime(_TIME_FORMAT[language])


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
