"""Operators bring statements, see what importing would do, and decide what it leaves open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.services import audit, retention, uploads
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import bank_lines
from tests.bank_statements import Paid, camt, mt940
from tests.integration.portal.pages import Page, send
from tests.integration.portal.purchases import buy, fill, find
from tests.integration.portal.staff import come_in
from tests.integration.portal.world import Answer, Browser, Portal

STATEMENTS = "/admin/statements"


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser, "accounting")
    return browser


async def ordered(database: Database, account: int = 4711) -> str:
    """Order Complete for 36,00 €; the order's number."""
    return grouped(await buy(database, await fill(database, account, "complete"), account))


async def bring(
    browser: Browser, data: bytes, name: str = "november.xml", **changes: Any
) -> Answer:
    """Choose a file on the page and send it, as a browser does."""
    page = await browser.get(STATEMENTS)
    form = aiohttp.FormData()
    form.add_field("form_token", changes.get("token", page.field("form_token")))
    form.add_field(changes.get("field", "file"), data, filename=name)
    return await browser.post(STATEMENTS, form, headers=changes.get("headers"))


async def waiting(portal: Portal) -> int:
    async with portal.database.reading() as connection:
        query = select(bank_lines.c.id).where(bank_lines.c.state == "open")
        return int((await connection.execute(query)).scalar_one())


async def test_a_statement_is_looked_at_and_then_imported(
    portal: Portal, operator: Browser
) -> None:
    number = await ordered(portal.database)
    data = camt(Paid(cents=3600, text=f"Danke {number}"), Paid(cents=700, text="Spende"))
    answer = await bring(operator, data)
    assert (answer.status, answer.location.rpartition("/")[0]) == (303, STATEMENTS)
    before = await portal.rows()
    seen = await operator.get(answer.location)
    for part in ("november.xml", "an der Nummer", number, "nennt nichts Bekanntes", "36,00 €"):
        assert part in seen.words
    assert await portal.rows() == before
    done = await send(operator, seen, answer.location)
    assert done.location == f"{STATEMENTS}?booked=1&open=1&ignored=0&known=0"
    said = (await operator.get(done.location)).words
    assert "Eingelesen: 1 Umsätze gebucht, 1 zu klären" in said
    assert (await find(portal.database, number.replace("-", ""))).state == "active"
    assert "1 Bankumsätze zu klären" in (await operator.get("/admin")).words
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.object) == ("import statement", "statement november.xml")
    # Once more is nothing new, and the upload is gone.
    assert (await send(operator, seen, answer.location)).status == 404
    again = await bring(operator, data)
    assert "schon am" in (await operator.get(again.location)).words


async def test_what_is_no_statement_is_told_and_not_kept(portal: Portal, operator: Browser) -> None:
    before = await portal.rows()
    for data, said in (
        (b"", "Bitte wählen Sie eine Datei aus"),
        (b"GIF89a", "kann nicht gelesen werden"),
        (camt(Paid(cents=1), account="DE44500105175407324931"), "kann nicht gelesen werden"),
        (b"<x" * 1000, "kann nicht gelesen werden"),
    ):
        answer = await bring(operator, data)
        assert answer.status == 422
        assert said in answer.words
    assert await portal.rows() == before


