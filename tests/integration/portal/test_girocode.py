"""Paying by GiroCode: the mails that ask for a transfer bring one, and it says what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.postbox import Letter, Postbox
from tests.integration.portal.purchases import pay
from tests.integration.portal.shopping import buy, make_voucher, order, put, redeem, subscribe
from tests.integration.portal.world import BANK, Browser, Portal, random_bytes
from tests.scanning import scan

SYMBOL = re.compile(r'<svg viewBox="0 0 \d+ \d+">')


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    await browser.log_in("maxmuster")
    return browser


def scanned(letter: Letter) -> list[str]:
    """The lines of the code that the mail's HTML shows."""
    [(name, picture)] = letter.pictures.items()
    assert f'src="cid:{name}"' in letter.html
    assert "Banking-App" not in letter.text
    return scan(picture).splitlines()


async def work_until(portal: Portal, now: datetime) -> None:
    portal.clock.now = now
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, now):
        pass


async def test_the_confirmation_of_an_order_can_be_scanned(
    portal: Portal, customer: Browser
) -> None:
    number = (await order(customer)).rpartition("/")[2]
    lines = scanned(await Postbox(portal).only())
    assert lines[4:8] == ["BYLADEM1001", "CloudMatic (Beispiel)", BANK.iban, "EUR36.00"]
    assert lines[10] == number


async def test_what_costs_nothing_and_what_is_paid_has_no_code(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "ALLES", value=10_000)
    await put(customer)
    await redeem(customer, "ALLES")
    free = (await buy(customer, method="none")).location
    assert "IBAN" not in (await customer.get(free)).words
    assert not SYMBOL.search((await customer.get(free)).text)
    assert all(not letter.pictures for letter in await Postbox(portal).empty())
    address = await order(customer)
    assert SYMBOL.search((await customer.get(address)).text)
    await pay(portal.database, address.rpartition("/")[2].replace("-", ""), portal.clock.now)
    assert not SYMBOL.search((await customer.get(address)).text)


@pytest.mark.parametrize(("method", "codes"), [("transfer", 1), ("standing_order", 0)])
async def test_a_renewal_can_be_scanned_unless_a_standing_order_pays_it(
    portal: Portal, customer: Browser, method: str, codes: int
) -> None:
    await put(customer, "connect", kind="subscription", quantity="1")
    first = (await buy(customer, method=method)).location.rpartition("/")[2]
    await pay(portal.database, first.replace("-", ""), portal.clock.now)
    postbox = Postbox(portal)
    await postbox.empty()
    await work_until(portal, datetime(2027, 1, 24, 12, tzinfo=UTC))
    [renewed] = [each for each in await postbox.empty() if "läuft weiter" in each.subject]
    assert len(renewed.pictures) == codes
    await work_until(portal, datetime(2027, 1, 29, 12, tzinfo=UTC))
    [note] = [each for each in await postbox.empty() if "noch nicht" in each.subject]
    lines = scanned(note)
    assert lines[7].startswith("EUR")
    assert lines[10] in note.text


async def test_the_standing_order_sheet_says_what_to_enter_at_the_bank(
    portal: Portal, browser: Browser
) -> None:
    address = await subscribe(portal, browser)
    words = (await browser.get(f"{address}/standing-order")).words
    for part in (
        "Abonnement CloudMatic Connect, jeden Monat, für Konto 4711 (maxmuster)",
        "Kontoinhaber CloudMatic (Beispiel) IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001",
        "Ausführung jeden Monat Erste Ausführung 25.01.2027",
        "zum ersten Mal am 25.01.2027 ausführen und danach jeden Monat",
    ):
        assert part in words


async def test_while_an_order_waits_the_standing_order_begins_today(
    portal: Portal, browser: Browser
) -> None:
    address = await subscribe(portal, browser)
    await work_until(portal, datetime(2027, 1, 24, 12, tzinfo=UTC))
    await browser.log_in("maxmuster")
    sheet = f"{address}/standing-order"
    assert "Erste Ausführung 25.01.2027" in (await browser.get(sheet)).words
    portal.clock.now = datetime(2027, 1, 28, 12, tzinfo=UTC)
    await browser.log_in("maxmuster")
    assert "Erste Ausführung 28.01.2027" in (await browser.get(sheet)).words


async def test_a_paused_subscription_needs_no_standing_order_and_an_ended_one_has_no_sheet(
    portal: Portal, browser: Browser
) -> None:
    address = await subscribe(portal, browser)
    token = (await browser.get(f"{address}/pause")).field("form_token")
    await browser.post(f"{address}/pause", {"form_token": token})
    paused = (await browser.get(f"{address}/standing-order")).words
    assert "Dieses Abonnement ist pausiert" in paused
    assert "IBAN" not in paused
    await browser.post(f"{address}/cancel", {"form_token": token})
    assert (await browser.get(f"{address}/standing-order")).status == 409


async def test_nobody_sees_somebody_elses_sheet(portal: Portal, browser: Browser) -> None:
    address = await subscribe(portal, browser)
    async with Browser(portal) as other:
        sent = await other.get(f"{address}/standing-order")
        assert (sent.status, sent.location.partition("?")[0]) == (303, "/login")
        await other.log_in("erikamuster")
        assert (await other.get(f"{address}/standing-order")).status == 404
