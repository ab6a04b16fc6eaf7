"""The names of the countries that customers may choose."""

from __future__ import annotations

from typing import Final

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.billing import COUNTRIES
from cloudmatic_portal.domain.vat import HOME
from cloudmatic_portal.web import i18n
from cloudmatic_portal.web.i18n import N_

NAMES: Final = {
    "AT": N_("Austria"),
    "BE": N_("Belgium"),
    "BG": N_("Bulgaria"),
    "CA": N_("Canada"),
    "CH": N_("Switzerland"),
    "CY": N_("Cyprus"),
    "CZ": N_("Czechia"),
    "DE": N_("Germany"),
    "DK": N_("Denmark"),
    "EE": N_("Estonia"),
    "ES": N_("Spain"),
    "FI": N_("Finland"),
    "FR": N_("France"),
    "GB": N_("United Kingdom"),
    "GR": N_("Greece"),
    "HR": N_("Croatia"),
    "HU": N_("Hungary"),
    "IE": N_("Ireland"),
    "IS": N_("Iceland"),
    "IT": N_("Italy"),
    "LI": N_("Liechtenstein"),
    "LT": N_("Lithuania"),
    "LU": N_("Luxembourg"),
    "LV": N_("Latvia"),
    "MT": N_("Malta"),
    "NL": N_("Netherlands"),
    "NO": N_("Norway"),
    "PL": N_("Poland"),
    "PT": N_("Portugal"),
    "RO": N_("Romania"),
    "SE": N_("Sweden"),
    "SI": N_("Slovenia"),
    "SK": N_("Slovakia"),
    "US": N_("United States"),
}


def name(country: str, language: Language) -> str:
    """`Austria` or `Österreich`; a country that is offered no more keeps its code."""
    return i18n.load(language).gettext(NAMES.get(country, country))


def choices(language: Language) -> tuple[tuple[str, str], ...]:
    """Code and name of each country that may be chosen: home first, the others by their names."""
    named = [(code, name(code, language)) for code in COUNTRIES]
    return tuple(sorted(named, key=lambda each: (each[0] != HOME, _folded(each[1]))))


def _folded(text: str) -> str:
    return text.casefold().replace("ö", "o").replace("ä", "a").replace("ü", "u")
