"""Bars: the longest line takes the whole width; the parts of a line lie one behind the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.web.admin.charts import Bar, bars


def test_bars_are_shares_of_the_longest_line() -> None:
    assert bars([(3, 1), (0, 2)]) == (
        (Bar("0.00%", "75.00%"), Bar("75.00%", "25.00%")),
        (Bar("0.00%", "0.00%"), Bar("0.00%", "50.00%")),
    )


def test_nothing_is_drawn_of_nothing() -> None:
    assert bars([]) == ()
    assert bars([(0, 0)]) == ((Bar("0.00%", "0.00%"), Bar("0.00%", "0.00%")),)


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=20))
def test_no_bar_sticks_out(lines: list[tuple[int, int]]) -> None:
    for line in bars(lines):
        for bar in line:
            start, width = (float(each.rstrip("%")) for each in (bar.start, bar.width))
            assert start >= 0
            assert start + width <= 100.02
