"""What must be kept of a deleted account is kept whole, and goes when its time is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import gateways, invoices, ledger, payments, retention, statements
from cloudmatic_portal.services.paypal import checkouts
from cloudmatic_portal.services.paypal.money import Arrived
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage import personal
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    accounts,
    bank_lines,
    invoice_documents,
    ledger_entries,
    mails,
    metadata,
    paypal_events,
)
from cloudmatic_portal.storage.tables import invoices as invoice_rows
from tests.bank_statements import OWN, Paid, camt
from tests.integration.portal import balanced
from tests.integration.portal.customer import (
    IBAN,
    LEFT,
    PAYER,
    STREET,
    WORKER,
    delete,
    issue,
    rows_naming,
    settle_in,
    trade,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.purchases import buy, fill, find
from tests.integration.portal.world import NOW, TODAY, Browser, Portal

LAST_KEPT = date(2034, 12, 31)
OVER = datetime(2035, 1, 1, 4, tzinfo=UTC)
LATER = NOW + timedelta(days=100)


@pytest.fixture
async def trader(portal: Portal, browser: Browser) -> None:
    """maxmuster with everything: paid by bank and PayPal, invoiced, paid back, balance, hubs."""
    await settle_in(portal, browser)
    await trade(portal, browser)


async def work(portal: Portal, now: datetime) -> None:
    portal.clock.now = now
    await issue(portal)
    while await WORKER.tend(portal.database, now):
        pass


async def test_names_stay_only_where_the_law_forbids_to_alter_them(
    trader: None, portal: Portal, browser: Browser
) -> None:
    [number] = [str(each.number) for each in await invoices.of_account(portal.database, 4711)][-1:]
    before = await invoices.show(portal.database, number)
    await delete(browser)
    await work(portal, LATER)
    for words, tables in (
        ((PAYER, IBAN), {"bank_lines", "invoices", "invoice_documents"}),
        ((STREET,), {"invoices", "invoice_documents"}),
    ):
        assert await rows_naming(portal, *words) <= tables
    assert await rows_naming(portal, IBAN) == {"bank_lines"}
    assert await rows_naming(portal, STREET) >= {"invoices"}
    for table in ("payers", "billing_addresses", "pairings"):
        assert await portal.count(table) == 0
    assert await invoices.show(portal.database, number) == before
    await balanced.check(portal.database)


async def test_after_the_end_of_keeping_nothing_is_left_but_a_number(
    trader: None, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    await Postbox(portal).empty()
    await work(portal, datetime(2034, 12, 31, 22, tzinfo=UTC))
    assert await portal.count("invoices") >= 2
    await work(portal, OVER)
    rows = await portal.rows()
    for name in personal.tables():
        assert not any("4711" in row for row in rows[name] if name not in LEFT)
    assert await rows_naming(portal, "maxmuster", "max@", PAYER, IBAN, STREET) == set()
    assert await portal.count("ledger_entries") == 0
    # The file of which no line is left goes with the next sweep.
    await work(portal, OVER + timedelta(days=1))
    assert await portal.count("statements") == 0


@pytest.mark.parametrize("table", [ledger_entries, invoice_rows, invoice_documents])
async def test_no_receipt_goes_before_its_time(
    trader: None, portal: Portal, browser: Browser, table: object
) -> None:
    rows = metadata.tables[str(table)]
    await delete(browser)
    mine = update(accounts).where(accounts.c.id == 4711)
    tries = (
        delete_rows(rows),
        mine.values(forgotten_on=LAST_KEPT),
        update(accounts).where(accounts.c.id == 4712).values(forgotten_on=date(2099, 1, 1)),
    )
    before = await portal.rows()
    for statement in tries:
        with pytest.raises(DBAPIError):
            async with portal.database.writing() as connection:
                await connection.execute(statement)
    assert await portal.rows() == before


async def test_a_receipt_of_a_forgotten_account_can_go_but_not_change(
    trader: None, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    async with portal.database.writing() as connection:
        mine = update(accounts).where(accounts.c.id == 4711)
        await connection.execute(mine.values(forgotten_on=OVER.date()))
    with pytest.raises(DBAPIError, match="ledger_entries_append_only"):
        async with portal.database.writing() as connection:
            await connection.execute(update(ledger_entries).values(note="other"))
    async with portal.database.writing() as connection:
        await connection.execute(delete_rows(ledger_entries))
    assert await portal.count("ledger_entries") == 0


async def test_late_money_lengthens_the_time_of_keeping(
    trader: None, portal: Portal, browser: Browser
) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    await delete(browser)
    late = datetime(2028, 3, 1, 12, tzinfo=UTC)
    payment = Payment(Money(3600), late.date(), "late-1")
    await payments.book(portal.database, reference, payment, late)
    await work(portal, OVER)
    assert await portal.count("invoices") >= 2
    async with portal.database.reading() as connection:
        query = select(accounts.c.keep_until).where(accounts.c.id == 4711)
        assert (await connection.execute(query)).scalar_one() == date(2036, 12, 31)
    await work(portal, datetime(2037, 1, 1, 4, tzinfo=UTC))
    assert await portal.count("invoices") == 0


async def test_an_invoice_that_waits_is_issued_after_the_deletion_and_mailed_to_nobody(
    trader: None, portal: Portal, browser: Browser
) -> None:
    await transfer_once_more(portal.database)
    before = await portal.count("invoices")
    await delete(browser)
    assert await portal.count("billing_addresses") == 1
    await work(portal, LATER)
    assert await portal.count("invoices") == before + 1
    newest = (await invoices.of_account(portal.database, 4711))[0]
    assert newest.buyer.street == STREET
    assert await portal.count("billing_addresses") == 0
    async with portal.database.reading() as connection:
        recipients = set((await connection.execute(select(mails.c.recipient))).scalars())
    assert not any("deleted" in each for each in recipients)


async def transfer_once_more(database: Database) -> None:
    reference = await buy(database, await fill(database))
    payment = Payment(Money(3600), TODAY, f"test:{reference}")
    await payments.book(database, reference, payment, NOW)


async def test_late_money_by_bank_and_paypal_is_balance_and_told_to_nobody(
    portal: Portal, browser: Browser
) -> None:
    database = portal.database
    by_bank = await buy(database, await fill(database))
    by_paypal = await buy(database, await fill(database))
    async with database.writing() as connection:
        order = await stored_order.hold(connection, by_paypal)
        assert order is not None
        attempt = await stored_checkout.add(connection, order, "login", NOW)
        await stored_checkout.name(connection, attempt, "5O190127TN364715T", NOW)
    await browser.log_in("maxmuster")
    await delete(browser)
    await Postbox(portal).empty()
    data = camt(Paid(cents=3600, text=by_bank, payer=PAYER, iban=IBAN))
    await statements.run(database, Upload(name="late", data=data), [OWN], NOW)
    async with database.writing() as connection:
        await checkouts.book(connection, attempt, Arrived("3C6", attempt.amount, TODAY), NOW)
    assert (await ledger.balance(database, 4711)).cents == 7200
    assert await Postbox(portal).empty() == []
    assert await portal.count("payers") == 0
    for reference in (by_bank, by_paypal):
        assert (await find(database, reference)).state == "cancelled"


async def test_an_order_that_had_expired_gives_nothing_to_a_deleted_account(
    portal: Portal, browser: Browser
) -> None:
    database = portal.database
    reference = await buy(database, await fill(database))
    portal.clock.move(days=40)
    await issue(portal)
    assert (await find(database, reference)).state == "expired"
    await browser.log_in("maxmuster")
    await delete(browser)
    payment = Payment(Money(3600), TODAY, "late-2")
    booked = await payments.book(database, reference, payment, portal.clock.now)
    assert (booked.activated, booked.balance.cents) == (False, 3600)
    assert (await find(database, reference)).state == "cancelled"


async def test_gateways_hear_that_access_has_ended_though_nothing_stays(
    portal: Portal, browser: Browser
) -> None:
    while await gateways.number(portal.database):
        pass
    before = await gateways.feed(portal.database, 0, 99, NOW)
    assert 4711 in {each.account_id for each in before.accounts if each.periods}
    await browser.log_in("maxmuster")
    await delete(browser)
    while await gateways.number(portal.database):
        pass
    after = await gateways.feed(portal.database, before.cursor, 99, NOW)
    assert [(each.account_id, each.periods) for each in after.accounts] == [(4711, ())]


async def test_what_is_over_is_swept(portal: Portal, browser: Browser) -> None:
    database = portal.database
    data = camt(Paid(cents=1, text="Spende", payer=PAYER, iban=IBAN))
    await statements.run(database, Upload(name="auszug", data=data), [OWN], NOW)
    async with database.writing() as connection:
        for state in ("done", "waiting", "unclear"):
            event = {"id": state, "event_type": "X", "kind": "other", "received_at": NOW}
            row = {**event, "state": state, "why": ""}
            await connection.execute(insert(paypal_events).values(row))
    await retention.sweep(database, NOW + timedelta(days=91))
    assert await portal.count("paypal_events") == 2
    async with database.reading() as connection:
        line = (await connection.execute(select(bank_lines.c.day))).scalar_one()
    await retention.sweep(database, datetime(line.year + 8, 12, 31, 12, tzinfo=UTC))
    assert await portal.count("bank_lines") == 1
    await retention.sweep(database, datetime(line.year + 9, 1, 1, 12, tzinfo=UTC))
    assert await portal.count("bank_lines") == await portal.count("statements") == 0


async def test_an_agreement_at_paypal_ends_with_the_account(
    trader: None, portal: Portal, browser: Browser
) -> None:
    table = metadata.tables["paypal_agreements"]
    order = select(metadata.tables["order_items"].c.order_id)
    subscribed = metadata.tables["order_items"].c.subscription_id.is_not(None)
    async with portal.database.writing() as connection:
        order_id = (await connection.execute(order.where(subscribed).limit(1))).scalar_one()
        change = {"order_id": order_id, "state": "active", "paypal_id": "I-1"}
        await connection.execute(update(table).values(change))
    await delete(browser)
    async with portal.database.reading() as connection:
        assert (await connection.execute(select(table.c.wanted))).scalar_one() == "cancel"
