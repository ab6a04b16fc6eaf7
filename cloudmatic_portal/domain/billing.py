"""Where an invoice goes to: the customer's name, address and VAT number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final, Literal, Self

from stdnum.eu import vat

from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.vat import MEMBERS

COUNTRIES: Final = (*sorted(MEMBERS), "CA", "CH", "GB", "IS", "LI", "NO", "US")
"""Countries that customers may choose (ISO 3166-1)."""

Fault = Literal["empty", "long", "letters", "postcode", "country", "vat_id", "vat_country"]

_LONGEST: Final = {"name": 80, "company": 80, "street": 80, "city": 60}
# What the font of the invoice can write: Latin, Greek, Cyrillic. No signs that only code has.
_WRITABLE: Final = re.compile(
    r"[ !-#&-:?-Z_a-z\u00a0-\u017f\u0218-\u021b\u0384-\u038a\u038c\u038e-\u03a1"
    r"\u03a3-\u03ce\u0400-\u045fҐґ–‘’“”„]*"
)
_POSTCODE: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{0,8}[A-Z0-9])?")
_GERMAN_POSTCODE: Final = re.compile(r"[0-9]{5}")
_PREFIX: Final = {"GR": "EL"}
"""Countries whose VAT numbers begin with other letters than their code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingAddress:
    """`vat_id` is empty, or one of `country` that is written correctly.

    `vat_id_confirmed_on` is the day on which the operator had it confirmed by the Federal Central
    Tax Office (§ 18e UStG); None: nobody has asked, and the customer counts as a consumer.
    """

    name: str
    company: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str
    vat_id_confirmed_on: date | None = None

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """What somebody typed, tidied up. Raises FieldsUnfit with the fault of every field."""
        fit = cls.tidied(form)
        faults = {name: fault for name in _FIELDS if (fault := fit.fault(name)) is not None}
        if faults:
            raise FieldsUnfit(faults)
        return fit

    @classmethod
    def tidied(cls, form: Mapping[str, str]) -> Self:
        """What somebody typed, as it is shown again."""
        tidy = {
            name: " ".join(unicodedata.normalize("NFC", form.get(name, "")).split())
            for name in _FIELDS
        }
        return cls(
            name=tidy["name"],
            company=tidy["company"],
            street=tidy["street"],
            postcode=tidy["postcode"].upper(),
            city=tidy["city"],
            country=tidy["country"],
            vat_id=re.sub(r"[\s.\-/]", "", tidy["vat_id"]).upper(),
        )

    def fault(self, name: str) -> Fault | None:
        value = str(getattr(self, name))
        if name == "country":
            return None if value in COUNTRIES else "country"
        if name == "vat_id":
            return self._vat_fault()
        if not value:
            # A company needs no person beside it, and the other way round.
            return None if name == "company" or (name == "name" and self.company) else "empty"
        if name == "postcode":
            rule = _GERMAN_POSTCODE if self.country == "DE" else _POSTCODE
            return None if rule.fullmatch(value) else "postcode"
        if len(value) > _LONGEST[name]:
            return "long"
        return None if _WRITABLE.fullmatch(value) else "letters"

    def _vat_fault(self) -> Fault | None:
        if not self.vat_id:
            return None
        if self.country in MEMBERS and not self.vat_id.startswith(prefix(self.country)):
            return "vat_country"
        return None if self.country in MEMBERS and vat.is_valid(self.vat_id) else "vat_id"

    @property
    def business(self) -> bool:
        """Whether the tax authorities know the customer for a business."""
        return bool(self.vat_id) and self.vat_id_confirmed_on is not None


def prefix(country: str) -> str:
    """What VAT numbers of a member state begin with."""
    return _PREFIX.get(country, country)


_FIELDS: Final = tuple(
    each.name for each in fields(BillingAddress) if each.name != "vat_id_confirmed_on"
)
