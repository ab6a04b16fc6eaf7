from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.money import Money, Price, Total, euros, hundredths

CENTS = st.integers(0, 10_000_000)
RATES = st.integers(0, 10_000)


@given(CENTS, RATES)
def test_net_and_vat_always_add_up_to_gross(cents: int, rate: int) -> None:
    price = Price(Money(cents), rate)
    assert price.net + price.vat == price.gross
    assert 0 <= price.vat.cents <= price.gross.cents


@given(CENTS, RATES)
def test_net_is_the_exact_amount_rounded_to_the_nearest_cent(cents: int, rate: int) -> None:
    exact = Fraction(cents * 10_000, 10_000 + rate)
    assert abs(Price(Money(cents), rate).net.cents - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("gross", "rate", "net"),
    [
        (2400, 1900, 2017),
        (3600, 1900, 3025),
        (1, 1900, 1),
        (0, 1900, 0),
        (300, 0, 300),
        (3, 10_000, 2),
    ],
)
def test_known_splits(gross: int, rate: int, net: int) -> None:
    assert Price(Money(gross), rate).net == Money(net)


@given(st.lists(st.tuples(CENTS, RATES), max_size=20))
def test_a_total_is_the_sum_of_what_stands_above_it(lines: list[tuple[int, int]]) -> None:
    prices = [Price(Money(cents), rate) for cents, rate in lines]
    total = Total.of(prices)
    assert total.net + total.vat == total.gross
    assert total.gross.cents == sum(cents for cents, _ in lines)
    assert total.net.cents == sum(price.net.cents for price in prices)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        Money(1, "EUR") + Money(1, "CHF")
    with pytest.raises(ValueError, match="not a currency"):
        Money(1, "euro")
    with pytest.raises(ValueError, match="VAT"):
        Price(Money(1), 10_001)


@given(CENTS, st.integers(1, 60))
def test_a_share_is_the_nearest_cent(cents: int, parts: int) -> None:
    assert abs(Money(cents).per(parts).cents * parts - cents) * 2 <= parts
    assert Money(-cents).per(parts) == Money(-Money(cents).per(parts).cents)


@pytest.mark.parametrize(
    ("text", "cents"),
    [("24", 2400), ("24,5", 2450), (" 24.50 ", 2450), ("0,05 €", 5), ("7EUR", 700), ("0", 0)],
)
def test_an_amount_is_read_as_it_is_typed(text: str, cents: int) -> None:
    assert euros(text) == Money(cents)


@pytest.mark.parametrize("text", ["10 €", "10€", "10 EUR"])
def test_euros_are_no_percentage(text: str) -> None:
    assert hundredths(text) is None


@pytest.mark.parametrize("text", ["", "-1", "1,234", "1.000,00", "12345678", "٣", "1 2", "€"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert euros(text) is None
    assert hundredths(text) is None
