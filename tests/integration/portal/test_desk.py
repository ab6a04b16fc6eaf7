"""The operators' pages: find anything, act with a reason, and every action is in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from cloudmatic_portal.services import audit, operators
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.tables import due_actions, mails
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import order, subscribe
from tests.integration.portal.staff import come_in
from tests.integration.portal.world import LAST_DAY, NOW, SERIAL, Browser, Portal

WHY = {"reason": "Anruf von Max"}


@pytest.fixture
async def number(portal: Portal) -> str:
    """The number of an open order of account 4711."""
    async with Browser(portal) as customer:
        await customer.log_in("maxmuster")
        return (await order(customer)).rpartition("/")[2]


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser)
    return browser


async def last_line(portal: Portal) -> tuple[str, str, str | None, str | None]:
    entry = (await audit.latest(portal.database, 1))[0]
    assert entry.operator == "anna"
    return entry.action, entry.object, entry.detail, entry.reason


@pytest.mark.parametrize(
    "wanted", ["4711", "MAXMUSTER", " max", "max@", "{number}", SERIAL.lower()]
)
async def test_an_account_is_found_by_whatever_is_known_of_it(
    portal: Portal, operator: Browser, number: str, wanted: str
) -> None:
    await enrolled_hub(portal)
    text = wanted.format(number=number)
    answer = await operator.get("/admin/accounts", params={"q": text})
    assert (answer.status, answer.location) == (303, "/admin/accounts/4711")


@pytest.mark.parametrize("wanted", ["", "%", "_", "niemand", "99999999999999999999", "\0", "'; --"])
async def test_what_names_nobody_finds_nobody(operator: Browser, wanted: str) -> None:
    answer = await operator.get("/admin/accounts", params={"q": wanted})
    assert answer.status == 200
    assert "4711" not in answer.words


async def test_an_accounts_page_tells_all_there_is(
    portal: Portal, operator: Browser, number: str
) -> None:
    await enrolled_hub(portal)
    words = (await operator.get("/admin/accounts/4711")).words
    for part in ("maxmuster", number, SERIAL, "Zugang bis 24.12.2026", "Bestellung bestätigt"):
        assert part in words
    assert (await operator.get("/admin/accounts/5")).status == 404
    assert (await operator.get("/admin/accounts/x")).status == 404


async def test_a_subscription_is_found_by_its_reference(portal: Portal, operator: Browser) -> None:
    async with Browser(portal) as customer:
        sheet = await customer.get(f"{await subscribe(portal, customer)}/standing-order")
    reference = sheet.words.partition("Verwendungszweck ")[2][:11]
    answer = await operator.get("/admin/accounts", params={"q": reference})
    assert answer.location == "/admin/accounts/4711"
    assert reference in (await operator.get(answer.location)).words


async def test_an_orders_page_tells_what_happened_to_it(
    portal: Portal, operator: Browser, number: str
) -> None:
    answer = await operator.get("/admin/orders", params={"q": number.replace("-", "").lower()})
    assert (answer.status, answer.location) == (303, f"/admin/orders/{number}")
    listed = (await operator.get("/admin/orders?state=open")).words
    assert number in listed
    assert number not in (await operator.get("/admin/orders?state=active")).words
    page = (await operator.get(f"/admin/orders/{number}")).words
    for part in ("4711 (maxmuster)", "36,00 €", "Was geschehen ist", "Zahlung buchen"):
        assert part in page
    mistyped = await operator.get("/admin/orders", params={"q": "222-222-223"})
    assert "Das ist keine Bestellnummer" in mistyped.words
    assert (await operator.get("/admin/orders/222222222")).status == 404


async def test_a_payment_is_booked_once_and_noted(
    portal: Portal, operator: Browser, number: str
) -> None:
    page = await operator.get(f"/admin/payments?reference={number}")
    typed = {"amount": "36,00", "source": "Bank 17"}
    answer = await send(operator, page, "/admin/payments", typed)
    assert (answer.status, answer.location) == (303, f"/admin/orders/{number}")
    shown = (await operator.get(answer.location)).words
    assert "Aktiv" in shown
    assert "Zahlung gebucht" in shown
    line = await last_line(portal)
    assert line == ("book payment", f"order {number}", "36,00\xa0€, Bank 17", None)
    before = await portal.rows()
    again = await send(operator, page, "/admin/payments", typed)
    assert again.status == 409
    assert "bereits gebucht" in Page(again).beside("source")
    assert await portal.rows() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": "222-222-222"}, "reference"),
        ({"reference": "ABC"}, "reference"),
        ({"amount": "0"}, "amount"),
        ({"amount": "1.000,00"}, "amount"),
        ({"received_on": "2027-01-01"}, "received_on"),
        ({"received_on": "31.02.2026"}, "received_on"),
        ({"source": "x" * 201}, "source"),
    ],
)
async def test_a_payment_that_cannot_be_is_told_beside_the_field(
    portal: Portal, operator: Browser, number: str, changes: dict[str, str], field: str
) -> None:
    page = await operator.get(f"/admin/payments?reference={number}")
    before = await portal.rows()
    typed = {"amount": "36", "source": "Bank 17"} | changes
    answer = await send(operator, page, "/admin/payments", typed)
    assert answer.status == 422
    assert Page(answer).beside(field)
    assert await portal.rows() == before


async def test_an_order_is_cancelled_with_a_reason(
    portal: Portal, operator: Browser, number: str
) -> None:
    address = f"/admin/orders/{number}/cancel"
    page = await operator.get(address)
    assert "Konto 4711" in page.words
    answer = await send(operator, page, address, WHY)
    assert (answer.status, answer.location) == (303, f"/admin/orders/{number}")
    assert "Storniert" in (await operator.get(answer.location)).words
    assert await last_line(portal) == ("cancel order", f"order {number}", None, "Anruf von Max")


async def test_what_cannot_be_cancelled_is_told_and_not_noted(
    portal: Portal, operator: Browser, number: str
) -> None:
    address = f"/admin/orders/{number}/cancel"
    page = await operator.get(address)
    form = await operator.get(f"/admin/payments?reference={number}")
    await send(operator, form, "/admin/payments", {"amount": "36", "source": "Bank 17"})
    before = await portal.rows()
    answer = await send(operator, page, address, WHY)
    assert answer.status == 409
    assert f"Das geht nicht: Der Stand der Bestellung {number} lässt es nicht zu: aktiv." in (
        answer.words
    )
    assert await portal.rows() == before


async def test_a_hub_is_withdrawn_with_a_reason(portal: Portal, operator: Browser) -> None:
    hub = await enrolled_hub(portal)
    page = await operator.get("/admin/accounts/4711")
    address = page.text.partition('href="/admin/accounts/4711/hubs/')[2].partition('"')[0]
    address = f"/admin/accounts/4711/hubs/{address}"
    answer = await send(operator, await operator.get(address), address, WHY)
    assert answer.location == "/admin/accounts/4711"
    shown = (await operator.get("/admin/accounts/4711")).words
    assert "gesperrt" in shown
    assert "Schlüssel der Zentrale widerrufen" in shown
    assert (await hub.status()).status == 403
    line = await last_line(portal)
    assert line == ("revoke hub key", "account 4711", SERIAL, "Anruf von Max")
    assert (await operator.get(address.replace("4711", "4712"))).status == 404


async def test_a_voucher_is_made_and_noted(portal: Portal, operator: Browser) -> None:
    page = await operator.get("/admin/vouchers")
    typed = {"code": "messe-27", "value": "12,5", "limit": "50", "product": ["complete"], **WHY}
    answer = await send(operator, page, "/admin/vouchers", typed)
    assert answer.status == 303
    shown = (await operator.get("/admin/vouchers")).words
    assert "MESSE-27 12,5 % 23.11.2026 – complete 0 / 50" in shown
    line = await last_line(portal)
    assert line == ("make voucher", "voucher MESSE-27", "percent 1250", "Anruf von Max")
    before = await portal.rows()
    again = await send(operator, page, "/admin/vouchers", typed)
    assert again.status == 409
    assert "Den Code gibt es schon" in Page(again).beside("code")
    assert await portal.rows() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "x"}, "code"),
        ({"value": "101"}, "value"),
        ({"kind": "months", "value": "25"}, "value"),
        ({"kind": "months", "value": "1,5"}, "value"),
        ({"until": "2020-01-01"}, "until"),
        ({"from": "gestern"}, "from"),
        ({"limit": "0"}, "limit"),
        ({"account": "-1"}, "account"),
        ({"kind": None}, "kind"),
    ],
)
async def test_a_voucher_that_cannot_be_is_told_beside_the_field(
    portal: Portal, operator: Browser, changes: dict[str, str | None], field: str
) -> None:
    page = await operator.get("/admin/vouchers")
    before = await portal.rows()
    typed = {"code": "MESSE-27", "value": "10", **WHY} | changes
    answer = await send(operator, page, "/admin/vouchers", typed)
    assert answer.status == 422
    assert Page(answer).beside(field)
    assert await portal.rows() == before


async def test_what_was_set_aside_is_done_again(portal: Portal, operator: Browser) -> None:
    row = {
        "kind": "reminder_last",
        "key": f"reminder_last:4711:{LAST_DAY}x",
        "account_id": 4711,
        "day": LAST_DAY,
        "due_at": NOW,
        "state": "failed",
        "settled_at": NOW,
        "attempts": 4,
        "why": "ValueError",
    }
    async with portal.database.writing() as connection:
        added = insert(due_actions).values(row).returning(due_actions.c.id)
        action = (await connection.execute(added)).scalar_one()
    assert "1 zurückgestellte Vorgänge" in (await operator.get("/admin")).words
    assert "ValueError" in (await operator.get("/admin/actions")).words
    address = f"/admin/actions/{action}/retry"
    page = await operator.get(address)
    assert (await send(operator, page, address, WHY)).location == "/admin/actions"
    assert "ValueError" not in (await operator.get("/admin/actions")).words
    assert str(row["key"]) in (await operator.get("/admin/actions?state=waiting")).words
    assert (await last_line(portal))[:3] == ("retry action", f"action {action}", row["key"])
    again = await send(operator, page, address, WHY)
    assert (again.status, "Der Vorgang wartet auf seine Zeit." in again.words) == (409, True)
    assert (await operator.get("/admin/actions/99/retry")).status == 404


async def test_a_mail_is_read_and_sent_once_more(
    portal: Portal, operator: Browser, number: str
) -> None:
    async with portal.database.writing() as connection:
        await connection.execute(update(mails).values(state="uncertain", last_error="silence"))
    assert "1 ungewisse Mails" in (await operator.get("/admin")).words
    listed = (await operator.get("/admin/mails?state=uncertain")).text
    address = listed.partition('href="/admin/mails/')[2].partition('"')[0]
    address = f"/admin/mails/{address}"
    shown = (await operator.get(address)).words
    assert number in shown
    assert "silence" in shown
    page = await operator.get(f"{address}/retry")
    assert (await send(operator, page, f"{address}/retry", WHY)).location == address
    assert "wartet auf Versand" in (await operator.get(address)).words
    assert (await last_line(portal))[0] == "retry mail"


async def test_the_secret_of_a_mailed_link_is_shown_to_nobody(
    portal: Portal, operator: Browser
) -> None:
    async with Browser(portal) as customer:
        await send(customer, await customer.get("/password"), "/password", {"name": "maxmuster"})
    listed = (await operator.get("/admin/mails")).text
    address = listed.partition('href="/admin/mails/')[2].partition('"')[0]
    shown = (await operator.get(f"/admin/mails/{address}")).words
    assert "token=hidden" in shown


async def test_of_a_mail_that_is_forgotten_only_that_it_was_there_is_shown(
    portal: Portal, operator: Browser, number: str
) -> None:
    async with portal.database.writing() as connection:
        await connection.execute(update(mails).values(state="uncertain", last_error="silence"))
        await stored_mail.forget_old(connection, NOW + timedelta(days=1))
    listed = (await operator.get("/admin/mails?state=uncertain")).text
    address = "/admin/mails/" + listed.partition('href="/admin/mails/')[2].partition('"')[0]
    answer = await operator.get(address)
    assert answer.status == 200
    assert "Was darin stand, ist gelöscht" in answer.words
    assert "silence" in answer.words
    assert number not in answer.words
    assert f"{address}/retry" not in answer.text


async def test_the_log_names_everything_with_its_links(
    portal: Portal, operator: Browser, number: str
) -> None:
    address = f"/admin/orders/{number}/cancel"
    await send(operator, await operator.get(address), address, WHY)
    await operators.disable(portal.database, "anna", portal.clock.now)
    portal.clock.move(seconds=30)
    async with Browser(portal) as other:
        await come_in(portal, other, name="berta")
        page = await other.get("/admin/audit")
    assert f'href="/admin/orders/{number}"' in page.text
    assert "Bestellung storniert" in page.words
    assert "Anruf von Max" in page.words
    assert "anna Administrator gesperrt seit" in page.words


async def test_who_only_helps_sees_no_way_to_book_money(
    portal: Portal, browser: Browser, number: str
) -> None:
    await come_in(portal, browser, "support")
    page = await browser.get(f"/admin/orders/{number}")
    assert "Zahlung buchen" not in page.text
    assert "/admin/vouchers" not in page.text
    assert f"/admin/orders/{number}/cancel" in page.text
