from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cloudmatic_link.products import PACKAGES
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services.catalogue_file import CatalogueUnreadable, read
from cloudmatic_portal.web import formats, i18n


@pytest.mark.parametrize(
    ("cents", "german", "english"),
    [
        (0, "0,00 €", "€0.00"),
        (5, "0,05 €", "€0.05"),
        (2400, "24,00 €", "€24.00"),
        (123456789, "1.234.567,89 €", "€1,234,567.89"),
        (-150, "−1,50 €", "−€1.50"),
    ],
)
def test_amounts_are_written_as_in_the_language(cents: int, german: str, english: str) -> None:
    assert formats.money(Money(cents), "de").replace("\xa0", " ") == german
    assert formats.money(Money(cents), "en") == english


def test_other_currencies_go_by_their_code() -> None:
    assert formats.money(Money(100, "CHF"), "de") == "1,00\xa0CHF"
    assert formats.money(Money(100, "CHF"), "en") == "CHF\xa01.00"


def test_rates_days_and_times_are_written_as_in_the_language() -> None:
    assert formats.percent(1900, "de") == "19\xa0%"
    assert formats.percent(770, "de") == "7,7\xa0%"
    assert formats.percent(770, "en") == "7.7%"
    assert formats.day(date(2026, 3, 1), "de") == "01.03.2026"
    assert formats.day(date(2026, 3, 1), "en") == "1\xa0March\xa02026"
    instant = datetime(2026, 7, 1, 22, 0, 5, tzinfo=UTC)
    assert formats.moment(instant, "de") == "02.07.2026, 00:00:05\xa0Uhr"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("de-AT,en;q=0.9", "de"),
        ("en;q=0.5,de;q=0.5", "de"),
        ("fr,it", "de"),
        ("en;q=0", "de"),
        ("en;q=x,de;q=0.1", "de"),
        ("en;q=nan", "de"),
        (";;;,,,=" * 400, "de"),
    ],
)
def test_the_browsers_wish_decides_and_german_in_a_tie(header: str, language: str) -> None:
    assert i18n.negotiate(header) == language


def test_a_missing_catalogue_is_no_reason_to_speak_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    with pytest.raises(i18n.CatalogueMissing, match="catalogues"):
        i18n.load("de")


def test_the_first_catalogue_sells_what_hubs_offer() -> None:
    products = read(CATALOGUE.read_text("utf-8"))
    packages = [product for product in products if product.kind == "package"]
    assert [(each.code, each.name) for each in packages] == [
        (each.code, each.name) for each in PACKAGES
    ]
    assert all(product.summary("de") and product.summary("en") for product in products)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("price_cents = 300 }", "price_cents = -300 }"),
        ("price_cents = 300 }", "price_cents = 3.00 }"),
        ("price_cents = 300 }", "price_cent = 300 }"),
        ("months = 24", "months = 0"),
        ('kind = "credit"', 'kind = "gift"'),
        ('currency = "EUR"', 'currency = "Euro"'),
        ("vat_basis_points = 1900", "vat_basis_points = 19.0"),
        ("valid_from = 2020-01-01", 'valid_from = "today"'),
        ("summary.de", "summary.fr"),
        ('code = "connect"', 'code = "Connect!"'),
        ("[[product]]", "[[products]]"),
        ('currency = "EUR"', "currency = "),
    ],
)
def test_a_mistake_in_the_catalogue_is_no_price(wrong: str, right: str) -> None:
    text = CATALOGUE.read_text("utf-8")
    assert wrong in text
    with pytest.raises(CatalogueUnreadable):
        read(text.replace(wrong, right))
