"""Where a service is taxed, and by whom."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.billing import COUNTRIES
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.vat import MEMBERS, TREATMENTS, taxed, treatment
from cloudmatic_portal.domain.vat_rates import RATES, standard_rate

DAY = date(2026, 11, 26)
AGREED = Price(Money(2400), 1900)


@pytest.mark.parametrize(
    ("country", "business", "one_stop_shop", "expected"),
    [
        ("DE", False, False, "domestic"),
        ("DE", True, True, "domestic"),
        ("AT", False, False, "domestic"),  # under the threshold of § 3a V 3 UStG
        ("AT", False, True, "one_stop_shop"),
        ("AT", True, False, "reverse_charge"),
        ("AT", True, True, "reverse_charge"),
        ("CH", False, False, "third_country"),
        ("CH", True, True, "third_country"),
        ("GB", True, True, "third_country"),
    ],
)
def test_country_and_business_decide(
    country: str, business: bool, one_stop_shop: bool, expected: str
) -> None:
    assert treatment(country, business=business, one_stop_shop=one_stop_shop) == expected


def test_consumers_pay_what_they_agreed_to_whatever_the_rate() -> None:
    assert taxed(AGREED, "domestic", "AT", DAY) == AGREED
    abroad = taxed(AGREED, "one_stop_shop", "HU", DAY)
    assert (abroad.gross, abroad.vat_basis_points) == (AGREED.gross, 2700)
    assert (abroad.net.cents, abroad.vat.cents) == (1890, 510)


@pytest.mark.parametrize("how", ["reverse_charge", "third_country"])
def test_what_is_not_taxed_here_has_no_vat(how: str) -> None:
    found = taxed(AGREED, how, "AT", DAY)  # type: ignore[arg-type]
    assert (found.net, found.vat.cents) == (AGREED.gross, 0)


@given(
    cents=st.integers(0, 10_000_000),
    rate=st.integers(0, 10_000),
    how=st.sampled_from(TREATMENTS),
    country=st.sampled_from(sorted(MEMBERS)),
)
def test_net_and_vat_always_make_up_what_was_agreed(
    cents: int, rate: int, how: str, country: str
) -> None:
    found = taxed(Price(Money(cents), rate), how, country, DAY)  # type: ignore[arg-type]
    assert found.net + found.vat == Money(cents)
    assert found.vat.cents >= 0


def test_a_rate_holds_from_its_first_day_on() -> None:
    assert standard_rate("EE", date(2025, 6, 30)) == 2200
    assert standard_rate("EE", date(2025, 7, 1)) == 2400
    assert standard_rate("FI", date(2024, 9, 1)) == 2550
    with pytest.raises(LookupError):
        standard_rate("EE", date(2021, 6, 30))


def test_the_table_has_all_27_members_each_in_the_order_of_days() -> None:
    assert len(MEMBERS) == 27
    assert set(COUNTRIES) > MEMBERS
    for rates in RATES.values():
        days = [day for day, _ in rates]
        assert days == sorted(set(days))
        # Article 97 of directive 2006/112/EC: at least 15 %.
        assert all(1500 <= rate <= 2700 for _, rate in rates)
