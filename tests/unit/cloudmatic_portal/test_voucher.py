from __future__ import annotations

import copy
from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.errors import (
    VoucherExpired,
    VoucherFitsNothing,
    VoucherForAnotherAccount,
    VoucherNotYetValid,
    VoucherRefused,
    VoucherUnknown,
    VoucherUsedBefore,
    VoucherUsedUp,
)
from cloudmatic_portal.domain.voucher import (
    MAX_FREE_MONTHS,
    VOUCHER_KINDS,
    Reduced,
    Saving,
    Voucher,
    in_order,
    read_code,
    reduce,
)

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def voucher(kind: Any = "amount", value: int = 500, **facts: Any) -> Voucher:
    usual: dict[str, Any] = {"code": "SAVE-5", "valid_from": TODAY}
    return Voucher(kind=kind, value=value, **(usual | facts))


PRODUCTS = ("connect", "complete", "notifyme")
LINES = st.lists(
    st.builds(
        lambda product, cents: Reduced(
            product, "credit" if product == "notifyme" else "package", cents
        ),
        st.sampled_from(PRODUCTS),
        st.integers(0, 20_000),
    ),
    min_size=1,
    max_size=5,
)
VALUES = {
    "months": st.integers(1, 24),
    "percent": st.integers(1, 10_000),
    "amount": st.integers(1, 50_000),
}
VOUCHERS = st.sampled_from(VOUCHER_KINDS).flatmap(
    lambda kind: st.builds(
        voucher,
        st.just(kind),
        VALUES[kind],
        code=st.from_regex(r"[A-Z]{3,6}", fullmatch=True),
        products=st.frozensets(st.sampled_from(PRODUCTS), max_size=2),
    )
)


@given(VOUCHERS, LINES)
def test_a_voucher_takes_off_what_it_says_it_saves_and_never_more_than_there_is(
    one: Voucher, lines: list[Reduced]
) -> None:
    before = copy.deepcopy(lines)
    try:
        saving = reduce(one, lines)
    except VoucherFitsNothing:
        assert lines == before
        return
    assert saving.cents + saving.months > 0
    assert all(line.cents >= 0 for line in lines)
    assert sum(a.cents - b.cents for a, b in zip(before, lines, strict=True)) == saving.cents
    assert sum(b.free_months - a.free_months for a, b in zip(before, lines, strict=True)) == (
        saving.months
    )
    for old, new in zip(before, lines, strict=True):
        if not one.fits(old.product, old.kind):
            assert new == old


@given(st.integers(1, 50_000), LINES)
def test_an_amount_is_spread_in_proportion_to_the_cent(value: int, lines: list[Reduced]) -> None:
    before = [line.cents for line in lines]
    whole = sum(before)
    if not whole:
        with pytest.raises(VoucherFitsNothing):
            reduce(voucher(value=value), lines)
        return
    assert reduce(voucher(value=value), lines) == Saving(cents=min(value, whole))
    for old, line in zip(before, lines, strict=True):
        exact = Fraction(min(value, whole) * old, whole)
        assert abs(old - line.cents - exact) < len(before)


@given(st.integers(1, 10_000), LINES)
def test_percent_are_rounded_half_away_from_zero_line_by_line(
    value: int, lines: list[Reduced]
) -> None:
    before = [line.cents for line in lines]
    exact = [Fraction(cents * value, 10_000) for cents in before]
    rounded = [int(share + Fraction(1, 2)) for share in exact]
    if not any(rounded):
        with pytest.raises(VoucherFitsNothing):
            reduce(voucher("percent", value), lines)
        return
    assert reduce(voucher("percent", value), lines) == Saving(cents=sum(rounded))
    assert [line.cents for line in lines] == [
        old - share for old, share in zip(before, rounded, strict=True)
    ]


@pytest.mark.parametrize(
    ("cents", "value", "rest"), [(5, 5000, 2), (15, 1000, 13), (14, 1000, 13), (333, 10_000, 0)]
)
def test_half_a_cent_is_the_customers(cents: int, value: int, rest: int) -> None:
    lines = [Reduced("complete", "package", cents)]
    reduce(voucher("percent", value), lines)
    assert lines[0].cents == rest


@given(st.lists(VOUCHERS, min_size=2, max_size=4, unique_by=lambda one: one.code), LINES)
def test_the_order_in_which_vouchers_are_entered_does_not_matter(
    vouchers: list[Voucher], lines: list[Reduced]
) -> None:
    found = set()
    for order in permutations(vouchers):
        rest = copy.deepcopy(lines)
        for one in in_order(order):
            try:
                reduce(one, rest)
            except VoucherFitsNothing:
                continue
        found.add(repr(rest))
    assert len(found) == 1


