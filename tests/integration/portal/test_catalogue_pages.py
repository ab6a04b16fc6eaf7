"""Operators price products on their pages: who may, what holds from when, and the log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import pytest

from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.services import audit, catalogue
from tests.integration.portal.pages import Page, send
from tests.integration.portal.staff import come_in
from tests.integration.portal.world import NOW, Browser, Portal

HOME: Final = "/admin/catalogue"
PRICE: Final = f"{HOME}/connect/price"
END: Final = f"{HOME}/connect/end"
TODAY: Final = NOW.date()
LATER: Final = TODAY + timedelta(days=7)
WHY: Final = {"reason": "Preise 2027"}


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser)
    return browser


async def price_on(portal: Portal, day: date) -> int | None:
    """Cents of twelve months of Connect."""
    offered = {each.code: each for each in await catalogue.products(portal.database, day)}
    term = offered["connect"].offer(12, day) if "connect" in offered else None
    return term.price.gross.cents if term else None


async def logged(portal: Portal) -> tuple[str, str, str | None, str | None]:
    entry = (await audit.latest(portal.database, 1))[0]
    return entry.action, entry.object, entry.detail, entry.reason


async def test_a_price_holds_from_its_day_on_and_is_noted(
    portal: Portal, operator: Browser
) -> None:
    before = await price_on(portal, TODAY)
    page = await operator.get(f"{PRICE}?quantity=12")
    typed = {"price": "27,00", "from": str(LATER), **WHY}
    answer = await send(operator, page, PRICE, typed)
    assert (answer.status, answer.location) == (303, HOME)
    assert await price_on(portal, LATER - timedelta(days=1)) == before
    assert await price_on(portal, LATER) == 2700
    words = (await operator.get(HOME)).words
    assert f"27,00 € 19 % ab {LATER:%d.%m.%Y} kommt noch" in words
    assert await logged(portal) == (
        "set price",
        "product connect",
        f"12 × 27,00\xa0€, {LATER} –",
        "Preise 2027",
    )


async def test_an_offer_of_some_days_leaves_the_price_around_it(
    portal: Portal, operator: Browser
) -> None:
    before = await price_on(portal, TODAY)
    last = LATER + timedelta(days=2)
    typed = {"quantity": "12", "price": "9", "from": str(LATER), "until": str(last), "vat": "0"}
    await send(operator, await operator.get(PRICE), PRICE, typed | WHY)
    assert await price_on(portal, LATER) == await price_on(portal, last) == 900
    assert await price_on(portal, last + timedelta(days=1)) == before


async def test_a_price_ends_and_the_term_is_sold_no_more(portal: Portal, operator: Browser) -> None:
    page = await operator.get(f"{END}?quantity=12")
    answer = await send(operator, page, END, {"after": str(LATER), **WHY})
    assert answer.status == 303
    assert await price_on(portal, LATER) is not None
    assert await price_on(portal, LATER + timedelta(days=1)) is None
    assert (await logged(portal))[:2] == ("end price", "product connect")
    before = await portal.rows()
    again = await send(operator, page, END, {"after": str(LATER), **WHY})
    assert again.status == 409
    assert "Es würde sich nichts ändern" in Page(again).beside("after")
    assert await portal.rows() == before


async def test_a_product_is_withdrawn_and_offered_again(portal: Portal, operator: Browser) -> None:
    for step, sold in (("withdraw", False), ("offer", True)):
        address = f"{HOME}/connect/{step}"
        assert address in (await operator.get(HOME)).text
        answer = await send(operator, await operator.get(address), address, WHY)
        assert (answer.status, answer.location) == (303, HOME)
        assert (await price_on(portal, TODAY) is not None) is sold
        assert await logged(portal) == (f"{step} product", "product connect", None, "Preise 2027")


@pytest.mark.parametrize("step", ["withdraw", "offer"])
async def test_what_is_done_already_is_not_noted_again(
    portal: Portal, operator: Browser, step: str
) -> None:
    address = f"{HOME}/connect/{step}"
    page = await operator.get(address)
    assert (await send(operator, page, address, WHY)).status == 303
    before = await portal.rows()
    assert (await send(operator, page, address, WHY)).status == 303
    assert await portal.rows() == before


@pytest.mark.parametrize("vat", ["0", "0,0", "0,00", "7,7", "100"])
async def test_a_rate_may_be_nothing_and_all(operator: Browser, vat: str) -> None:
    typed = {"quantity": "12", "price": "27", "vat": vat, **WHY}
    assert (await send(operator, await operator.get(PRICE), PRICE, typed)).status == 303


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "61"}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"quantity": "0"}, "quantity"),
        ({"price": "0"}, "price"),
        ({"vat": "100,01"}, "vat"),
        ({"vat": "19 €"}, "vat"),
        ({"vat": ""}, "vat"),
        ({"from": "2026-11-01"}, "from"),
        ({"from": "gestern"}, "from"),
        ({"until": "2026-01-01"}, "until"),
        ({"reason": ""}, "reason"),
    ],
)
async def test_a_price_that_cannot_be_is_told_beside_the_field(
    portal: Portal, operator: Browser, changes: dict[str, str], field: str
) -> None:
    before = await portal.rows()
    typed = {"quantity": "12", "price": "27", **WHY} | changes
    answer = await send(operator, await operator.get(PRICE), PRICE, typed)
    assert answer.status == 422
    assert Page(answer).beside(field)
    assert await portal.rows() == before


async def test_messages_are_counted_otherwise_than_months(operator: Browser) -> None:
    address = f"{HOME}/notifyme/price"
    page = await operator.get(address)
    typed = {"quantity": "5000", "price": "99", **WHY}
    assert (await send(operator, page, address, typed)).status == 303
    assert "5000 Nachrichten" in (await operator.get(HOME)).words
    refused = await send(operator, page, address, typed | {"quantity": "100001"})
    assert "Anzahl Nachrichten" in Page(refused).beside("quantity")


@pytest.mark.parametrize("code", ["nothing", "NOTHING", "x", "a%00b"])
@pytest.mark.parametrize("step", ["price", "end", "offer", "withdraw"])
async def test_a_product_that_is_not_there_has_no_page(
    operator: Browser, code: str, step: str
) -> None:
    answer = await operator.get_exactly(f"{HOME}/{code}/{step}?lang=de")
    assert answer.status == 404
    assert "Dieses Produkt gibt es nicht" in answer.words


@pytest.mark.parametrize("role", ["support", "accounting"])
async def test_others_see_prices_and_change_none(
    portal: Portal, browser: Browser, role: Role
) -> None:
    await come_in(portal, browser, role)
    page = await browser.get(HOME)
    assert "CloudMatic Connect" in page.words
    assert f"{HOME}/connect" not in page.text
    before = await portal.rows()
    for step in ("price", "end", "offer", "withdraw"):
        assert (await browser.get(f"{HOME}/connect/{step}")).status == 403
        typed = {"form_token": page.field("form_token"), "quantity": "12", "price": "1", **WHY}
        assert (await browser.post(f"{HOME}/connect/{step}", typed)).status == 403
    assert await portal.rows() == before
