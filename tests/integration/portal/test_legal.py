"""The operator's legal texts: where they stand, what an order keeps of them, what goes without."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_portal.app import make_app
from cloudmatic_portal.clients.legal_folder import SAMPLES, LegalFolder
from cloudmatic_portal.domain.device import LIFETIME
from cloudmatic_portal.domain.legal import LEGAL_NAMES, LegalName
from cloudmatic_portal.domain.privacy import LETTERS_KEPT, MAILS_KEPT, RECEIPTS_KEPT
from cloudmatic_portal.domain.session import LIMITS as SESSION_LIMITS
from cloudmatic_portal.domain.session import SessionKind
from cloudmatic_portal.domain.throttle import LONGEST_MEMORY
from cloudmatic_portal.services.legal import warning
from cloudmatic_portal.storage.tables import order_terms, terms_versions
from cloudmatic_portal.web import cookies
from cloudmatic_portal.web.i18n import load
from tests.integration.portal.pages import Page, send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.world import Browser, Portal, random_bytes

FOOT = ("Impressum", "AGB", "Widerrufsbelehrung", "Datenschutz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "legal"
    texts.mkdir()
    for name in LEGAL_NAMES:
        write(texts, name, f"# Unser Text {name}\n\nMit **Umlauten**: Gebühr.")
    return texts


def write(folder: Path, name: LegalName, text: str, language: str = "de") -> None:
    (folder / f"{name}.{language}.md").write_text(text, "utf-8")


@pytest.fixture
async def own(portal: Portal, folder: Path) -> AsyncIterator[Portal]:
    """A portal whose operator has texts of their own."""
    settings = replace(portal.settings, legal_folder=folder, sample_texts=False)
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield Portal(server, settings, portal.clock, portal.database)


@pytest.fixture
async def customer(own: Portal) -> AsyncIterator[Browser]:
    async with Browser(own) as browser:
        await browser.log_in("maxmuster")
        await put(browser)
        yield browser


async def test_every_page_leads_to_every_text(own: Portal, customer: Browser) -> None:
    for address in ("/", "/cart", "/checkout", "/login", "/nirgends"):
        text = (await customer.get(address)).text
        for name in LEGAL_NAMES:
            assert f'href="/{name}"' in text


async def test_a_text_is_the_operators_and_follows_the_file(
    customer: Browser, folder: Path
) -> None:
    page = await customer.get("/impressum")
    assert "<h1>Unser Text impressum</h1>" in page.text
    assert "Beispieltext" not in page.words
    write(folder, "impressum", "# Seit heute anders, und länger als zuvor")
    assert "Seit heute anders" in (await customer.get("/impressum")).words


async def test_html_and_pictures_in_a_text_do_nothing(customer: Browser, folder: Path) -> None:
    hostile = (
        "<script>alert(1)</script>\n\n[hier](javascript:alert(1)) ![x](https://x.example/y.png)"
    )
    write(folder, "agb", hostile)
    page = await customer.get("/agb")
    assert "<script>" not in page.text
    assert 'href="javascript' not in page.text
    assert "y.png" not in page.text.replace("&quot;", "").partition("<main")[0]
    assert 'src="https://x.example' not in page.text


async def test_english_is_shown_where_there_is_english(customer: Browser, folder: Path) -> None:
    page = await customer.get("/agb?lang=en")
    assert "This text is available in German only." in page.words
    assert 'lang="de"' in page.text.partition("<article")[2]
    write(folder, "agb", "# Our terms", "en")
    page = await customer.get("/agb?lang=en")
    assert "Our terms" in page.words
    assert "German only" not in page.words


async def test_an_order_keeps_the_terms_it_was_made_under_and_mails_them(
    own: Portal, customer: Browser, folder: Path
) -> None:
    assert (await buy(customer)).status == 303
    write(folder, "agb", "# Neue AGB von morgen, die niemand gesehen hat")
    letter = await Postbox(own).only()
    assert letter.files == {
        "AGB.txt": "# Unser Text agb\n\nMit **Umlauten**: Gebühr.\n",
        "Widerrufsbelehrung.txt": "# Unser Text widerruf\n\nMit **Umlauten**: Gebühr.\n",
    }
    assert "Im Anhang finden Sie unsere AGB und die Widerrufsbelehrung" in letter.text
    assert f"Impressum: {own.origin}/impressum" in letter.text
    query = select(terms_versions).join(order_terms)
    async with own.database.reading() as connection:
        [kept] = (await connection.execute(query)).all()
    assert (kept.agb, kept.first_used_at) == (
        "# Unser Text agb\n\nMit **Umlauten**: Gebühr.",
        own.clock.now,
    )


async def test_orders_under_the_same_terms_share_them(own: Portal, customer: Browser) -> None:
    for product in ("complete", "connect"):
        await put(customer, product)
        assert (await buy(customer)).status == 303
    assert (await own.count("order_terms"), await own.count("terms_versions")) == (2, 1)


async def test_terms_that_changed_since_the_page_was_made_are_shown_before_anything_is_bought(
    own: Portal, customer: Browser, folder: Path
) -> None:
    page = await customer.get("/checkout")
    write(folder, "widerruf", "# Neue Belehrung")
    refused = await send(customer, page, "/checkout")
    assert refused.status == 409
    assert "Widerrufsbelehrung haben sich in der Zwischenzeit geändert" in refused.words
    assert await own.count("orders") == 0
    assert (await send(customer, refused, "/checkout")).status == 303


@pytest.mark.parametrize("name", LEGAL_NAMES)
async def test_while_a_text_is_missing_nothing_is_sold(
    own: Portal, customer: Browser, folder: Path, name: LegalName
) -> None:
    page = await customer.get("/checkout")
    (folder / f"{name}.de.md").unlink()
    shown = await customer.get("/checkout")
    assert "weil unsere AGB noch nicht hinterlegt sind" in shown.words
    assert "Jetzt kaufen" not in shown.words
    assert (await send(customer, page, "/checkout")).status == 409
    missing = await customer.get(f"/{name}")
    assert (missing.status, "Diesen Text gibt es noch nicht" in missing.words) == (404, True)
    assert await own.count("orders") == 0


async def test_the_checkout_names_terms_and_right_of_withdrawal_above_its_button(
    customer: Browser,
) -> None:
    page = await customer.get("/checkout")
    above = page.text.partition("Jetzt kaufen")[0].partition("<main")[2]
    for name in ("agb", "widerruf", "datenschutz"):
        assert f'href="/{name}"' in above
    assert len(Page(page).form("/checkout").value("terms")) == 64


async def test_samples_say_what_they_are(browser: Browser) -> None:
    for name in LEGAL_NAMES:
        assert "Dies ist ein Beispieltext" in (await browser.get(f"/{name}")).words


async def test_only_the_text_that_is_a_sample_says_so(customer: Browser, folder: Path) -> None:
    shutil.copy(SAMPLES / "agb.de.md", folder)
    assert "Dies ist ein Beispieltext" in (await customer.get("/agb")).words
    for name in ("impressum", "widerruf", "datenschutz"):
        assert "Dies ist ein Beispieltext" not in (await customer.get(f"/{name}")).words


def test_the_sample_of_the_privacy_notice_says_what_the_code_does() -> None:
    """Operators begin with it: what it says of cookies and times holds for this portal."""
    said = (SAMPLES / "datenschutz.de.md").read_text("utf-8")
    for name in (*cookies.SESSION_COOKIES.values(), cookies.FORM, cookies.DEVICE, cookies.LANGUAGE):
        assert f"`{name}" in said
    ends: dict[SessionKind, str] = {"login": "Anmeldung", "booking": "begann"}
    for kind, end in ends.items():
        hours = SESSION_LIMITS[kind].absolute // timedelta(hours=1)
        assert f"{end} | höchstens {hours} Stunden" in said
    assert f"bis\n  zum Ende des {RECEIPTS_KEPT}. Jahres nach dem letzten Beleg" in said
    assert f"bis zum Ende des {LETTERS_KEPT}. Jahres, nachdem sie erledigt sind" in said
    assert f"Mails an Sie stand: {MAILS_KEPT.days} Tage" in said
    assert (LONGEST_MEMORY.days, LIFETIME.days) == (1, 365)
    words = load("de").gettext
    assert f"„{words('Show my data')}“ und „{words('Delete the account')}“" in said


def test_the_start_names_the_texts_that_are_samples(folder: Path) -> None:
    assert warning(LegalFolder(folder).read()) is None
    shutil.copy(SAMPLES / "agb.de.md", folder)
    shutil.copy(SAMPLES / "impressum.en.md", folder)
    assert warning(LegalFolder(folder).read()) == (
        "legal texts are samples, so nothing may be sold in earnest: impressum.en.md, agb.de.md"
    )
    (folder / "widerruf.de.md").unlink()
    assert warning(LegalFolder(folder).read()) == (
        "legal texts are missing, so nothing can be bought: widerruf.de.md; "
        "legal texts are samples, so nothing may be sold in earnest: impressum.en.md, agb.de.md"
    )


def test_the_start_names_all_samples_where_there_is_no_folder() -> None:
    samples = warning(LegalFolder(None, samples=True).read())
    assert samples == (
        "legal texts are samples, so nothing may be sold in earnest: "
        "impressum.de.md, impressum.en.md, agb.de.md, widerruf.de.md, datenschutz.de.md"
    )


def test_the_start_tells_what_is_missing(folder: Path) -> None:
    (folder / "agb.de.md").unlink()
    (folder / "impressum.de.md").write_bytes(b"\xff\xfe")
    missing = warning(LegalFolder(folder).read())
    assert missing == (
        "legal texts are missing, so nothing can be bought: impressum.de.md, agb.de.md"
    )
    nothing = warning(LegalFolder(None).read())
    assert nothing is not None
    assert nothing.count(".de.md") == 4
