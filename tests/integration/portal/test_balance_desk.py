"""What operators book on a balance: looked at first, booked once, noted, and told by the trail."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from cloudmatic_portal.domain.errors import BalanceNotAsSeen
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import audit, ledger, payments
from tests.integration.portal.customer import delete
from tests.integration.portal.pages import Page, Value, send
from tests.integration.portal.shopping import order
from tests.integration.portal.staff import come_in, make
from tests.integration.portal.world import NOW, Answer, Browser, Portal

REFUND = "/admin/accounts/4711/refund"
CORRECT = "/admin/accounts/4711/correct"
PAID_OUT: dict[str, Value] = {"amount": "24,00 €", "means": "transfer", "reason": "Kündigung"}
GIFT: dict[str, Value] = {"amount": "5", "direction": "add", "reason": "Kulanz"}


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser, "accounting")
    return browser


@pytest.fixture
async def number(portal: Portal, operator: Browser) -> str:
    """An active order of account 4711, paid 30 € more than it costs: that is its balance."""
    async with Browser(portal) as customer:
        await customer.log_in("maxmuster")
        reference = (await order(customer)).rpartition("/")[2]
    paid = Payment(Money(6600), date(2026, 11, 23), "bank 1")
    await payments.book(portal.database, reference, paid, NOW)
    return reference


async def balance(portal: Portal) -> int:
    return (await ledger.balance(portal.database, 4711)).cents


async def look(browser: Browser, address: str, typed: dict[str, Value]) -> Answer:
    """What the page says before anything is booked."""
    return await send(browser, await browser.get(address), address, typed)


async def test_a_payout_is_looked_at_booked_and_told(
    portal: Portal, operator: Browser, number: str
) -> None:
    before = await portal.rows()
    seen = await look(operator, REFUND, PAID_OUT)
    assert seen.status == 200
    for words in ("Guthaben vorher 30,00 €", "Guthaben danach 6,00 €", "neu ausgezahlt", "−24,00"):
        assert words in seen.words
    assert await portal.rows() == before
    done = await send(operator, seen, REFUND, {"step": "book"})
    assert (done.status, done.location) == (303, "/admin/accounts/4711#ledger")
    assert await balance(portal) == 600
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.object) == ("pay out balance", "account 4711")
    assert (entry.operator, entry.reason) == ("anna", "Kündigung")
    assert entry.detail is not None
    assert entry.detail.startswith("−24,00\xa0€, Überweisung 23.11.2026 (")
    account = (await operator.get("/admin/accounts/4711")).words
    trail = (await operator.get(f"/admin/orders/{number}")).words
    for words in (account, trail):
        assert "Überweisung 23.11.2026" in words
        assert "Kündigung" in words


async def test_two_clicks_and_a_reload_book_once(
    portal: Portal, operator: Browser, number: str
) -> None:
    whole = {**PAID_OUT, "amount": "30"}
    for address, typed, left in ((REFUND, whole, 0), (CORRECT, GIFT, 500)):
        seen = await look(operator, address, typed)
        answers = await asyncio.gather(
            *(send(operator, seen, address, {"step": "book"}) for _ in range(4))
        )
        again = await send(operator, seen, address, {"step": "book"})
        assert {each.status for each in (*answers, again)} == {303}
        assert await balance(portal) == left
    noted = [each.action for each in await audit.latest(portal.database, 3)]
    assert noted[:2] == ["correct balance", "pay out balance"]
    assert noted[2] != "pay out balance"


async def test_a_balance_that_has_changed_is_shown_before_anything_is_booked(
    portal: Portal, operator: Browser, number: str
) -> None:
    seen, other = await look(operator, CORRECT, GIFT), await look(operator, CORRECT, GIFT)
    assert (await send(operator, other, CORRECT, {"step": "book"})).status == 303
    again = await send(operator, seen, CORRECT, {"step": "book"})
    assert again.status == 200
    assert "Noch ist nichts gebucht" in again.words
    assert "Guthaben danach 40,00 €" in again.words
    assert await balance(portal) == 3500
    assert (await send(operator, again, CORRECT, {"step": "book"})).status == 303
    assert await balance(portal) == 4000


@pytest.mark.parametrize(
    ("address", "typed", "left"), [(REFUND, PAID_OUT, 100), (CORRECT, GIFT, 4000)]
)
async def test_another_booking_from_the_form_of_one_that_is_booked_is_not_lost(
    portal: Portal,
    operator: Browser,
    number: str,
    address: str,
    typed: dict[str, Value],
    left: int,
) -> None:
    """Back in the browser, another amount: the form has the key of what was booked."""
    form = await operator.get(address)
    seen = await send(operator, form, address, typed)
    assert (await send(operator, seen, address, {"step": "book"})).status == 303
    booked = await balance(portal)
    assert (await send(operator, form, address, typed)).status == 303
    again = await send(operator, form, address, {**typed, "amount": "5,01"})
    assert again.status == 409
    assert "Aus diesem Formular ist schon etwas anderes gebucht" in again.words
    assert await balance(portal) == booked
    seen = await send(operator, again, address, {"amount": "5"})
    assert (await send(operator, seen, address, {"step": "book"})).status == 303
    assert await balance(portal) == left


async def test_the_form_of_one_account_books_nothing_for_another(
    portal: Portal, operator: Browser
) -> None:
    other = "/admin/accounts/4712/correct"
    form = await operator.get(CORRECT)
    seen = await send(operator, form, CORRECT, GIFT)
    assert (await send(operator, seen, CORRECT, {"step": "book"})).status == 303
    key = Page(form).form(CORRECT).value("key")
    again = await send(operator, await operator.get(other), other, {**GIFT, "key": key})
    assert again.status == 409
    assert "5,00 € für Konto 4711" in again.words


async def test_of_several_operators_who_saw_the_same_balance_one_books(
    portal: Portal, operator: Browser, number: str
) -> None:
    """Nobody takes a balance below nothing without having been shown that."""
    take: dict[str, Value] = {**GIFT, "amount": "20", "direction": "take"}
    looks = [await look(operator, CORRECT, take) for _ in range(6)]
    answers = await asyncio.gather(
        *(send(operator, each, CORRECT, {"step": "book"}) for each in looks)
    )
    assert sorted(each.status for each in answers) == [*[200] * 5, 303]
    again = next(each for each in answers if each.status == 200)
    assert "Noch ist nichts gebucht" in again.words
    assert "Guthaben danach −10,00 €" in again.words
    assert await balance(portal) == 1000


async def test_what_is_booked_on_a_balance_can_be_bound_to_what_was_seen(
    portal: Portal, number: str
) -> None:
    database, cent, seen = portal.database, Money(1), Money(2999)
    with pytest.raises(BalanceNotAsSeen):
        await ledger.refund(database, 4711, cent, "a", NOW, seen=seen)
    with pytest.raises(BalanceNotAsSeen):
        await ledger.correct(database, 4711, cent, "a", "why", NOW, seen=seen)
    assert await balance(portal) == 3000
    left = await ledger.correct(database, 4711, cent, "a", "why", NOW, seen=Money(3000))
    assert left == Money(3001)


@pytest.mark.parametrize(
    ("address", "typed", "left"),
    [(REFUND, {**PAID_OUT, "amount": "5"}, 500), (CORRECT, GIFT, 1500)],
)
async def test_two_clicks_around_midnight_book_once(
    portal: Portal, browser: Browser, address: str, typed: dict[str, Value], left: int
) -> None:
    portal.clock.move(hours=5, minutes=59)
    await come_in(portal, browser, "accounting")
    await ledger.correct(portal.database, 4711, Money(1000), "gift", "why", NOW)
    seen = await look(browser, address, typed)
    assert (await send(browser, seen, address, {"step": "book"})).status == 303
    portal.clock.move(minutes=1)
    again = await send(browser, seen, address, {"step": "book"})
    assert (again.status, await balance(portal)) == (303, left)


async def test_no_more_than_the_balance_is_paid_out(
    portal: Portal, operator: Browser, number: str
) -> None:
    seen = await look(operator, REFUND, {**PAID_OUT, "amount": "30,01"})
    assert seen.status == 409
    assert "Mehr als das Guthaben von 30,00 € kann nicht ausgezahlt werden." in seen.words
    assert Page(seen).form(REFUND).value("amount") == "30,01"
    assert await balance(portal) == 3000


async def test_a_correction_may_take_what_is_not_there(portal: Portal, operator: Browser) -> None:
    seen = await look(operator, CORRECT, {**GIFT, "direction": "take", "amount": "7,50"})
    assert "Danach schuldet das Konto Geld" in seen.words
    changed = await send(operator, seen, CORRECT, {"step": "change"})
    assert Page(changed).form(CORRECT).value("amount") == "7,50"
    assert await balance(portal) == 0
    seen = await send(operator, changed, CORRECT, {})
    assert (await send(operator, seen, CORRECT, {"step": "book"})).status == 303
    assert await balance(portal) == -750


@pytest.mark.parametrize(
    ("address", "changes", "said"),
    [
        (REFUND, {"paid_on": "2026-11-24"}, "Dieser Tag kommt erst noch."),
        (REFUND, {"means": "paypal"}, "Bitte wählen Sie aus."),
        (CORRECT, {"direction": "give"}, "Bitte wählen Sie aus."),
        (CORRECT, {"reason": "x" * 201}, "höchstens 200 Zeichen"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_booked(
    operator: Browser, address: str, changes: dict[str, Value], said: str
) -> None:
    typed = {**(PAID_OUT if address == REFUND else GIFT), **changes}
    answer = await look(operator, address, typed)
    assert answer.status == 422
    assert said in answer.words


async def test_an_order_that_is_taken_back_becomes_balance_that_can_be_paid_out(
    portal: Portal, operator: Browser, number: str
) -> None:
    page = f"/admin/orders/{number}"
    assert "Bestellung zurücknehmen" in (await operator.get(page)).words
    asked = await operator.get(f"{page}/refund")
    assert "36,00 €" in asked.words
    done = await send(operator, asked, f"{page}/refund", {"reason": "Widerruf"})
    assert (done.status, done.location) == (303, page)
    assert await balance(portal) == 6600
    entry = (await audit.latest(portal.database, 1))[0]
    assert (entry.action, entry.object) == ("take order back", f"order {number}")
    again = await send(operator, asked, f"{page}/refund", {"reason": "Widerruf"})
    assert again.status == 409
    assert "zurückgenommen" in again.words
    shown = (await operator.get(page)).words
    assert "Auszahlung vermerken" in shown


async def test_support_sees_the_balance_and_books_nothing(portal: Portal, number: str) -> None:
    staff = await make(portal, "support", "berta")
    async with Browser(portal) as support:
        await staff.log_in(support)
        page = (await support.get("/admin/accounts/4711")).words
        assert "30,00 €" in page
        assert "Guthaben berichtigen" not in page
        for address in (REFUND, CORRECT, f"/admin/orders/{number}/refund"):
            assert (await support.get(address)).status == 403


async def test_money_for_a_deleted_account_is_paid_back(
    portal: Portal, operator: Browser, number: str
) -> None:
    async with Browser(portal) as customer:
        await customer.log_in("maxmuster")
        assert (await delete(customer)).status == 303
    seen = await look(operator, REFUND, PAID_OUT)
    assert "maxmuster" not in seen.words
    done = await send(operator, seen, REFUND, {"step": "book"})
    assert (done.status, done.location) == (303, "/admin/accounts/4711#ledger")
    page = (await operator.get("/admin/accounts/4711")).words
    assert "Guthaben 6,00 €" in page
    assert "Überweisung 23.11.2026" in page
