"""What somebody types as a billing address."""

from __future__ import annotations

from datetime import date

import pytest

from cloudmatic_portal.clients.invoice_pdf import writable
from cloudmatic_portal.domain.billing import COUNTRIES, BillingAddress
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.web import countries

GOOD = {
    "company": "",
    "name": "Max Muster",
    "street": "Lange Straße 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "vat_id": "",
}


def faults(**changes: str) -> dict[str, str]:
    with pytest.raises(FieldsUnfit) as refused:
        BillingAddress.typed(GOOD | changes)
    return dict(refused.value.faults)


def test_spaces_and_spellings_of_keyboards_are_tidied_up() -> None:
    typed = GOOD | {"name": "  Max \t Mu\u0308ller ", "country": "AT", "vat_id": "atu 135.856-27"}
    found = BillingAddress.typed(typed | {"postcode": " 1010 "})
    assert (found.name, found.vat_id, found.postcode) == ("Max Müller", "ATU13585627", "1010")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, {"name": "empty"}),
        ({"street": " "}, {"street": "empty"}),
        ({"city": "x" * 61}, {"city": "long"}),
        ({"name": "株式会社"}, {"name": "letters"}),
        ({"name": "<b>"}, {"name": "letters"}),
        ({"postcode": "1010"}, {"postcode": "postcode"}),
        ({"postcode": "１０１１５"}, {"postcode": "postcode"}),
        ({"country": "XX"}, {"country": "country"}),
        ({"country": "AT", "postcode": "10-"}, {"postcode": "postcode"}),
        ({"vat_id": "DE123456789"}, {"vat_id": "vat_id"}),  # the check digit
        ({"vat_id": "ATU13585627"}, {"vat_id": "vat_country"}),
        ({"country": "CH", "vat_id": "ATU13585627"}, {"vat_id": "vat_id"}),
        ({"name": "", "city": ""}, {"name": "empty", "city": "empty"}),
    ],
)
def test_every_field_that_will_not_do_is_named_with_its_reason(
    changes: dict[str, str], expected: dict[str, str]
) -> None:
    assert faults(**changes) == expected


def test_a_company_needs_no_person() -> None:
    assert BillingAddress.typed(GOOD | {"name": "", "company": "Muster & Söhne"}).company


def test_greek_numbers_begin_with_el() -> None:
    greek = GOOD | {"country": "GR", "postcode": "104 31"}
    assert BillingAddress.typed(greek | {"vat_id": "EL094259216"}).vat_id == "EL094259216"


def test_a_number_counts_only_once_it_is_confirmed() -> None:
    typed = BillingAddress.typed(GOOD | {"vat_id": "DE136695976"})
    assert not typed.business
    assert BillingAddress(
        **GOOD | {"vat_id": "DE136695976"},
        vat_id_confirmed_on=date(2026, 11, 26),
    ).business


def test_the_invoice_can_print_whatever_an_address_may_hold() -> None:
    typed = [
        BillingAddress.tidied(GOOD | {"name": f"1{chr(each)}1"}) for each in range(0x20, 0x3000)
    ]
    allowed = {sign for each in typed if each.fault("name") is None for sign in each.name}
    assert len(allowed) > 400
    assert [each for each in sorted(allowed) if not writable(each)] == []


def test_every_country_has_a_name_and_home_comes_first() -> None:
    assert set(countries.NAMES) == set(COUNTRIES)
    names = countries.choices("de")
    assert names[:2] == (("DE", "Deutschland"), ("BE", "Belgien"))
    assert ("AT", "Österreich") in names
    assert len(names) == len(COUNTRIES)
