from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.access import AccessPeriod, coverage_end, next_days
from cloudmatic_portal.domain.calendar import berlin_day, last_day

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=8)


def period(
    first: date, last: date, *, product: str = "complete", trial: bool = False
) -> AccessPeriod:
    return AccessPeriod(first, last, product, product.title(), trial)


def chain(start: date, spans: list[tuple[int, int]]) -> list[AccessPeriod]:
    """Periods one after the other: so many days of gap, so many days long."""
    periods = []
    for gap, length in spans:
        first = start + timedelta(days=gap)
        periods.append(period(first, first + timedelta(days=length)))
        start = periods[-1].last_day + timedelta(days=1)
    return periods


def test_a_period_runs_to_the_end_of_its_last_day() -> None:
    one = period(TODAY, TODAY)
    assert one.runs_on(TODAY)
    assert not one.runs_on(TODAY + timedelta(days=1))
    assert one.days_left(TODAY) == 0
    assert period(TODAY, TODAY + timedelta(days=5)).days_left(TODAY) == 5
    assert one.days_left(TODAY + timedelta(days=9)) == 0


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="period"):
        period(TODAY, TODAY - timedelta(days=1))


@given(DAYS, st.integers(0, 500), DAYS, st.integers(0, 500))
def test_periods_overlap_if_they_share_a_day(a: date, m: int, b: date, n: int) -> None:
    one, other = period(a, a + timedelta(days=m)), period(b, b + timedelta(days=n))
    shared = min(one.last_day, other.last_day) >= max(one.first_day, other.first_day)
    assert one.overlaps(other) == other.overlaps(one) == shared


def test_coverage_goes_on_through_periods_that_follow_each_other_day_by_day() -> None:
    trial = period(TODAY - timedelta(days=9), TODAY, trial=True)
    bought = period(TODAY + timedelta(days=1), TODAY + timedelta(days=30))
    later = period(TODAY + timedelta(days=32), TODAY + timedelta(days=60))
    assert coverage_end([later, bought, trial], TODAY) == bought.last_day
    assert coverage_end([bought], TODAY) is None
    assert coverage_end([], TODAY) is None


@given(DAYS, SPANS, st.integers(0, 200))
def test_coverage_is_what_counting_day_by_day_finds(
    start: date, spans: list[tuple[int, int]], ahead: int
) -> None:
    periods, today = chain(start, spans), start + timedelta(days=ahead)
    day = today
    while any(each.runs_on(day) for each in periods):
        day += timedelta(days=1)
    expected = None if day == today else day - timedelta(days=1)
    assert coverage_end(reversed(periods), today) == expected


LAID_OUT = st.lists(
    st.tuples(st.integers(-40, 400), st.integers(0, 120), st.sampled_from(("complete", "connect"))),
    max_size=6,
)


@given(LAID_OUT)
def test_coverage_does_not_ask_which_product_it_is(laid_out: list[tuple[int, int, str]]) -> None:
    """Periods of several products may overlap; what counts is whether anything runs."""
    periods = spread(laid_out)
    day = TODAY
    while any(each.runs_on(day) for each in periods):
        day += timedelta(days=1)
    assert coverage_end(periods, TODAY) == (None if day == TODAY else day - timedelta(days=1))


def spread(laid_out: list[tuple[int, int, str]]) -> list[AccessPeriod]:
    return [
        period(TODAY + timedelta(days=at), TODAY + timedelta(days=at + length), product=product)
        for at, length, product in laid_out
    ]


@given(LAID_OUT, st.integers(1, 24))
def test_a_new_term_takes_the_first_days_on_which_nothing_else_runs(
    laid_out: list[tuple[int, int, str]], months: int
) -> None:
    periods = spread(laid_out)
    first = TODAY
    while any(
        each.overlaps(period(first, last_day(first, months), product=each.product))
        for each in periods
    ):
        first += timedelta(days=1)
    assert next_days(periods, months, TODAY) == (first, last_day(first, months))
    assert next_days(periods[::-1], months, TODAY) == (first, last_day(first, months))


@given(st.integers(1, 400), st.integers(1, 24), st.booleans())
def test_a_package_bought_while_another_runs_starts_the_day_after_coverage_ends(
    length: int, months: int, trial: bool
) -> None:
    running = period(TODAY - timedelta(days=1), TODAY + timedelta(days=length), trial=trial)
    first, _ = next_days([running], months, TODAY)
    end = coverage_end([running], TODAY)
    assert end is not None
    assert first == end + timedelta(days=1)


def test_a_package_bought_on_the_last_day_starts_tomorrow_and_after_it_today() -> None:
    ends_today = period(TODAY - timedelta(days=30), TODAY)
    assert next_days([ends_today], 1, TODAY)[0] == TODAY + timedelta(days=1)
    assert next_days([ends_today], 1, TODAY + timedelta(days=1))[0] == TODAY + timedelta(days=1)


def test_a_term_that_fits_before_what_is_booked_already_goes_there() -> None:
    later = period(TODAY + timedelta(days=60), TODAY + timedelta(days=90))
    assert next_days([later], 1, TODAY)[0] == TODAY
    assert next_days([later], 3, TODAY)[0] == later.last_day + timedelta(days=1)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_day_is_one_in_berlin(instant: datetime, day: date) -> None:
    assert berlin_day(instant) == day


def test_an_instant_without_its_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        berlin_day(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
