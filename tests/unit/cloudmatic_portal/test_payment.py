from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import PAYMENT_METHODS, BankAccount, Payment, methods_for

IBAN = "DE02120300000000202051"
BIC = "BYLADEM1001"


@pytest.mark.parametrize(
    ("iban", "grouped"),
    [
        (IBAN, "DE02 1203 0000 0000 2020 51"),
        ("AT026000000001349870", "AT02 6000 0000 0134 9870"),
        ("NO9386011117947", "NO93 8601 1117 947"),
        ("MT84MALT011000012345MTLCAST001S", "MT84 MALT 0110 0001 2345 MTLC AST0 01S"),
    ],
)
def test_an_iban_is_shown_in_groups_of_four(iban: str, grouped: str) -> None:
    assert BankAccount("CloudMatic", iban, BIC).iban_grouped == grouped


@given(st.integers(2, len(IBAN) - 1), st.sampled_from("0123456789"))
def test_every_wrong_digit_in_an_iban_is_found(place: int, digit: str) -> None:
    wrong = IBAN[:place] + digit + IBAN[place + 1 :]
    if wrong != IBAN:
        with pytest.raises(ValueError, match="not an IBAN"):
            BankAccount("CloudMatic", wrong, BIC)


@given(st.integers(2, len(IBAN) - 2))
def test_every_swap_of_neighbours_in_an_iban_is_found(place: int) -> None:
    swapped = IBAN[:place] + IBAN[place + 1] + IBAN[place] + IBAN[place + 2 :]
    if swapped != IBAN:
        with pytest.raises(ValueError, match="not an IBAN"):
            BankAccount("CloudMatic", swapped, BIC)


@pytest.mark.parametrize(
    ("holder", "iban", "bic"),
    [
        ("", IBAN, BIC),
        ("   ", IBAN, BIC),
        ("x" * 71, IBAN, BIC),
        ("CloudMatic\nIBAN", IBAN, BIC),
        ("CloudMatic", "", BIC),
        ("CloudMatic", IBAN.lower(), BIC),
        ("CloudMatic", "DE02 1203 0000 0000 2020 51", BIC),
        # 99 leaves the same remainder as 02.
        ("CloudMatic", "DE99" + IBAN[4:], BIC),
        ("CloudMatic", IBAN, ""),
        ("CloudMatic", IBAN, "BYLADEM10"),
        ("CloudMatic", IBAN, "BYLADEM1001X"),
        ("CloudMatic", IBAN, "12LADEM1"),
    ],
)
def test_what_no_money_can_be_sent_to_is_refused(holder: str, iban: str, bic: str) -> None:
    with pytest.raises(ValueError, match=r"account holder|not an IBAN|not a BIC"):
        BankAccount(holder, iban, bic)


@pytest.mark.parametrize(("cents", "source"), [(0, "x"), (-1, "x"), (1, ""), (1, "x" * 201)])
def test_a_payment_is_an_amount_from_somewhere(cents: int, source: str) -> None:
    with pytest.raises(ValueError, match="a payment"):
        Payment(Money(cents), date(2026, 11, 23), source)


@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_what_costs_nothing_needs_no_method_and_nothing_else_goes_without(
    cents: int, subscribes: bool, bank: bool
) -> None:
    offered = methods_for(Money(cents), subscribes=subscribes, bank=bank)
    assert set(offered) <= set(PAYMENT_METHODS)
    assert (offered == ("none",)) == ("none" in offered) == (cents == 0)
    assert bool(offered) == (cents == 0 or bank)
    assert ("standing_order" in offered) == (cents > 0 and bank and subscribes)
