from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.standing_order import StandingOrder
from cloudmatic_portal.domain.subscription import Plan, Subscription

PLAN = Plan("complete", 1, Price(Money(400), 1900))
WANTED = Plan("connect", 12, Price(Money(2400), 1900))
MINE = Subscription(
    subscription_id=1, account_id=4711, state="active", plan=PLAN, anchor=date(2027, 1, 31)
)
DAYS = st.dates(date(2026, 1, 1), date(2036, 1, 1))


@given(DAYS, st.integers(1, 60), st.integers(0, 30), st.booleans(), DAYS)
def test_it_begins_with_the_period_to_be_paid_and_never_in_the_past(
    anchor: date, months: int, ordered: int, waiting: bool, today: date
) -> None:
    mine = replace(MINE, anchor=anchor, plan=replace(PLAN, months=months))
    made = StandingOrder.of(mine, ordered=ordered, waiting=waiting, today=today)
    first = mine.days(ordered if waiting else ordered + 1)[0]
    assert made.first_on == (max(first, today))
    assert (made.amount, made.months) == (PLAN.price.gross, months)


def test_it_is_for_the_plan_that_holds_from_the_next_period_on() -> None:
    mine = replace(MINE, next_plan=WANTED)
    today = date(2027, 2, 1)
    made = StandingOrder.of(mine, ordered=0, waiting=False, today=today)
    assert (made.amount.cents, made.months, made.later) == (2400, 12, None)
    made = StandingOrder.of(mine, ordered=1, waiting=True, today=today)
    assert (made.amount.cents, made.months, made.later) == (400, 1, WANTED)
