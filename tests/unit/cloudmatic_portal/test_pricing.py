"""A price changes from a day on, and never for days that have passed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.catalogue import Term
from cloudmatic_portal.domain.errors import PriceInThePast, TermNotOffered
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.pricing import with_price, without_price

TODAY = date(2026, 11, 26)


def term(cents: int, first: int, last: int | None = None) -> Term:
    """A yearly term; days are counted from today."""
    until = None if last is None else TODAY + timedelta(days=last)
    return Term(12, Price(Money(cents), 1900), TODAY + timedelta(days=first), until)


def on(terms: tuple[Term, ...], day: int) -> list[int]:
    """What it costs on that day: one price, or none."""
    return [each.price.gross.cents for each in terms if each.offered_on(TODAY + timedelta(day))]


def test_a_new_price_follows_the_old_one() -> None:
    terms = with_price([term(2400, -100)], term(2700, 10), TODAY)
    assert (on(terms, -1), on(terms, 9), on(terms, 10), on(terms, 500)) == (
        [2400], [2400], [2700], [2700]
    )  # fmt: skip


def test_after_an_offer_of_some_days_the_old_price_holds_again() -> None:
    terms = with_price([term(2400, -100)], term(1900, 5, 7), TODAY)
    assert [on(terms, day) for day in (4, 5, 7, 8)] == [[2400], [1900], [1900], [2400]]


def test_what_was_planned_gives_way() -> None:
    terms = with_price([term(2400, -100, 19), term(2600, 20)], term(2700, 10), TODAY)
    assert [on(terms, day) for day in (9, 10, 20)] == [[2400], [2700], [2700]]


def test_no_price_of_yesterday_is_changed() -> None:
    with pytest.raises(PriceInThePast):
        with_price([term(2400, -100)], term(2700, -1), TODAY)
    with pytest.raises(PriceInThePast):
        without_price([term(2400, -100)], "Connect", 12, TODAY - timedelta(days=2), TODAY)


def test_a_term_that_ends_is_not_offered_afterwards() -> None:
    terms = without_price([term(2400, -100, 19), term(2600, 20)], "Connect", 12, TODAY, TODAY)
    assert [on(terms, day) for day in (0, 1, 20)] == [[2400], [], []]


def test_ending_what_has_ended_is_told() -> None:
    with pytest.raises(TermNotOffered):
        without_price([term(2400, -100, -50)], "Connect", 12, TODAY, TODAY)


@given(
    changes=st.lists(
        st.tuples(st.integers(0, 60), st.none() | st.integers(0, 40), st.integers(0, 9_999)),
        max_size=8,
    )
)
def test_on_each_day_the_last_word_holds(changes: list[tuple[int, int | None, int]]) -> None:
    terms: tuple[Term, ...] = (term(1, -30),)
    said: dict[int, int] = dict.fromkeys(range(-30, 120), 1)
    for first, length, cents in changes:
        last = None if length is None else first + length
        terms = with_price(terms, term(cents, first, last), TODAY)
        said |= dict.fromkeys(range(first, 120 if last is None else last + 1), cents)
    assert {day: on(terms, day) for day in said} == {day: [price] for day, price in said.items()}
