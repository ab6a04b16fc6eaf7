"""A customer of whom there is something in every table that can be about one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services import ledger, orders, statements
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.paypal import checkouts
from cloudmatic_portal.services.paypal.money import Arrived
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import billing as stored_billing
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import batch_vouchers, voucher_batches, voucher_products
from cloudmatic_portal.web import invoice_sheet
from tests.bank_statements import OWN, Paid, camt
from tests.integration.portal.every_form import DECLARED, NEW_EMAIL, REGISTRATION
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.passing_days import HOUSE
from tests.integration.portal.phone import set_up
from tests.integration.portal.purchases import buy, fill, pay
from tests.integration.portal.shopping import make_voucher, put, redeem, subscribe
from tests.integration.portal.world import (
    NOW,
    PASSWORD,
    TODAY,
    Answer,
    Browser,
    Portal,
    random_bytes,
)
from tests.invoicing import SELLER

IBAN = "DE44500105175407324931"
PAYER = "Maximilian Mustermann"
STREET = "Lange Straße 7"
HOME = BillingAddress(
    name=PAYER,
    company="",
    street=STREET,
    postcode="10115",
    city="Berlin",
    country="DE",
    vat_id="",
)
WORKER = Worker(HOUSE, random_bytes, Office(SELLER, invoice_sheet.write))
LEFT = {"mails", "access_changes", "status_stamps"}
"""What is left of the number at the end: that there were mails, and that access has ended."""
DELETION = {"current": PASSWORD, "understood": "1"}


async def settle_in(portal: Portal, browser: Browser) -> Hub:
    """Let maxmuster have something of all that is no trade; the linked hub."""
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link())
    await subscribe(portal, browser)
    await make_voucher(portal, "ONLYMAX", account_id=4711, per_account=3)
    async with portal.database.writing() as connection:
        row = {"voucher": "ONLYMAX", "product": "complete"}
        await connection.execute(insert(voucher_products).values(row))
        batch = {"id": 1, "name": "Messe", "made_at": NOW}
        await connection.execute(insert(voucher_batches).values(batch))
        of_batch = {"voucher": "ONLYMAX", "batch": 1}
        await connection.execute(insert(batch_vouchers).values(of_batch))
        link = MailLink(
            account_id=4711,
            user_name="maxmuster",
            product="complete",
            created_at=NOW,
            expires_at=NOW + timedelta(days=30),
        )
        await stored_mail_link.add(connection, token_hash("T" * 43), link)
    await put(browser)
    await redeem(browser, "ONLYMAX")
    page = await browser.get("/checkout")
    await send(browser, page, "/checkout", {"method": "transfer"})
    reference = await buy(
        portal.database, await fill(portal.database, product="notifyme", quantity=100)
    )
    await pay(portal.database, reference)
    await put(browser)
    await redeem(browser, "ONLYMAX")
    await send(browser, await browser.get("/account/email"), "/account/email", NEW_EMAIL)
    async with Browser(portal) as other:
        forgotten = {"name": "maxmuster"}
        await send(other, await other.get("/password"), "/password", forgotten)
        mine = {**REGISTRATION, "email": "max@anders.example"}
        await send(other, await other.get("/register"), "/register", mine)
        await send(other, await other.get("/withdraw-contract"), "/withdraw-contract", DECLARED)
    await set_up(portal, browser, seconds=0)
    async with Browser(portal) as other:
        await other.log_in("maxmuster")
    return hub


async def trade(portal: Portal, browser: Browser) -> None:
    """Let maxmuster pay by bank and PayPal, get invoices and one back, have balance, link a hub."""
    database = portal.database
    async with database.writing() as connection:
        await stored_billing.put(connection, 4711, HOME, NOW)
    refunded = await transfer(database)
    await pay_by_paypal(database)
    await issue(portal)
    await orders.refund(database, refunded, NOW)
    await issue(portal)
    await ledger.refund(database, 4711, Money(500), "back-1", NOW)
    told = await Hub(portal).begin_pairing()
    code = {"code": told["user_code"]}
    page = await send(browser, await browser.get("/pair"), "/pair", code)
    await send(browser, page, "/pair/decide", {"do": "confirm"})
    await put(browser)
    await redeem(browser, "ONLYMAX")


async def transfer(database: Database) -> str:
    """Order and pay by a transfer that the bank states; the order's reference."""
    reference = await buy(database, await fill(database))
    data = camt(Paid(cents=3600, text=f"Danke {reference}", payer=PAYER, iban=IBAN))
    [imported] = await statements.run(database, Upload(name="auszug", data=data), [OWN], NOW)
    assert dict(imported.counts) == {"booked": 1}
    return reference


async def pay_by_paypal(database: Database) -> None:
    """Order and pay by PayPal, and have an agreement that was never approved."""
    reference = await buy(database, await fill(database, product="notifyme", quantity=100))
    async with database.writing() as connection:
        order = await stored_order.hold(connection, reference)
        assert order is not None
        attempt = await stored_checkout.add(connection, order, "login", NOW)
        await stored_checkout.name(connection, attempt, "5O190127TN364715T", NOW)
        await stored_agreement.add(connection, order, "login", "P-1", NOW, NOW)
    async with database.writing() as connection:
        arrived = Arrived("3C679366HH908993F", attempt.amount, TODAY)
        await checkouts.book(connection, attempt, arrived, NOW)


async def issue(portal: Portal) -> None:
    while await WORKER.work(portal.database, portal.clock.now):
        pass


async def delete(browser: Browser, **typed: str) -> Answer:
    page = await browser.get("/account/delete")
    return await send(browser, page, "/account/delete", {**DELETION, **typed})


async def exported(browser: Browser) -> dict[str, list[dict[str, Any]]]:
    answer = await browser.get("/account/data.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert 'filename="cloudmatic-4711.json"' in answer.headers["Content-Disposition"]
    tables: dict[str, list[dict[str, Any]]] = json.loads(answer.text)["tables"]
    return tables


async def rows_naming(portal: Portal, *words: str) -> set[str]:
    """The tables in which one of `words` stands somewhere."""
    rows = await portal.rows()
    return {name for name, each in rows.items() if any(word in str(each) for word in words)}
