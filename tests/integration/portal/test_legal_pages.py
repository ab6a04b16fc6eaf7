"""Operators read which legal texts are in force, what orders were made under, and what changed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from cloudmatic_portal.app import make_app
from cloudmatic_portal.clients.legal_folder import LegalFolder
from cloudmatic_portal.domain.legal import LEGAL_NAMES, TermsVersion
from cloudmatic_portal.domain.legal_changes import alike
from cloudmatic_portal.services import legal
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.commands import run
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_legal import write
from tests.integration.portal.test_plans import explained
from tests.integration.portal.test_status_stamps import statements
from tests.integration.portal.world import Browser, Portal, random_bytes

OLD = "# AGB\n\nDie Frist beträgt 14 Tage.\n\nWir <b>liefern</b> sofort."
NEW = (
    "# AGB\n\nDie Frist beträgt 30 Tage.\n\nWir <b>liefern</b> sofort.\n\nEs gilt deutsches Recht."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = tmp_path / "legal"
    texts.mkdir()
    for name in LEGAL_NAMES:
        write(texts, name, OLD if name == "agb" else f"# Unser Text {name}")
    return texts


@pytest.fixture
async def own(portal: Portal, folder: Path) -> AsyncIterator[Portal]:
    settings = replace(portal.settings, legal_folder=folder, sample_texts=False)
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield Portal(server, settings, portal.clock, portal.database)


@pytest.fixture
async def operator(own: Portal) -> AsyncIterator[Browser]:
    async with Browser(own) as browser:
        await come_in(own, browser, "support")
        yield browser


async def order(own: Portal, *products: str, language: str = "de") -> None:
    async with Browser(own) as customer:
        await customer.log_in("maxmuster")
        await customer.get(f"/dashboard?lang={language}")
        for product in products:
            await put(customer, product)
            assert (await buy(customer)).status == 303


async def versions(own: Portal, folder: Path) -> tuple[TermsVersion, ...]:
    return await legal.versions(own.database, LegalFolder(folder).read())


async def test_a_version_is_told_with_its_orders(
    own: Portal, operator: Browser, folder: Path
) -> None:
    [current] = await versions(own, folder)
    assert (current.orders, current.first_used_at, current.languages) == (0, None, ("de", "en"))
    assert current.laid_down_at is not None
    await order(own, "complete", "connect")
    first = own.clock.now
    write(folder, "agb", NEW)
    own.clock.move(minutes=10)
    await order(own, "smarthome")
    now, before = await versions(own, folder)
    assert (now.orders, now.languages, now.first_used_at) == (1, ("de", "en"), own.clock.now)
    assert (before.version, before.orders, before.languages) == (current.version, 2, ())
    assert (before.first_used_at, before.last_used_at) == (first, first)
    page = await operator.get("/admin/legal")
    assert f"{before.version[:12]} früher 23.11.2026" in page.words
    assert f"{now.version[:12]} gilt Deutsch, Englisch" in page.words
    assert "keine: Gezeigt wird die deutsche" in page.words


async def test_what_changed_is_marked_by_signs_and_words(
    own: Portal, operator: Browser, folder: Path
) -> None:
    await order(own, "complete")
    write(folder, "agb", NEW)
    now, before = await versions(own, folder)
    page = await operator.get(f"/admin/legal/{now.version}")
    assert "Die Frist beträgt [entfällt: 14 ] [neu: 30 ] Tage." in page.words
    assert "<del>" in page.text
    assert "<ins>" in page.text
    assert "+ [neu: Es gilt deutsches Recht." in page.words
    # What an operator writes is no markup here either.
    assert "<b>liefern" not in page.text
    back = await operator.get(f"/admin/legal/{before.version}?other={now.version}")
    assert "Die Frist beträgt [entfällt: 30 ] [neu: 14 ] Tage." in back.words
    # Nothing came before the first one.
    first = await operator.get(f"/admin/legal/{before.version}")
    assert "<del>" not in first.text
    assert "Die Frist beträgt 14 Tage." in first.words


async def test_a_version_is_compared_with_the_last_one_in_its_language(
    own: Portal, operator: Browser, folder: Path
) -> None:
    english = "# Terms\n\nThe period is {} days, and you may withdraw from this contract by then."
    await order(own, "complete")
    write(folder, "agb", english.format(14), "en")
    own.clock.move(days=1)
    await order(own, "connect", language="en")
    write(folder, "agb", NEW)
    write(folder, "agb", english.format(30), "en")
    texts = LegalFolder(folder).read()
    for language, gone in (("de", "14 Tage"), ("en", "14 days")):
        terms = texts.terms("de" if language == "de" else "en")
        assert terms is not None
        reading = await legal.read(own.database, texts, terms.version, None)
        assert reading.other is not None
        old = await legal.read(own.database, texts, reading.other.version, None)
        assert gone in old.terms.agb


async def test_a_page_counts_once_and_reads_the_two_texts_that_it_compares(
    own: Portal, operator: Browser, folder: Path
) -> None:
    for product, agb in (("complete", OLD), ("connect", OLD.upper()), ("smarthome", NEW)):
        write(folder, "agb", agb)
        own.clock.move(minutes=5)
        await order(own, product)
    now, _, first = await versions(own, folder)
    with statements() as executed:
        page = await operator.get(f"/admin/legal/{now.version}?other={first.version}")
    assert "Die Frist beträgt [entfällt: 14 ] [neu: 30 ] Tage." in page.words
    assert len([each for each in executed if "FROM order_terms" in each]) == 1
    [texts] = [each for each in executed if "terms_versions.agb" in each]
    assert len(texts.rpartition(" IN (")[2].split(",")) == 2


async def test_texts_are_compared_while_others_are_served(
    own: Portal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def noting(one: str, other: str) -> float:
        threads.append(threading.current_thread())
        return alike(one, other)

    monkeypatch.setattr(legal, "alike", noting)
    await order(own, "complete")
    write(folder, "agb", NEW)
    now, before = await versions(own, folder)
    texts = LegalFolder(folder).read()
    reading = await legal.read(own.database, texts, now.version, None)
    assert reading.other == before
    assert threads
    assert threading.current_thread() not in threads


@pytest.mark.parametrize("path", ["0" * 64, "x", "A" * 64, "..%2f..%2fsecret"])
async def test_a_version_that_never_was_is_not_there(operator: Browser, path: str) -> None:
    page = await operator.get(f"/admin/legal/{path}")
    assert page.status == 404
    assert "Diese Fassung gibt es nicht" in page.words


async def test_a_text_that_is_missing_or_a_sample_is_named(
    own: Portal, operator: Browser, folder: Path
) -> None:
    (folder / "datenschutz.de.md").unlink()
    words = (await operator.get("/admin/legal")).words
    assert "Datenschutz Deutsch fehlt: Es kann nichts verkauft werden" in words
    sample = Path(legal.__file__).parents[1] / "legal/datenschutz.de.md"
    write(folder, "datenschutz", sample.read_text("utf-8"))
    assert "das Muster, das niemanden bindet" in (await operator.get("/admin/legal")).words


async def test_the_command_lists_them(
    own: Portal, folder: Path, tmp_path: Path, database_url: str
) -> None:
    await order(own, "complete")
    settings = environment(tmp_path, database_url) | {"CLOUDMATIC_PORTAL_LEGAL_FOLDER": str(folder)}
    status, said, _ = await run(settings, "legal-texts", "--json")
    assert status == 0
    told = json.loads(said)
    assert {each["file"] for each in told["files"]} == {f"{name}.de.md" for name in LEGAL_NAMES}
    [version] = told["versions"]
    assert version.keys() == {
        *("version", "in_force", "laid_down_at", "first_used_at", "last_used_at", "orders"),
    }
    assert (version["in_force"], version["orders"]) == (["de", "en"], 1)
    words = (await run(settings, "legal-texts"))[1]
    assert re.search(r"^agb\.de\.md  \d\d\.\d\d\.\d{4}, \d\d:\d\d:\d\d\sUhr", words, re.MULTILINE)
    assert f"{version['version']}  in force (de, en)" in words


async def test_orders_of_a_version_are_counted_over_an_index(database: Database) -> None:
    query = "SELECT version, count(*), max(order_id) FROM order_terms GROUP BY version"
    async with database.writing() as connection:
        plan = await explained(connection, query)
    assert "ix_order_terms_version_order_id" in plan
