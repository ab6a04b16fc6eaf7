"""Who sells: what § 14 IV UStG and § 35a GmbHG want to read of them on an invoice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, Self

from stdnum.eu import vat

from cloudmatic_portal.domain.vat import HOME

_MAX: Final = 200
_POSTCODE: Final = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A business in Germany, with its VAT number or its tax number, or both.

    `register` and `managers` are lines for the foot of the page, such as `Amtsgericht Kiel, HRB 1`.
    `one_stop_shop_from` is the first day on which consumers elsewhere in the EU are taxed at their
    own country's rate; None: they are taxed as in Germany.
    """

    name: str
    street: str
    postcode: str
    city: str
    email: str
    vat_id: str = ""
    tax_number: str = ""
    phone: str = ""
    website: str = ""
    register: str = ""
    managers: str = ""
    one_stop_shop_from: date | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and (len(value) > _MAX or not value.isprintable()):
                raise ValueError(f"{each.name} is one line of at most {_MAX} characters")
        missing = [
            name for name in ("name", "street", "postcode", "city", "email")
            if not getattr(self, name).strip()
        ]  # fmt: skip
        if missing:
            raise ValueError(f"{', '.join(missing)} must not be empty")
        if not _POSTCODE.fullmatch(self.postcode):
            raise ValueError("postcode is one of Germany, five digits")
        if not self.vat_id and not self.tax_number:
            raise ValueError("vat_id or tax_number is needed (§ 14 IV UStG)")
        if self.vat_id and not (self.vat_id.startswith(HOME) and vat.is_valid(self.vat_id)):
            raise ValueError("vat_id is not a German VAT number")

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """The seller of a TOML table. Raises ValueError, naming what is wrong."""
        kinds = {each.name: date if each.name.endswith("_from") else str for each in fields(cls)}
        unknown = table.keys() - kinds.keys()
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        for name, value in table.items():
            if type(value) is not kinds[name]:
                raise ValueError(f"{name} is not a {'day' if kinds[name] is date else 'text'}")
        needed = {"name", "street", "postcode", "city", "email"} - table.keys()
        if needed:
            raise ValueError(f"missing: {', '.join(sorted(needed))}")
        return cls(**table)

    def one_stop_shop(self, day: date) -> bool:
        return self.one_stop_shop_from is not None and day >= self.one_stop_shop_from
