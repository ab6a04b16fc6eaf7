"""Batches: as many vouchers as were wanted, with codes that nobody guesses or misreads."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.reference import ALPHABET
from cloudmatic_portal.domain.voucher import CODE, Voucher
from cloudmatic_portal.domain.voucher_batch import RANDOM_BYTES, WantedBatch, new_code, read_prefix
from cloudmatic_portal.web.spreadsheet import harmless, table

KIND = Voucher(code="EACH", kind="percent", value=1000, valid_from=date(2026, 11, 23), limit=1)


@given(random=st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_every_code_is_one_that_customers_can_type(random: bytes) -> None:
    code = new_code(random, "MESSE")
    assert re.fullmatch(rf"MESSE(-[{ALPHABET}]{{4}}){{3}}", code)
    assert CODE.fullmatch(code)
    assert CODE.fullmatch(new_code(random))


def test_a_code_that_comes_twice_is_drawn_again() -> None:
    drawn = iter([b"\0" * 16, b"\0" * 16, b"\1" * 16])
    wanted = WantedBatch(name="Messe", count=2, kind=KIND)
    made = list(wanted.vouchers(lambda _: next(drawn)))
    assert len({each.code for each in made}) == 2
    assert {each.value for each in made} == {1000}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "a\nb"},
        {"count": 0},
        {"count": 5001},
        {"prefix": "messe"},
        {"prefix": "M-"},
        {"prefix": "M" * 17},
        {"kind": Voucher(code="EACH", kind="months", value=1, valid_from=date(2026, 1, 1))},
    ],
)
def test_a_batch_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    facts: dict[str, object] = {"name": "Messe", "count": 1, "kind": KIND}
    with pytest.raises(ValueError, match=r"batch|prefix"):
        WantedBatch(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["MESSE", "messe", "MESSE-", " -Messe- "])
def test_a_prefix_is_read_as_people_write_it(text: str) -> None:
    assert read_prefix(text) == "MESSE"


@pytest.mark.parametrize("text", ["", " ", "-"])
def test_no_prefix_is_none(text: str) -> None:
    assert read_prefix(text) == ""


@pytest.mark.parametrize("text", ["a b", "müll", "M" * 17, "A_B"])
def test_a_prefix_that_cannot_be_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match=r"1 to 16 letters from A to Z, digits and hyphens"):
        read_prefix(text)


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@SUM(A1)", "\t=1", "  =1", "＝1", "\n=1"])
def test_a_cell_that_would_be_calculated_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_a_table_is_one_that_german_spreadsheets_read() -> None:
    assert table(("a", "b"), [("1;2", 'x"y')]) == 'a;b\n"1;2";"x""y"\n'
    assert harmless("Max & Co") == "Max & Co"