def test_percent_come_before_amounts_and_months_take_nothing() -> None:
    lines = [Reduced("complete", "package", 3600)]
    for one in in_order([voucher(), voucher("percent", 1000), voucher("months", 2)]):
        reduce(one, lines)
    assert lines == [Reduced("complete", "package", 3600 - 360 - 500, free_months=2)]


def test_free_months_are_for_the_first_package_and_not_for_credit() -> None:
    credit, package = Reduced("notifyme", "credit", 600), Reduced("complete", "package", 3600)
    other = Reduced("connect", "package", 2400)
    assert reduce(voucher("months", 3), [credit, package, other]) == Saving(months=3)
    assert (credit.free_months, package.free_months, other.free_months) == (0, 3, 0)
    with pytest.raises(VoucherFitsNothing):
        reduce(voucher("months", 3), [credit])


def test_free_months_of_many_vouchers_end_at_the_most_that_an_order_holds() -> None:
    package = Reduced("complete", "package", 3600)
    saved = [reduce(voucher("months", 24), [package]).months for _ in range(5)]
    assert sum(saved) == package.free_months == MAX_FREE_MONTHS
    with pytest.raises(VoucherFitsNothing):
        reduce(voucher("months", 1), [package])


def test_a_voucher_larger_than_what_is_due_leaves_nothing_and_one_after_it_is_kept() -> None:
    lines = [Reduced("complete", "package", 300)]
    assert reduce(voucher(value=500), lines) == Saving(cents=300)
    with pytest.raises(VoucherFitsNothing):
        reduce(voucher(value=500), lines)


REFUSALS: list[tuple[dict[str, Any], int, type[VoucherRefused]]] = [
    ({"active": False}, 0, VoucherUnknown),
    ({"account_id": 4712}, 0, VoucherForAnotherAccount),
    ({"valid_from": TODAY + DAY}, 0, VoucherNotYetValid),
    ({"valid_from": TODAY - DAY, "valid_until": TODAY - DAY}, 0, VoucherExpired),
    ({}, 1, VoucherUsedBefore),
    ({"per_account": 2}, 2, VoucherUsedBefore),
    ({"limit": 3, "redeemed": 3}, 0, VoucherUsedUp),
    # Somebody who was among those who used it up is told of the own use.
    ({"limit": 3, "redeemed": 3}, 1, VoucherUsedBefore),
    # Whether a code exists at all is nothing to tell of one that is not for this account.
    ({"account_id": 4712, "valid_until": TODAY, "limit": 1, "redeemed": 1}, 0,
     VoucherForAnotherAccount),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "used", "refusal"), REFUSALS)
def test_each_reason_to_refuse_a_voucher(
    facts: dict[str, Any], used: int, refusal: type[VoucherRefused]
) -> None:
    with pytest.raises(refusal) as refused:
        voucher(**facts).check(4711, TODAY, used)
    assert refused.value.code == "SAVE-5"
    for name in ("valid_from", "valid_until", "limit"):
        if hasattr(refused.value, name):
            assert getattr(refused.value, name) == facts[name]


@pytest.mark.parametrize(
    ("facts", "used"),
    [
        ({}, 0),
        ({"account_id": 4711}, 0),
        ({"valid_until": TODAY}, 0),
        ({"per_account": None}, 99),
        ({"per_account": 2}, 1),
        ({"limit": 3, "redeemed": 2}, 0),
        ({"limit": None, "redeemed": 10**9}, 0),
    ],
)
def test_a_voucher_holds_up_to_its_last_day_and_its_last_use(
    facts: dict[str, Any], used: int
) -> None:
    voucher(**facts).check(4711, TODAY, used)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "AB"},
        {"code": "save-5"},
        {"code": "-SAVE"},
        {"code": "SAVE 5"},
        {"code": "A" * 33},
        {"value": 0},
        {"value": 10_000_001},
        {"kind": "percent", "value": 10_001},
        {"kind": "months", "value": 25},
        {"valid_until": TODAY - DAY},
        {"limit": 0},
        {"per_account": 0},
    ],
)
def test_a_voucher_that_makes_no_sense_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"code|value|voucher|limit"):
        voucher(**wrong)


@pytest.mark.parametrize("text", ["save-5", " SAVE-5 ", "sa ve\t-5\n", "ＳＡＶＥ-５"])
def test_a_code_is_read_as_customers_type_it(text: str) -> None:
    assert read_code(text) == "SAVE-5"


@given(st.text(max_size=200))
def test_any_text_is_a_code_or_unknown(text: str) -> None:
    try:
        code = read_code(text)
    except VoucherUnknown as refused:
        shown = refused.code
    else:
        shown = voucher(code=code).code
        assert shown == code
    assert len(shown) <= 40
