"""The operator prices a product and withdraws it, on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from cloudmatic_portal.cli import edge
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.services import catalogue
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.commands import run
from tests.integration.portal.test_cli import environment


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    return environment(tmp_path, database_url)


async def price_on(database: Database, day: date) -> int | None:
    offered = {each.code: each for each in await catalogue.products(database, day)}
    term = offered["connect"].offer(12, day) if "connect" in offered else None
    return term.price.gross.cents if term else None


async def test_a_price_holds_from_its_day_on(database: Database, settings: dict[str, str]) -> None:
    today = berlin_day(edge.clock())
    first = today + timedelta(days=7)
    before = await price_on(database, today)
    status, said, _ = await run(
        settings, "set-price", "connect", "12", "27,00", "--from", str(first)
    )
    assert (status, f"connect × 12: 27,00\xa0€ from {first}" in said) == (0, True)
    assert await price_on(database, first - timedelta(days=1)) == before
    assert await price_on(database, first) == 2700
    listed = json.loads((await run(settings, "prices", "--json"))[1])
    connect = next(each for each in listed if each["code"] == "connect")
    assert [each["valid_from"] for each in connect["terms"] if each["price_cents"] == 2700] == [
        str(first)
    ]


async def test_a_term_ends_and_a_product_is_withdrawn(
    database: Database, settings: dict[str, str]
) -> None:
    today = berlin_day(edge.clock())
    assert (await run(settings, "end-price", "connect", "12", "--after", str(today)))[0] == 0
    assert await price_on(database, today) is not None
    assert await price_on(database, today + timedelta(days=1)) is None
    assert (await run(settings, "sell", "connect", "--no-more"))[0] == 0
    assert await price_on(database, today) is None
    assert (await run(settings, "sell", "connect"))[0] == 0
    assert await price_on(database, today) is not None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("set-price", "nothing", "12", "27"), "product unknown: nothing"),
        (("set-price", "connect", "12", "27", "--from", "2020-01-01"), "price in the past"),
        (("set-price", "connect", "0", "27"), "expected a quantity above zero"),
        (("set-price", "connect", "61", "27"), "term too long: at most 60 months"),
        (("set-price", "notifyme", "100001", "27"), "term too long: at most 100000 messages"),
        (("set-price", "connect", "12", "27", "--vat", "101"), "the VAT rate lies between"),
        (("end-price", "connect", "7", "--after", "2099-01-01"), "term not offered"),
        (("sell", "nothing"), "product unknown"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    settings: dict[str, str], words: tuple[str, ...], reason: str
) -> None:
    status, _, errors = await run(settings, *words)
    assert (status, reason in errors) == (1, True)
