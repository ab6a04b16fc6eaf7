"""What a line pays: certain, or nobody's but the operator's to say."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.books import Books, Candidate, Customer
from cloudmatic_portal.domain.matching import Match, clues, match
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.reference import new_reference
from cloudmatic_portal.domain.spotting import Nearby
from cloudmatic_portal.domain.statement import BankLine
from tests.unit.cloudmatic_portal.test_spotting import REFERENCES, WORDS, mistyped, written

FIRST, SECOND, THIRD = (new_reference(bytes([number]) * 16) for number in (3, 77, 201))
IBAN = "DE89370400440532013000"


def line(cents: int = 3600, text: str = "", **facts: Any) -> BankLine:
    amount = Money(cents, facts.pop("currency", "EUR"))
    usual: dict[str, Any] = {"account": "DE02120300000000202051", "day": date(2026, 11, 24)}
    return BankLine(**usual | {"amount": amount, "text": text} | facts)


def books(*dues: tuple[str, int, int], **facts: Any) -> Books:
    """Orders by reference, account and what is due."""
    orders = {
        number: Candidate(
            order_id=number, reference=reference, account_id=account, due=Money(cents)
        )
        for number, (reference, account, cents) in enumerate(dues, start=1)
    }
    return Books(
        orders=orders,
        references={each.reference: each.order_id for each in orders.values()},
        **facts,
    )


def decide(line: BankLine, known: Books) -> Match:
    nearby = Nearby([*known.references, *known.customers])
    return match(line, clues(line, nearby), known)


def paid(found: Match) -> list[tuple[int | None, int]]:
    return [(each.order_id, each.amount.cents) for each in found.claims]


def test_a_reference_is_believed_whatever_the_amount() -> None:
    for cents in (1, 3600, 99_999):
        found = decide(line(cents, f"Rechnung {FIRST}"), books((FIRST, 4711, 3600)))
        assert (found.reason, paid(found)) == ("reference", [(1, cents)])


@given(st.lists(REFERENCES, min_size=1, max_size=12, unique=True), WORDS, WORDS, st.data())
def test_one_error_finds_the_right_order_or_nobody_s(
    references: list[str], before: str, after: str, data: st.DataObject
) -> None:
    known = books(*((each, number, 3600) for number, each in enumerate(references, start=1)))
    wrong = data.draw(written(data.draw(mistyped(references[0]))))
    cents = data.draw(st.sampled_from([3600, 3500]))
    found = decide(line(cents, f"{before} {wrong} {after}"), known)
    if found.booked:
        assert found.account_id == 1
    else:
        assert found.suggestions[0].account_id == 1 or len(references) > 1


def test_a_mistyped_reference_needs_the_amount_and_no_other_payer() -> None:
    wrong = f"{FIRST[:4]}{'2' if FIRST[4] != '2' else '3'}{FIRST[5:]}"
    known = books((FIRST, 4711, 3600))
    assert decide(line(3600, wrong), known).reason == "reference_corrected"
    assert decide(line(3601, wrong), books((FIRST, 4711, 3600))).reason == "amount_differs"
    other = books((FIRST, 4711, 3600), payers={IBAN: (9,)})
    assert decide(line(3600, wrong, iban=IBAN), other).reason == "several_meant"


def test_the_second_transfer_for_an_order_pays_what_comes_after_it() -> None:
    known = books((FIRST, 4711, 3600), (SECOND, 4711, 3600), successors={1: (1, 2)})
    assert paid(decide(line(3600, FIRST), known)) == [(1, 3600)]
    assert paid(decide(line(3600, FIRST), known)) == [(2, 3600)]
    assert paid(decide(line(3600, FIRST), known)) == [(1, 3600)]


def test_several_orders_are_paid_if_the_sum_is_theirs() -> None:
    text = f"{FIRST} {SECOND}"
    orders = ((FIRST, 4711, 3600), (SECOND, 4711, 2400))
    assert paid(decide(line(6000, text), books(*orders))) == [(1, 3600), (2, 2400)]
    assert decide(line(5999, text), books(*orders)).reason == "sum_differs"
    settled = ((FIRST, 4711, 0), (SECOND, 4711, 2400))
    assert paid(decide(line(2400, text), books(*settled))) == [(2, 2400)]
    strangers = ((FIRST, 4711, 3600), (SECOND, 4712, 2400))
    assert decide(line(6000, text), books(*strangers)).reason == "sum_differs"


def test_a_subscription_s_reference_pays_the_oldest_first_and_the_rest_is_balance() -> None:
    customers = {THIRD: Customer(4711, (1, 2))}
    orders = ((FIRST, 4711, 1000), (SECOND, 4711, 1000))
    assert paid(decide(line(1500, THIRD), books(*orders, customers=customers))) == [
        (1, 1000),
        (2, 500),
    ]
    assert paid(decide(line(2500, THIRD), books(*orders, customers=customers)))[2] == (None, 500)
    nothing = books(customers={THIRD: Customer(4711, ())})
    assert paid(decide(line(700, THIRD), nothing)) == [(None, 700)]


def test_a_known_payer_needs_exactly_one_order_of_that_amount() -> None:
    facts: dict[str, Any] = {"payers": {IBAN: (4711,)}, "waiting": {4711: (1, 2)}}
    orders = ((FIRST, 4711, 3600), (SECOND, 4711, 2400))
    assert paid(decide(line(2400, iban=IBAN), books(*orders, **facts))) == [(2, 2400)]
    assert decide(line(2399, iban=IBAN), books(*orders, **facts)).reason == "amount_differs"
    same = ((FIRST, 4711, 2400), (SECOND, 4711, 2400))
    assert decide(line(2400, iban=IBAN), books(*same, **facts)).reason == "several_meant"
    assert decide(line(2400), books(*orders, **facts)).reason == "nothing_found"


def test_what_is_not_a_payment_is_none() -> None:
    known = books((FIRST, 4711, 3600))
    assert decide(line(-3600, FIRST), known).reason == "outgoing"
    assert decide(line(0, FIRST), known).reason == "zero"
    assert decide(line(3600, FIRST, currency="CHF"), known).reason == "other_currency"
    assert decide(line(-3600, FIRST, returned=True), known).reason == "return"
    assert decide(line(3600, FIRST, returned=True), known).reason == "money_back"
    assert decide(line(10**10, FIRST), known).reason == "amount_differs"


def test_suggestions_have_the_fitting_amount_first() -> None:
    known = books(
        (FIRST, 4711, 3600),
        (SECOND, 4711, 2400),
        account_ids={4711},
        waiting={4711: (1, 2)},
    )
    found = decide(line(2400, "Kunde 4711"), known)
    assert [each.candidate and each.candidate.order_id for each in found.suggestions] == [2, 1]
    assert [each.agrees for each in found.suggestions] == [True, False]
