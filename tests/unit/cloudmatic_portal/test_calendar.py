from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.calendar import add_months, berlin_day, last_day

ANCHORS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
MONTHS = st.integers(1, 84)


def end_by_law(anchor: date, months: int) -> date:
    """§ 188 II and III BGB by counting: the day before the same number, or the month's last day."""
    month = anchor.replace(day=1)
    for _ in range(months):
        month = (month + timedelta(days=31)).replace(day=1)
    before = anchor.day - 1
    if before == 0:
        return month - timedelta(days=1)
    following = (month + timedelta(days=31)).replace(day=1)
    return min(month + timedelta(days=before - 1), following - timedelta(days=1))


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 23), 1, date(2026, 12, 22)),
        (date(2026, 11, 23), 12, date(2027, 11, 22)),
        (date(2027, 1, 1), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 2, date(2027, 3, 30)),
        (date(2027, 1, 31), 3, date(2027, 4, 30)),
        (date(2027, 1, 30), 1, date(2027, 2, 28)),
        (date(2027, 1, 29), 1, date(2027, 2, 28)),
        (date(2027, 1, 28), 1, date(2027, 2, 27)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 28)),
        (date(2027, 2, 28), 12, date(2028, 2, 27)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_known_terms(first: date, months: int, last: date) -> None:
    assert last_day(first, months) == last


@given(ANCHORS, MONTHS)
def test_a_term_ends_when_the_law_says(anchor: date, months: int) -> None:
    assert last_day(anchor, months) == end_by_law(anchor, months)


@given(ANCHORS, st.lists(st.integers(1, 24), min_size=1, max_size=12))
def test_terms_counted_from_one_anchor_leave_no_gap_and_share_no_day(
    anchor: date, terms: list[int]
) -> None:
    months, expected = 0, anchor
    for term in terms:
        assert add_months(anchor, months) == expected
        months += term
        expected = last_day(anchor, months) + timedelta(days=1)
    assert add_months(anchor, months) == expected


@given(ANCHORS, MONTHS)
def test_the_anchors_day_comes_back_in_every_month_that_has_it(anchor: date, months: int) -> None:
    found = add_months(anchor, months)
    assert found.day == anchor.day or (found.day == 1 and anchor.day > 28)


@given(ANCHORS, MONTHS, st.integers(1, 60))
def test_whoever_begins_later_never_ends_earlier(anchor: date, months: int, later: int) -> None:
    assert last_day(anchor + timedelta(days=later), months) >= last_day(anchor, months)


@pytest.mark.parametrize(
    ("midnight", "hours"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), 24),
    ],
)
@pytest.mark.fault("clock", "a day is one day, of 23, 24 or 25 hours")
def test_a_day_is_one_day_however_many_hours_it_has(midnight: datetime, hours: int) -> None:
    day = (midnight + timedelta(hours=4)).date()
    assert {berlin_day(midnight + timedelta(hours=hour)) for hour in range(hours)} == {day}
    assert berlin_day(midnight - timedelta(seconds=1)) == day - timedelta(days=1)
    assert berlin_day(midnight + timedelta(hours=hours)) == day + timedelta(days=1)
