from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.errors import OrderCannot
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.order import ORDER_STATES, Order, OrderState
from cloudmatic_portal.domain.quote import Line

PRICE = Price(Money(3600), 1900)
MOVES = {
    ("open", "paid"),
    ("open", "cancelled"),
    ("open", "expired"),
    ("expired", "paid"),
    ("expired", "cancelled"),
    ("paid", "active"),
    ("paid", "refunded"),
    ("active", "refunded"),
}


def order(state: OrderState = "open", **facts: Any) -> Order:
    line = Line(
        product="complete",
        name="Complete",
        product_kind="package",
        quantity=12,
        kind="single",
        list_price=PRICE,
        price=PRICE,
    )
    usual: dict[str, Any] = {
        "order_id": 1,
        "reference": "222222222",
        "account_id": 4711,
        "state": state,
        "method": "transfer",
        "lines": (line,),
        "vouchers": {},
        "paid": Money(0),
        "language": "de",
        "created_at": datetime(2026, 11, 23, tzinfo=UTC),
        "pay_until": date(2026, 12, 7),
    }
    return Order(**(usual | facts))


@pytest.mark.parametrize("to", ORDER_STATES)
@pytest.mark.parametrize("state", ORDER_STATES)
def test_an_order_goes_from_one_state_to_these_others_only(
    state: OrderState, to: OrderState
) -> None:
    one = order(state)
    assert one.can(to) == ((state, to) in MOVES)
    if one.can(to):
        one.require(to)
        return
    with pytest.raises(OrderCannot) as refused:
        one.require(to)
    assert (refused.value.number, refused.value.state, refused.value.wanted) == (
        "222-222-222",
        state,
        to,
    )


@given(st.sampled_from(ORDER_STATES), st.integers(0, 10_000))
def test_what_is_due_and_what_is_too_much_never_exceed_what_they_come_from(
    state: OrderState, paid: int
) -> None:
    one = order(state, paid=Money(paid))
    assert 0 <= one.due.cents <= one.total.gross.cents
    assert 0 <= one.excess.cents <= paid
    assert not (one.due.cents and one.excess.cents)


@pytest.mark.parametrize(
    ("state", "paid", "due", "excess"),
    [
        ("open", 0, 3600, 0),
        ("open", 3599, 1, 0),
        ("expired", 1000, 2600, 0),
        ("active", 3600, 0, 0),
        ("active", 4000, 0, 400),
        # Nothing is owed for what was cancelled or taken back: all that arrives is the customer's.
        ("cancelled", 0, 0, 0),
        ("cancelled", 1000, 0, 1000),
        ("cancelled", 3600, 0, 3600),
        ("refunded", 0, 0, 0),
        ("refunded", 3600, 0, 3600),
    ],
)
def test_what_is_still_to_pay_and_what_is_the_customers(
    state: OrderState, paid: int, due: int, excess: int
) -> None:
    one = order(state, paid=Money(paid))
    assert (one.due, one.excess) == (Money(due), Money(excess))


def test_an_orders_total_is_the_sum_of_its_lines() -> None:
    one = order(lines=(order().lines[0],) * 3)
    assert one.total.gross == Money(10_800)
    assert one.total.net == Money(3 * PRICE.net.cents)
    assert one.number == "222-222-222"
