"""What customers read about a product is changed after a look at it, once, and noted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cloudmatic_portal.domain.catalogue import ProductTexts
from cloudmatic_portal.services import audit, catalogue
from tests.integration.portal.pages import Page, Value, send
from tests.integration.portal.staff import come_in, make
from tests.integration.portal.world import Answer, Browser, Portal

TEXTS = "/admin/catalogue/connect/texts"
NEW: dict[str, Value] = {
    "name": "CloudMatic Verbindung",
    "summary_de": "Zugriff von überall.",
    "feature_de": ["Ein <b>Punkt</b>", "", "  Noch einer  "],
    "reason": "Neuer Name",
}


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser)
    return browser


async def look(browser: Browser, changes: dict[str, Value] = NEW) -> Answer:
    return await send(browser, await browser.get(TEXTS), TEXTS, changes)


async def test_texts_are_looked_at_changed_and_read_by_customers(
    portal: Portal, operator: Browser
) -> None:
    before = await portal.rows()
    seen = await look(operator)
    assert seen.status == 200
    for words in ("CloudMatic Verbindung", "Zugriff von überall.", "Noch einer", "Fernzugriff"):
        assert words in seen.words
    assert "&lt;b&gt;Punkt&lt;/b&gt;" in seen.text
    assert await portal.rows() == before
    done = await send(operator, seen, TEXTS, {"step": "save"})
    assert (done.status, done.location) == (303, "/admin/catalogue")
    product = await catalogue.with_texts(portal.database, "connect")
    assert product.name == "CloudMatic Verbindung"
    assert product.features["de"] == ("Ein <b>Punkt</b>", "Noch einer")
    assert product.summaries["en"] == "Remote access to the WebUI of your hub."
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.object, entry.reason) == (
        "change texts",
        "product connect",
        "Neuer Name",
    )
    assert entry.detail == "name, summary.de, features.de"
    async with Browser(portal) as customer:
        shown = await customer.get("/products")
    assert "CloudMatic Verbindung" in shown.words
    assert "Zugriff von überall." in shown.words


async def test_two_clicks_are_one_change(portal: Portal, operator: Browser) -> None:
    seen = await look(operator)
    answers = await asyncio.gather(
        *(send(operator, seen, TEXTS, {"step": "save"}) for _ in range(3))
    )
    assert {each.status for each in answers} == {303}
    assert (await send(operator, seen, TEXTS, {"step": "save"})).status == 303
    noted = [each.action for each in await audit.latest(portal.database, 10)]
    assert noted.count("change texts") == 1


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(
    portal: Portal, operator: Browser
) -> None:
    seen = await look(operator)
    other = await look(operator, {**NEW, "name": "CloudMatic Anders"})
    assert (await send(operator, other, TEXTS, {"step": "save"})).status == 303
    again = await send(operator, seen, TEXTS, {"step": "save"})
    assert again.status == 200
    assert "Noch ist nichts geändert" in again.words
    assert "CloudMatic Anders" in again.words
    assert (await catalogue.with_texts(portal.database, "connect")).name == "CloudMatic Anders"
    assert (await send(operator, again, TEXTS, {"step": "save"})).status == 303
    assert (await catalogue.with_texts(portal.database, "connect")).name == "CloudMatic Verbindung"


async def test_the_same_texts_change_nothing(portal: Portal, operator: Browser) -> None:
    before = await portal.rows()
    answer = await look(operator, {"reason": "Nur so"})
    assert "Es würde sich nichts ändern" in answer.words
    assert await portal.rows() == before


async def test_going_back_keeps_what_was_typed(operator: Browser) -> None:
    back = await send(operator, await look(operator), TEXTS, {"step": "change"})
    form = Page(back).form(TEXTS)
    assert form.value("summary_de") == "Zugriff von überall."
    lines = [each.get("value") for each in form.inputs if each["name"] == "feature_de"]
    assert lines == ["Ein <b>Punkt</b>", "Noch einer", "", "", ""]


@pytest.mark.parametrize("lines", [["x"] * 21, ["x" * 201]])
async def test_too_much_is_refused(operator: Browser, lines: list[str]) -> None:
    answer = await look(operator, {**NEW, "feature_en": lines})
    assert answer.status == 422
    assert "höchstens 20 Zeilen" in Page(answer).beside("feature_en")


async def test_more_lines_than_the_form_takes_are_not_lost(
    portal: Portal, operator: Browser
) -> None:
    """A catalogue that was loaded may have more of them."""
    loaded = tuple(f"Punkt {number}" for number in range(22))
    now = ProductTexts.of(await catalogue.with_texts(portal.database, "connect"))
    many = replace(now, features={**now.features, "de": loaded})
    assert await catalogue.change_texts(portal.database, "connect", many, now.version)
    answer = await look(operator, {"name": "CloudMatic Anders", "reason": "Neuer Name"})
    assert answer.status == 422
    assert "höchstens 20 Zeilen" in Page(answer).beside("feature_de")
    lines = Page(answer).form(TEXTS).inputs
    assert tuple(each["value"] for each in lines if each["name"] == "feature_de") == loaded


async def test_nobody_but_an_administrator_changes_them(portal: Portal, browser: Browser) -> None:
    staff = await make(portal, "accounting", "berta")
    await staff.log_in(browser)
    assert (await browser.get(TEXTS)).status == 403
    assert "Texte ändern" not in (await browser.get("/admin/catalogue")).words


async def test_a_product_that_is_not_there_has_no_texts(operator: Browser) -> None:
    assert (await operator.get("/admin/catalogue/nothing/texts")).status == 404