async def test_a_form_that_is_not_ours_brings_nothing(portal: Portal, operator: Browser) -> None:
    data, before = camt(Paid(cents=1)), await portal.rows()
    for changes in (
        {"token": "x" * 43},
        {"token": "ü"},
        {"field": "other"},
        {"headers": {"Origin": "https://evil.example"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ):
        assert (await bring(operator, data, **changes)).status == 403
    token = (await operator.get(STATEMENTS)).field("form_token")
    assert (await operator.post(STATEMENTS, {"form_token": token})).status == 403
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\n", b"--x--\r\n", b"--y\r\n\r\nabc\r\n--y--", b"\xff" * 100):
        assert (await operator.post(STATEMENTS, body, headers=broken)).status in {400, 403}
    assert await portal.rows() == before


async def test_a_file_that_is_too_large_is_refused(
    portal: Portal, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10_000)
    answer = await bring(operator, b"x" * 200_000)
    assert answer.status == 413
    assert await portal.count("statement_uploads") == 0


async def test_an_upload_is_its_operators_own_and_for_an_hour(
    portal: Portal, operator: Browser
) -> None:
    address = (await bring(operator, camt(Paid(cents=1)))).location
    async with Browser(portal) as other:
        await come_in(portal, other, "accounting", "berta")
        assert (await other.get(address)).status == 404
    assert (await operator.get(address)).status == 200
    portal.clock.move(minutes=29)
    await operator.get("/admin")
    portal.clock.move(minutes=29)
    assert (await operator.get(address)).status == 200
    portal.clock.move(minutes=2)
    assert (await operator.get(address)).status == 404
    await bring(operator, camt(Paid(cents=2)))
    assert await portal.count("statement_uploads") == 1
    # Nor does one that nobody comes back to wait for the next one.
    await retention.sweep(portal.database, portal.clock.now + timedelta(hours=1, seconds=1))
    assert await portal.count("statement_uploads") == 0


async def test_a_line_is_assigned_by_a_suggestion(portal: Portal, operator: Browser) -> None:
    number = await ordered(portal.database)
    data = mt940([Paid(cents=1800, text=f"Abo CloudMatic {number[:-1]}")])
    address = (await bring(operator, data, "november.sta")).location
    await send(operator, await operator.get(address), address)
    line = f"/admin/work-list/{await waiting(portal)}"
    assert line in (await operator.get("/admin/work-list")).text
    page = await operator.get(line)
    assert f"order:{number}" in page.text
    answer = await send(operator, page, line, {"choice": f"order:{number}"})
    assert (answer.status, answer.location) == (303, "/admin/work-list")
    assert "Nichts zu klären" in (await operator.get("/admin/work-list")).words
    assert (await find(portal.database, number.replace("-", ""))).paid.cents == 1800
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.detail) == ("assign bank line", f"order:{number}")
    assert "gebucht" in (await operator.get(line)).words
    again = await send(operator, page, line, {"choice": f"order:{number}"})
    assert again.status == 409
    assert "lässt sich nichts mehr ändern: gebucht" in again.words


async def test_a_line_is_split_as_the_operator_writes_it(portal: Portal, operator: Browser) -> None:
    number = await ordered(portal.database)
    address = (await bring(operator, camt(Paid(cents=4000, text="von Oma")))).location
    await send(operator, await operator.get(address), address)
    line = f"/admin/work-list/{await waiting(portal)}"
    page = await operator.get(line)
    before = await portal.rows()
    for parts, status, why in (
        (f"{number}=36,00", 409, "Die Teile ergeben 36,00 €, eingegangen sind 40,00 €."),
        (f"{number}=36,00 konto:4711=5,00", 409, "Die Teile ergeben 41,00 €"),
        (f"{number} konto:4711", 409, "Jeder Teil braucht einen Betrag."),
        ("222-222-222=40", 409, "Keine Bestellung und kein Abo hat die Nummer 222-222-222."),
        ("konto:999=40", 409, "Kein Konto hat die Nummer 999."),
        (number[:-1], 409, "Keine Bestellung und kein Abo"),
        ("Oma", 422, "Bitte schreiben Sie"),
        ("", 422, "Bitte schreiben Sie"),
    ):
        answer = await send(operator, page, line, {"choice": "parts", "parts": parts})
        assert (answer.status, why in answer.words.replace("\xa0", " ")) == (status, True), parts
    assert await portal.rows() == before
    parts = f"{number}=36,00 konto:4711=4"
    answer = await send(operator, page, line, {"choice": "parts", "parts": parts})
    assert answer.status == 303
    assert (await find(portal.database, number.replace("-", ""))).state == "active"
    assert "Guthaben 4,00 €" in (await operator.get("/admin/accounts/4711")).words


async def test_a_line_that_is_not_for_us_is_taken_off_the_list_with_a_reason(
    portal: Portal, operator: Browser
) -> None:
    address = (await bring(operator, camt(Paid(cents=700, text="Spende")))).location
    await send(operator, await operator.get(address), address)
    line = f"/admin/work-list/{await waiting(portal)}"
    page = await operator.get(f"{line}/ignore")
    empty = await send(operator, page, f"{line}/ignore", {"reason": " "})
    assert "Bitte füllen Sie dieses Feld aus" in Page(empty).beside("reason")
    answer = await send(operator, page, f"{line}/ignore", {"reason": "Spende an den Verein"})
    assert answer.location == "/admin/work-list"
    assert "Spende an den Verein" in (await operator.get(line)).words
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.reason) == ("ignore bank line", "Spende an den Verein")
    assert (await operator.get("/admin/work-list/99")).status == 404


async def test_who_only_helps_brings_no_statement(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser, "support")
    assert (await browser.get(STATEMENTS)).status == 403
    assert (await browser.get("/admin/work-list")).status == 403
