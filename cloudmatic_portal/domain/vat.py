"""Where a service is taxed, and by whom: by the customer's country, and whether it is a business.

Access to a hub over the internet is a service delivered electronically:

- to somebody in Germany: German VAT;
- to a business elsewhere in the EU: taxed there, and owed by the customer (§ 3a II, § 13b UStG;
  articles 44 and 196 of directive 2006/112/EC). Only a VAT number that the operator has had
  confirmed makes a customer such a business;
- to anybody else in the EU: taxed there (§ 3a V UStG), by way of the one-stop shop; but German VAT
  up to 10,000 euros a year to all of these countries together, unless the seller waives that;
- to anybody outside the EU: not taxable in Germany.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.money import Price
from cloudmatic_portal.domain.vat_rates import RATES, standard_rate

Treatment = Literal["domestic", "one_stop_shop", "reverse_charge", "third_country"]
TREATMENTS: Final[tuple[Treatment, ...]] = get_args(Treatment)

HOME: Final = "DE"
MEMBERS: Final = frozenset(RATES)
"""The member states of the EU. Northern Ireland is none for services."""


def treatment(country: str, *, business: bool, one_stop_shop: bool) -> Treatment:
    """How a service to `country` is taxed.

    `business`: the customer has a VAT number of that country, and it has been confirmed.
    `one_stop_shop`: the seller takes part, and taxes consumers at the rate of their country.
    """
    if country == HOME:
        return "domestic"
    if country not in MEMBERS:
        return "third_country"
    if business:
        return "reverse_charge"
    return "one_stop_shop" if one_stop_shop else "domestic"


def taxed(agreed: Price, how: Treatment, country: str, day: date) -> Price:
    """What was agreed, with the VAT that is due on a service of `day`.

    The price that a customer agreed to and paid stays what it is: only what of it is VAT differs.
    """
    if how == "domestic":
        return agreed
    rate = standard_rate(country, day) if how == "one_stop_shop" else 0
    return Price(agreed.gross, rate)
