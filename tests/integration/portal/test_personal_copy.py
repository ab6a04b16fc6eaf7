"""What customers see and save of all that is stored about them (Art. 15, 20 DSGVO)."""

from __future__ import annotations

import re

import pytest

from cloudmatic_portal.domain.account import LANGUAGES, Language
from cloudmatic_portal.storage import personal
from cloudmatic_portal.web import i18n
from cloudmatic_portal.web.personal_words import COLUMNS, TABLES
from tests.integration.portal.customer import exported, settle_in, trade
from tests.integration.portal.hubs import Hub
from tests.integration.portal.shopping import order
from tests.integration.portal.world import Browser, Portal


@pytest.fixture
async def rich(portal: Portal, browser: Browser) -> Hub:
    return await settle_in(portal, browser)


async def test_the_export_holds_something_of_every_table(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await trade(portal, browser)
    tables = await exported(browser)
    assert set(tables) == set(personal.tables()) - {"registrations"}
    [account] = tables["accounts"]
    assert (account["user_name"], account["email"]) == ("maxmuster", "max@muster.example")
    assert tables["hubs"][0]["serial"] == rich.serial
    assert {each["account_id"] for each in tables["orders"]} == {4711}
    assert len(tables["orders"]) == 5


async def test_the_export_opens_nothing_and_tells_of_nobody_else(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        await order(other)
    for name in ("data", "data.json", "data.html"):
        text = (await browser.get(f"/account/{name}")).text
        assert "maxmuster" in text
        assert "erika" not in text
        assert "argon2" not in text
        assert '"token"' not in text
        assert "token=" not in text
        assert str(browser.cookie("cm_session")) not in text


async def test_the_readable_export_speaks_german_and_stands_alone(
    rich: Hub, browser: Browser
) -> None:
    page = await browser.get("/account/data")
    saved = await browser.get("/account/data.html")
    for text in (page.text, saved.text):
        for part in ("Bestellungen", "Zahlungen", "Ihre Zentralen", "36,00", rich.serial):
            assert part in text
    assert saved.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "attachment" in saved.headers["Content-Disposition"]
    for outside in ("<link", "<script", "src=", "<form"):
        assert outside not in saved.text


def shown_columns() -> list[tuple[str, str]]:
    return [(table, name) for table, names in personal.columns().items() for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_the_copy_has_a_word_in_both_languages(language: Language) -> None:
    words = i18n.load(language)
    nameless = [column for column in shown_columns() if column[1] not in COLUMNS]
    assert nameless == []
    for table, names in personal.columns().items():
        labels = [words.gettext(COLUMNS[name]) for name in names]
        assert len(set(labels)) == len(labels), table
        assert not [label for label in labels if "_" in label], table


def test_what_has_a_word_is_shown() -> None:
    """A column that was renamed leaves no word behind."""
    assert set(COLUMNS) == {name for _, name in shown_columns()}
    assert set(TABLES) == set(personal.tables())


async def test_no_column_is_shown_under_the_name_that_the_database_has_for_it(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await trade(portal, browser)
    for language in LANGUAGES:
        labels = re.findall(
            r"<dt>([^<]*)", (await browser.get(f"/account/data?lang={language}")).text
        )
        assert labels
        assert not [each for each in labels if "_" in each]
