"""A reminder's link leads into the booking for its account, often if wanted, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloudmatic_portal.cli import _parser, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import mail_entry
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import BANK, Answer, Browser, Portal, random_bytes

EARLY = datetime(2026, 12, 19, 12, tzinfo=UTC)
"""Five days before the package of account 4711 ends."""


@pytest.fixture
async def link(portal: Portal) -> str:
    """The address in the reminder."""
    portal.clock.now = EARLY
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, portal.clock.now):
        pass
    letter = await Postbox(portal).only()
    assert letter.subject == "Ihr Paket CloudMatic Complete läuft am 24.12.2026 ab"
    assert letter.link("/entry/mail") in letter.html
    return letter.link("/entry/mail")


async def follow(browser: Browser, link: str) -> Answer:
    page = await browser.get_exactly(link)
    assert page.status == 200
    form = {name: page.field(name) for name in ("form_token", "token")}
    return await browser.post("/entry/mail", form)


async def test_the_link_leads_into_the_booking_for_its_account(
    portal: Portal, browser: Browser, link: str
) -> None:
    page = await browser.get_exactly(link)
    assert "Sie buchen für Konto 4711 (maxmuster)" in page.words
    answer = await follow(browser, link)
    assert (answer.status, answer.location) == (303, "/booking/cart")
    cart = await browser.get("/booking/cart")
    assert "CloudMatic Complete" in cart.words
    assert "4711" in cart.words


async def test_looking_changes_nothing(portal: Portal, browser: Browser, link: str) -> None:
    before = await portal.rows()
    for _ in range(3):
        await browser.get_exactly(link)
    assert await portal.rows() == before


async def test_it_can_be_used_again(portal: Portal, browser: Browser, link: str) -> None:
    await follow(browser, link)
    async with Browser(portal) as other:
        assert (await follow(other, link)).status == 303
    assert (await follow(browser, link)).status == 303


async def test_it_opens_nothing_but_the_booking(browser: Browser, link: str) -> None:
    await follow(browser, link)
    for path in ("/dashboard", "/cart", "/checkout", "/logout-everywhere"):
        answer = await browser.get(path)
        assert (answer.status, answer.location.partition("?")[0]) == (303, "/login")


async def test_a_login_in_the_same_browser_has_no_say_and_stays(
    browser: Browser, link: str
) -> None:
    await browser.log_in("erikamuster")
    page = await browser.get_exactly(link)
    assert "sind Sie als erikamuster (Konto 4712) angemeldet" in page.words
    await follow(browser, link)
    assert "4711" in (await browser.get("/booking/cart")).words
    assert "erikamuster" in (await browser.get("/dashboard")).words


async def test_it_is_good_until_thirty_days_after_the_end(
    portal: Portal, browser: Browser, link: str
) -> None:
    portal.clock.now = datetime(2027, 1, 23, 22, 59, tzinfo=UTC)
    assert (await follow(browser, link)).status == 303
    portal.clock.now = datetime(2027, 1, 23, 23, 0, tzinfo=UTC)
    answer = await browser.get_exactly(link)
    assert answer.status == 410
    assert "Der Link aus der Mail ist abgelaufen" in answer.words


async def test_it_can_be_revoked(portal: Portal, browser: Browser, link: str) -> None:
    page = await browser.get_exactly(link)
    await mail_entry.revoke(portal.database, 4711, portal.clock.now)
    form = {name: page.field(name) for name in ("form_token", "token")}
    for answer in (await browser.get_exactly(link), await browser.post("/entry/mail", form)):
        assert answer.status == 410
        assert "Der Link aus der Mail wurde widerrufen" in answer.words
    assert await portal.count("sessions") == 0


async def test_the_operator_revokes_the_links_of_one_account(
    portal: Portal, browser: Browser, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def revoke(account: int) -> str:
        options = _parser().parse_args(("revoke-links", str(account)))
        await operator.run(options, portal.settings)
        return capsys.readouterr().out

    assert await revoke(4712) == "0 links to account 4712 withdrawn\n"
    assert (await browser.get_exactly(link)).status == 200
    assert await revoke(4711) == "1 links to account 4711 withdrawn\n"
    assert (await browser.get_exactly(link)).status == 410
    assert await revoke(4711) == "0 links to account 4711 withdrawn\n"
    with pytest.raises(CommandRefused, match="account unknown: 4713"):
        await revoke(4713)


async def test_whoever_logs_out_everywhere_revokes_it(
    portal: Portal, browser: Browser, link: str
) -> None:
    await browser.log_in("maxmuster")
    page = await browser.get("/logout-everywhere")
    await browser.post("/logout-everywhere", {"form_token": page.field("form_token")})
    assert (await browser.get_exactly(link)).status == 410


@pytest.mark.parametrize("token", ["", "A" * 43, "%C3%BC", "%00", "A" * 5000])
async def test_a_link_that_we_never_sent_opens_nothing(
    portal: Portal, browser: Browser, token: str
) -> None:
    answer = await browser.get_exactly(f"/entry/mail?token={token}")
    assert answer.status == 404
    assert "Diesen Link kennen wir nicht" in answer.words
