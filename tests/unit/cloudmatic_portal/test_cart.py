from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.domain.cart import Wish, place
from cloudmatic_portal.domain.catalogue import Product, ProductKind, Term
from cloudmatic_portal.domain.errors import ProductNotSold, TermNotOffered
from cloudmatic_portal.domain.money import Money, Price

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
OFFERED = (1, 6, 12, 24)


def term(months: int, cents: int = 100, **valid: date) -> Term:
    return Term(months, Price(Money(months * cents), 1900), **({"valid_from": TODAY} | valid))


def product(*terms: Term, kind: ProductKind = "package", active: bool = True) -> Product:
    return Product(
        code="complete",
        name="Complete",
        kind=kind,
        position=0,
        active=active,
        terms=terms or tuple(map(term, OFFERED)),
    )


WISHES = st.builds(
    Wish,
    st.just("complete"),
    st.sampled_from((None, *OFFERED)),
    st.sampled_from((None, *get_args(BookingKind))),
)


@given(st.lists(WISHES, min_size=1, max_size=6))
def test_however_often_a_product_is_wished_for_it_is_there_once(wishes: list[Wish]) -> None:
    item = None
    for wish in wishes:
        item = place(product(), item, wish, NOW)
    assert item is not None
    months = [wish.quantity for wish in wishes if wish.quantity]
    kinds = [wish.kind for wish in wishes if wish.kind]
    assert item.quantity == (months or [12])[-1]
    assert item.kind == (kinds or ["single"])[-1]
    assert item.price.gross.cents == item.quantity * 100


def test_without_a_year_on_offer_the_shortest_term_is_meant() -> None:
    assert place(product(term(6), term(1)), None, Wish("complete"), NOW).quantity == 1


def test_an_item_keeps_its_term_at_todays_price() -> None:
    present = place(product(term(6, 100)), None, Wish("complete", 6), NOW)
    again = place(product(term(6, 150), term(12)), present, Wish("complete"), NOW)
    assert (again.quantity, again.price.gross.cents) == (6, 900)


@pytest.mark.parametrize(("offered", "months"), [((12, 24), 12), ((24, 3), 3)])
def test_a_term_that_is_no_longer_offered_gives_way_to_the_usual_one(
    offered: tuple[int, ...], months: int
) -> None:
    present = place(product(), None, Wish("complete", 6, "subscription"), NOW)
    again = place(product(*map(term, offered)), present, Wish("complete"), NOW)
    assert (again.quantity, again.kind) == (months, "subscription")


def test_an_item_keeps_its_place_when_its_term_changes() -> None:
    first = place(product(), None, Wish("complete"), NOW)
    later = NOW + timedelta(hours=1)
    assert place(product(), first, Wish("complete", 6), later).added_at == NOW


def test_prices_change_on_their_day() -> None:
    old = term(12, 100, valid_from=date(2026, 1, 1), valid_until=TODAY)
    new = term(12, 200, valid_from=TODAY + timedelta(days=1))
    both = product(old, new)
    assert both.term_for(12, TODAY) == old
    assert both.term_for(12, TODAY + timedelta(days=1)) == new
    assert both.terms_on(date(2025, 1, 1)) == ()


@pytest.mark.parametrize(
    "unsold",
    [
        product(active=False),
        product(term(12, valid_from=TODAY + timedelta(days=1))),
        product(term(12, valid_from=date(2020, 1, 1), valid_until=date(2025, 1, 1))),
    ],
)
def test_what_is_not_sold_today_cannot_be_placed(unsold: Product) -> None:
    with pytest.raises(ProductNotSold):
        place(unsold, None, Wish("complete"), NOW)


def test_a_term_that_is_not_offered_names_those_that_are() -> None:
    with pytest.raises(TermNotOffered) as refused:
        place(product(), None, Wish("complete", 7), NOW)
    assert refused.value.offered == OFFERED
