"""Invoices: numbers, sums, and what an order becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain import invoice as documents
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.invoice import InvoiceNumber, series
from cloudmatic_portal.domain.money import Money, Price, Total
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.quote import Line
from cloudmatic_portal.domain.seller import Seller
from tests.invoicing import SELLER, invoice, line

CUSTOMER = Account(
    account_id=4711,
    user_name="maxmuster",
    email="max@muster.example",
    language="de",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
VIENNA = BillingAddress(
    name="",
    company="Wiener Technik GmbH",
    street="Ring 1",
    postcode="1010",
    city="Wien",
    country="AT",
    vat_id="ATU13585627",
)
DAY = date(2026, 11, 26)


def order(cents: int = 2400) -> Order:
    bought = Line(
        product="connect",
        name="CloudMatic Connect",
        product_kind="package",
        quantity=12,
        kind="single",
        list_price=Price(Money(cents + 100), 1900),
        price=Price(Money(cents), 1900),
    )
    return Order(
        order_id=1,
        reference="K7QX4MP9R",
        account_id=4711,
        state="active",
        method="transfer",
        lines=(bought,),
        paid=Money(cents),
        language="de",
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
        pay_until=DAY,
        activated_at=datetime(2026, 11, 25, tzinfo=UTC),
    )


def made(address: BillingAddress | None = None, seller: Seller = SELLER) -> documents.Invoice:
    return documents.invoice(
        InvoiceNumber("RE-2026", 1),
        order(),
        {0: (DAY, date(2027, 11, 25))},
        seller=seller,
        customer=CUSTOMER,
        address=address,
        issued_on=DAY,
        delivered_on=DAY,
        paid_on=DAY,
    )


def test_a_number_is_read_as_it_is_written() -> None:
    number = InvoiceNumber("RE-2026", 17)
    assert str(number) == "RE-2026-000017"
    assert InvoiceNumber.read(" re-2026-000017 ") == number
    assert InvoiceNumber.read("RE-2026-1000000") == InvoiceNumber("RE-2026", 1_000_000)
    assert series("credit_note", DAY) == "ST-2026"


@pytest.mark.parametrize(
    "text", ["", "17", "RE-2026-17", "RE-2026-0000017", "XX-2026-000017", "RE-２０２６-000017"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert InvoiceNumber.read(text) is None


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.sampled_from([0, 700, 1900, 2550])), min_size=1)
)
def test_the_breakdown_adds_up_to_the_cent(bought: list[tuple[int, int]]) -> None:
    found = invoice(*(line(cents, rate) for cents, rate in bought))
    total = found.total
    assert total.gross == Money(sum(cents for cents, _ in bought))
    assert total.net + total.vat == total.gross
    groups = [each.total for each in found.taxes]
    assert sum(each.net.cents for each in groups) == total.net.cents
    assert sum(each.vat.cents for each in groups) == total.vat.cents
    assert sum(each.gross.cents for each in groups) == total.gross.cents
    for each in found.taxes:
        lines = sum(rate == each.vat_basis_points for _, rate in bought)
        exact = each.total.gross.cents * each.vat_basis_points / (10_000 + each.vat_basis_points)
        # Each line is rounded for itself, by half a cent at most.
        assert abs(each.total.vat.cents - exact) <= 0.5 * lines + 1e-6


def test_without_an_address_the_account_is_named_and_germany_assumed() -> None:
    found = made()
    assert (found.buyer.called, found.buyer.country, found.treatment) == (
        "maxmuster",
        "DE",
        "domestic",
    )
    assert found.total == Total(Money(2017), Money(383), Money(2400))
    assert found.lines[0].discount == Money(100)


def test_a_business_abroad_owes_the_vat_itself_once_its_number_is_confirmed() -> None:
    assert made(VIENNA).treatment == "domestic"
    confirmed = made(replace(VIENNA, vat_id_confirmed_on=DAY))
    assert confirmed.treatment == "reverse_charge"
    assert (confirmed.total.net, confirmed.total.vat) == (Money(2400), Money(0))
    assert confirmed.total.gross == order().total.gross


def test_the_one_stop_shop_holds_from_the_sellers_day_on() -> None:
    seller = replace(SELLER, one_stop_shop_from=DAY)
    assert made(VIENNA, seller).lines[0].price.vat_basis_points == 2000
    assert made(VIENNA, replace(seller, one_stop_shop_from=date(2026, 11, 27))).treatment == (
        "domestic"
    )


def test_a_credit_note_has_the_amounts_of_its_invoice_and_names_it() -> None:
    note = documents.credit_note(InvoiceNumber("ST-2026", 1), made(VIENNA), SELLER, DAY)
    assert (note.total, note.buyer, note.corrects) == (
        made(VIENNA).total,
        made(VIENNA).buyer,
        (InvoiceNumber("RE-2026", 1), DAY),
    )


def test_above_250_euros_an_invoice_needs_an_address() -> None:
    assert not documents.needs_address(Money(25_000))
    assert documents.needs_address(Money(25_001))


def test_the_days_of_the_service_span_all_lines() -> None:
    found = invoice(line(1), line(1, days=None), line(1, days=(date(2028, 1, 1), date(2028, 2, 1))))
    assert found.days == (found.delivered_on, date(2028, 2, 1))
