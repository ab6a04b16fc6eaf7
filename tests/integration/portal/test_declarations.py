"""Cancelling and withdrawing without a login: acknowledged at once, and telling nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from cloudmatic_portal.domain.declaration import Content
from cloudmatic_portal.services import declarations
from cloudmatic_portal.storage.tables import declarations as table
from tests.integration.portal.declaring import (
    declare,
    listed,
    state_of,
    subscriber,
)
from tests.integration.portal.pages import Page
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import NOW, Browser, Portal, random_bytes


@pytest.fixture
async def owner(portal: Portal, browser: Browser) -> Browser:
    return await subscriber(portal, browser)


async def test_both_buttons_are_on_every_page_in_the_words_of_the_law(browser: Browser) -> None:
    for address in ("/", "/login", "/agb", "/nirgends"):
        page = (await browser.get(address)).text
        assert re.search(r'<a[^>]* href="/cancel-contract">Verträge hier kündigen</a>', page)
        assert re.search(r'<a[^>]* href="/withdraw-contract">Vertrag widerrufen</a>', page)
    cancel = (await browser.get("/cancel-contract")).text
    assert re.search(r'<button[^>]*type="submit">jetzt kündigen</button>', cancel)
    withdraw = (await browser.get("/withdraw-contract")).text
    assert re.search(r'<button[^>]*type="submit">Widerruf bestätigen</button>', withdraw)


async def test_a_cancellation_is_acknowledged_at_once_with_all_that_it_says(
    portal: Portal, browser: Browser
) -> None:
    reason = "Die Zentrale ist seit Wochen nicht erreichbar."
    answer = await declare(
        browser, cancellation="extraordinary", reason=reason, ends_on="2027-03-31"
    )
    assert answer.status == 303
    page = await browser.get(answer.location)
    saved = await browser.get(answer.location.replace("receipt?", "receipt.txt?"))
    letter = await Postbox(portal).only()
    assert letter.recipient == "max@muster.example"
    assert letter.subject == "Ihre Kündigung ist bei uns eingegangen"
    for said in (page.words, saved.text, letter.text, letter.html):
        for part in ("23.11.2026", "18:00", "Max Muster", "4711", "Abo", reason, "31.03.2027"):
            assert part in said
    for said in (page.words, saved.text):
        assert "durch Betätigen der Schaltfläche „jetzt kündigen“ erklärt" in said
    assert saved.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="cancellation-[A-Z0-9-]{11}\.txt"',
        saved.headers["Content-Disposition"],
    )


async def test_without_a_day_a_contract_ends_as_soon_as_it_can(
    portal: Portal, browser: Browser
) -> None:
    page = await browser.get((await declare(browser)).location)
    assert "zum nächstmöglichen Zeitpunkt" in page.words
    assert "zum nächstmöglichen Zeitpunkt" in (await Postbox(portal).only()).text


async def test_a_receipt_can_be_seen_by_whoever_has_its_link_and_for_a_month(
    portal: Portal, browser: Browser
) -> None:
    address = (await declare(browser)).location
    portal.clock.move(days=29)
    assert (await browser.get(address)).status == 200
    portal.clock.move(days=1)
    for wrong in (address, "/declarations/receipt", "/declarations/receipt.txt?token=x"):
        assert (await browser.get(wrong)).status == 404


async def test_neither_answer_nor_work_tells_whether_there_is_a_contract(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as stranger:
        known = await stranger.get((await declare(stranger)).location)
        nobody = {"email": "nobody@else.example", "identification": "nobody"}
        unknown = await stranger.get((await declare(stranger, **nobody)).location)
    letters = await Postbox(portal).empty()
    shown = [_without_facts(page.words) for page in (known, unknown)]
    mailed = [_without_facts(letter.text) for letter in letters]
    assert shown[0] == shown[1]
    assert mailed[0] == mailed[1]
    # What there is to be found is found later, by somebody else.
    assert await state_of(portal) == ["active"]
    assert [each[0] for each in await listed(portal)] == ["received", "received"]


def _without_facts(text: str) -> str:
    for fact in ("max@muster.example", "nobody@else.example", "4711", "nobody"):
        text = text.replace(fact, "…")
    return re.sub(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{3}", "…", text)


async def test_a_strangers_mailbox_is_not_flooded_but_every_declaration_counts(
    portal: Portal, browser: Browser
) -> None:
    for _ in range(7):
        assert (await declare(browser)).status == 303
    assert len(await Postbox(portal).empty()) == 5
    assert await portal.count("declarations") == 7
    portal.clock.move(days=1, seconds=1)
    await declare(browser)
    assert len(await Postbox(portal).empty()) == 1


async def test_a_network_that_declares_without_end_is_slowed_down(
    portal: Portal, browser: Browser
) -> None:
    content = Content(kind="withdrawal", name="x", contract="x", email="x@y.example")
    for number in range(21):
        each = replace(content, email=f"x{number}@y.example")
        await declarations.declare(
            portal.database, each, "de", "127.0.0.0/24", now=NOW, random_bytes=random_bytes
        )
    answer = await declare(browser, "withdraw", contract="Nr. 1")
    assert answer.status == 429
    assert "Max Muster" in answer.text
    portal.clock.move(minutes=1)
    assert (await declare(browser, "withdraw", contract="Nr. 1")).status == 303


async def test_the_constraints_know_what_a_declaration_is(portal: Portal, owner: Browser) -> None:
    await declare(owner)
    for wrong in ({"state": "settled"}, {"cancellation": None}, {"kind": "withdrawal"}):
        with pytest.raises(Exception, match=r"(?i)check"):
            async with portal.database.writing() as connection:
                await connection.execute(update(table).values(wrong))


async def test_a_day_that_is_none_is_told_beside_its_field(browser: Browser) -> None:
    answer = await declare(browser, ends_on="31.3.2027")
    assert (answer.status, "Bitte geben Sie einen Tag an" in answer.words) == (422, True)


async def test_whoever_is_logged_in_need_not_type_the_name(owner: Browser) -> None:
    page = await owner.get("/cancel-contract")
    assert Page(page).form("/cancel-contract").value("identification") == "maxmuster"
