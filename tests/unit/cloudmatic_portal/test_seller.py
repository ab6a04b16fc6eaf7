"""Who sells, as the operator's file says it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.settings import SettingsWrong, from_environment
from tests.unit.cloudmatic_portal.test_settings import GOOD

FILE = """
name = "Beispiel GmbH"
street = "Musterstraße 12"
postcode = "24103"
city = "Kiel"
email = "rechnung@example.com"
vat_id = "DE136695976"
one_stop_shop_from = 2027-01-01
"""


def seller(tmp_path: Path, text: str) -> Seller | None:
    file = tmp_path / "seller.toml"
    file.write_text(text, "utf-8")
    return from_environment(GOOD | {"CLOUDMATIC_PORTAL_SELLER_FILE": str(file)}).seller


def test_the_file_says_who_sells(tmp_path: Path) -> None:
    found = seller(tmp_path, FILE)
    assert found is not None
    assert (found.name, found.one_stop_shop_from) == ("Beispiel GmbH", date(2027, 1, 1))
    assert not found.one_stop_shop(date(2026, 12, 31))
    assert found.one_stop_shop(date(2027, 1, 1))


def test_without_the_file_nobody_does() -> None:
    assert from_environment(GOOD).seller is None


@pytest.mark.parametrize(
    ("found", "replaced", "told"),
    [
        ('name = "Beispiel GmbH"', "", "missing: name"),
        ('name = "Beispiel GmbH"', 'name = " "', "name must not be empty"),
        ("24103", "1010", "postcode"),
        ("DE136695976", "DE136695977", "vat_id is not a German VAT number"),
        ('vat_id = "DE136695976"', "", "vat_id or tax_number is needed"),
        ("2027-01-01", "true", "one_stop_shop_from is not a day"),
        ("email =", "e_mail =", "unknown: e_mail"),
        ('city = "Kiel"', "city = ", "SELLER_FILE"),
        ("Kiel", "Kiel\\n", "city is one line"),
    ],
)
def test_what_is_wrong_is_told_at_the_start(
    tmp_path: Path, found: str, replaced: str, told: str
) -> None:
    assert found in FILE
    with pytest.raises(SettingsWrong, match="CLOUDMATIC_PORTAL_SELLER_FILE") as wrong:
        seller(tmp_path, FILE.replace(found, replaced))
    assert told in str(wrong.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="No such file"):
        from_environment(GOOD | {"CLOUDMATIC_PORTAL_SELLER_FILE": str(tmp_path / "none")})
