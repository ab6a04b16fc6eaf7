"""Numbers as operators type them at commands: whatever is taken, every database takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from cloudmatic_portal.cli import amounts

INTEGER = 2**31 - 1
BIGINT = 2**63 - 1


@pytest.mark.parametrize(
    ("read", "digits", "most"),
    [(amounts.whole_number, 9, INTEGER), (amounts.listed, 18, BIGINT)],
)
def test_the_longest_number_fits_into_its_column(
    read: Callable[[str], int], digits: int, most: int
) -> None:
    assert read("9" * digits) <= most
    for unfit in ("9" * (digits + 1), "-1", "+1", "1_0", "٣", "", "1.0"):
        with pytest.raises(argparse.ArgumentTypeError):
            read(unfit)
