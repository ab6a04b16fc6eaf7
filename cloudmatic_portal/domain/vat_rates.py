"""The standard VAT rates of the European Union, for services delivered electronically.

Data, not law: the Commission's database "Taxes in Europe" has the authority. Whoever switches the
one-stop shop on compares the table with it first, and adds a line when a rate changes; a line is
never taken away, since old invoices were made by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

ALWAYS: Final = date(2021, 7, 1)
"""The one-stop shop of § 18j UStG begins; no earlier rate is asked for."""

RATES: Final[Mapping[str, tuple[tuple[date, int], ...]]] = {
    "AT": ((ALWAYS, 2000),),
    "BE": ((ALWAYS, 2100),),
    "BG": ((ALWAYS, 2000),),
    "CY": ((ALWAYS, 1900),),
    "CZ": ((ALWAYS, 2100),),
    "DE": ((ALWAYS, 1900),),
    "DK": ((ALWAYS, 2500),),
    "EE": ((ALWAYS, 2000), (date(2024, 1, 1), 2200), (date(2025, 7, 1), 2400)),
    "ES": ((ALWAYS, 2100),),
    "FI": ((ALWAYS, 2400), (date(2024, 9, 1), 2550)),
    "FR": ((ALWAYS, 2000),),
    "GR": ((ALWAYS, 2400),),
    "HR": ((ALWAYS, 2500),),
    "HU": ((ALWAYS, 2700),),
    "IE": ((ALWAYS, 2300),),
    "IT": ((ALWAYS, 2200),),
    "LT": ((ALWAYS, 2100),),
    "LU": ((ALWAYS, 1700), (date(2023, 1, 1), 1600), (date(2024, 1, 1), 1700)),
    "LV": ((ALWAYS, 2100),),
    "MT": ((ALWAYS, 1800),),
    "NL": ((ALWAYS, 2100),),
    "PL": ((ALWAYS, 2300),),
    "PT": ((ALWAYS, 2300),),
    "RO": ((ALWAYS, 1900), (date(2025, 8, 1), 2100)),
    "SE": ((ALWAYS, 2500),),
    "SI": ((ALWAYS, 2200),),
    "SK": ((ALWAYS, 2000), (date(2025, 1, 1), 2300)),
}
"""By country (ISO 3166-1): from which day on how many basis points, in the order of the days."""


def standard_rate(country: str, day: date) -> int:
    """The rate of a member state on `day`, in basis points. Raises LookupError before `ALWAYS`."""
    known = [rate for first, rate in RATES[country] if first <= day]
    if not known:
        raise LookupError(f"no rate of {country} is known for {day}")
    return known[-1]
