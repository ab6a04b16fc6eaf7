"""One sum for cart, checkout and order: what a customer sees is what a customer pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.cart import Cart, CartItem
from cloudmatic_portal.domain.catalogue import Product, Term
from cloudmatic_portal.domain.errors import (
    VoucherFitsNothing,
    VoucherNotCombinable,
    VoucherUnknown,
    VoucherUsedBefore,
)
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.domain.quote import Customer, Quote, quote
from cloudmatic_portal.domain.voucher import VOUCHER_KINDS, Voucher

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PACKAGES = ("connect", "smarthome", "complete")


def price(cents: int) -> Price:
    return Price(Money(cents), 1900)


def product(code: str, cents: int = 3600, *, active: bool = True) -> Product:
    return Product(
        code=code,
        name=code.title(),
        kind="package" if code in PACKAGES else "credit",
        position=0,
        active=active,
        terms=(Term(12, price(cents), valid_from=TODAY),),
    )


def item(code: str, cents: int = 3600) -> CartItem:
    of = product(code)
    return CartItem(
        product=code,
        name=of.name,
        product_kind=of.kind,
        quantity=12,
        kind="single",
        price=price(cents),
        added_at=NOW,
    )


def voucher(code: str, kind: str = "percent", value: int = 1000, **facts: object) -> Voucher:
    usual = {"valid_from": TODAY, "combinable": True}
    return Voucher(code=code, kind=kind, value=value, **(usual | facts))  # type: ignore[arg-type]


def priced(
    *codes: str,
    sold: dict[str, Product] | None = None,
    vouchers: tuple[Voucher, ...] = (),
    entered: tuple[str, ...] | None = None,
    periods: tuple[AccessPeriod, ...] = (),
    used: dict[str, int] | None = None,
) -> Quote:
    known = {each.code: each for each in vouchers}
    cart = Cart(tuple(map(item, codes)), tuple(known) if entered is None else entered, 7)
    products = {code: product(code) for code in codes} | (sold or {})
    customer = Customer(account_id=4711, periods=periods, used=used or {})
    return quote(cart, products, known, customer, TODAY)


CODES = st.lists(st.sampled_from((*PACKAGES, "notifyme")), min_size=1, unique=True)
VOUCHERS = st.lists(
    st.builds(
        voucher,
        st.sampled_from(("AAA", "BBB", "CCC", "DDD")),
        st.sampled_from(VOUCHER_KINDS),
        st.integers(1, 24),
        combinable=st.booleans(),
        products=st.frozensets(st.sampled_from(PACKAGES), max_size=2),
    ),
    max_size=4,
    unique_by=lambda each: each.code,
).map(tuple)


@given(CODES, VOUCHERS)
def test_what_vouchers_save_and_what_is_left_to_pay_is_the_list_price(
    codes: list[str], vouchers: tuple[Voucher, ...]
) -> None:
    found = priced(*codes, vouchers=vouchers)
    saved = sum(each.saved.cents for each in found.holding)
    assert found.total.gross.cents + saved == 3600 * len(codes)
    assert sum(line.discount.cents for line in found.lines) == saved
    assert all(line.price.gross.cents >= 0 for line in found.lines)
    assert found.total.net.cents + found.total.vat.cents == found.total.gross.cents
    assert {each.code for each in found.vouchers} == {each.code for each in vouchers}


@given(CODES, VOUCHERS)
def test_of_vouchers_that_cannot_be_combined_one_holds(
    codes: list[str], vouchers: tuple[Voucher, ...]
) -> None:
    holding = {each.code for each in priced(*codes, vouchers=vouchers).holding}
    kept = [each for each in vouchers if each.code in holding]
    assert len(kept) <= 1 or all(each.combinable for each in kept)


@given(CODES, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 400)), max_size=3))
def test_packages_run_one_after_the_other_and_touch_nothing_that_runs(
    codes: list[str], spans: list[tuple[int, int]]
) -> None:
    periods, begin = [], TODAY
    for gap, length in spans:
        first = begin + timedelta(days=gap)
        last = first + timedelta(days=length)
        periods.append(AccessPeriod(first, last, "complete", "Complete"))
        begin = last + timedelta(days=1)
    lines = priced(*codes, periods=tuple(periods)).lines
    days = [line.days for line in lines if line.days is not None]
    assert len(days) == sum(code in PACKAGES for code in codes)
    taken = sorted([*days, *((each.first_day, each.last_day) for each in periods)])
    for earlier, later in pairwise(taken):
        assert earlier[1] < later[0]
    assert all(first >= TODAY for first, _ in days)


@given(CODES, VOUCHERS)
def test_the_fingerprint_is_the_same_for_the_same_agreement_only(
    codes: list[str], vouchers: tuple[Voucher, ...]
) -> None:
    agreed = priced(*codes, vouchers=vouchers)
    assert priced(*codes, vouchers=vouchers).fingerprint == agreed.fingerprint
    running = AccessPeriod(TODAY, TODAY + timedelta(days=9), "complete", "Complete")
    assert priced(*codes, vouchers=vouchers, periods=(running,)).fingerprint == agreed.fingerprint
    dearer = {codes[0]: product(codes[0], 3700)}
    assert priced(*codes, vouchers=vouchers, sold=dearer).fingerprint != agreed.fingerprint
    subscribed = tuple(replace(line, kind="subscription") for line in agreed.lines)
    assert replace(agreed, lines=subscribed).fingerprint != agreed.fingerprint
    if agreed.holding:
        assert priced(*codes).fingerprint != agreed.fingerprint


def test_a_price_that_changed_is_shown_beside_the_former_one() -> None:
    [line] = priced("complete", sold={"complete": product("complete", 3900)}).lines
    assert line.former == price(3600)
    assert line.price == price(3900)
    assert not priced("complete").changed


def test_what_is_not_sold_any_more_is_named_and_keeps_the_rest_from_being_bought() -> None:
    gone = {"connect": product("connect", active=False)}
    found = priced("complete", "connect", sold=gone)
    assert [line.product for line in found.lines] == ["complete"]
    assert [each.product for each in found.unavailable] == ["connect"]
    assert not found.buyable
    assert not priced().buyable


def test_a_voucher_that_does_not_hold_says_why_and_changes_no_price() -> None:
    used = voucher("USED", per_account=1)
    alone = voucher("ALONE", combinable=False)
    months = voucher("MONTHS", "months", 2)
    found = priced("complete", vouchers=(used,), used={"USED": 1}, entered=("USED", "UNHEARD"))
    refused = {each.code: type(each.refused) for each in found.vouchers}
    assert refused == {"USED": VoucherUsedBefore, "UNHEARD": VoucherUnknown}
    assert found.total.gross == Money(3600)
    both = priced("complete", vouchers=(months, alone))
    assert [type(each.refused) for each in both.vouchers] == [type(None), VoucherNotCombinable]
    [only] = priced("notifyme", vouchers=(months,)).vouchers
    assert isinstance(only.refused, VoucherFitsNothing)


def test_free_months_lengthen_the_package_and_cost_nothing() -> None:
    found = priced("complete", vouchers=(voucher("MONTHS", "months", 2),))
    [line] = found.lines
    assert line.days == (TODAY, date(2028, 1, 22))
    assert line.months == 14
    assert found.total.gross == Money(3600)
