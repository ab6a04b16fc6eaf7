"""Everything about somebody can be seen, saved and deleted; what must be kept names nobody."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Table, select

from cloudmatic_portal.cli import _parser, operator
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.errors import CartNotBuyable, MailCannot
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.privacy import keep_until
from cloudmatic_portal.services import mailing, orders, retention
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import personal, personal_lists
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import accounts, metadata
from tests.integration.portal.customer import LEFT, delete, rows_naming, settle_in
from tests.integration.portal.every_form import REGISTRATION
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.purchases import buy, fill, find, pay
from tests.integration.portal.shopping import put
from tests.integration.portal.world import BANK, NOW, Browser, Portal, random_bytes

WORKER = Worker(House(Rules(), BANK), random_bytes)
PERSONAL = {"account_id", "email", "email_folded", "user_name", "recipient", "former", "wanted"}


def test_every_table_is_decided_about() -> None:
    """A new table has to be put on one of the lists, with its reason."""
    lists = [set(personal_lists.KEPT), set(personal_lists.ERASED), set(personal_lists.NOBODYS)]
    assert sorted(metadata.tables) == sorted(name for names in lists for name in names)
    about = set(personal.tables())
    assert about == lists[0] | lists[1]
    named = {table.name for table in metadata.sorted_tables if PERSONAL & set(table.c.keys())}
    assert named <= about


async def test_what_must_be_kept_refers_to_nothing_that_is_erased() -> None:
    def referred(table: Table) -> set[str]:
        return {key.column.table.name for key in table.foreign_keys}

    for name in personal_lists.KEPT:
        assert not referred(metadata.tables[name]) & personal_lists.ERASED


@pytest.fixture
async def rich(portal: Portal, browser: Browser) -> Hub:
    return await settle_in(portal, browser)


async def work(portal: Portal) -> None:
    while await WORKER.work(portal.database, portal.clock.now):
        pass
    while await WORKER.tend(portal.database, portal.clock.now):
        pass


async def test_the_page_says_beforehand_what_a_deletion_means(rich: Hub, browser: Browser) -> None:
    words = (await browser.get("/account/delete")).words
    for part in (
        "CloudMatic Complete liefe noch bis 24.12.2026: Es endet heute und wird nicht erstattet",
        "Ihr Abonnement CloudMatic Connect wird gekündigt",
        "wird storniert: Bitte bezahlen Sie sie nicht mehr",
        "Ihr Guthaben von 100 Nachrichten verfällt",
        f"Die Zentrale {rich.serial} ist nicht mehr verknüpft",
        "8 Jahre",
    ):
        assert part in words


async def test_a_deleted_account_leaves_receipts_and_no_names(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await Postbox(portal).empty()
    answer = await delete(browser)
    assert answer.location == "/account/deleted"
    assert (await browser.get("/account/deleted")).status == 200
    assert (await browser.get("/account")).status == 303
    farewell = (await Postbox(portal).empty())[-1]
    assert farewell.recipient == "max@muster.example"
    assert "bis zum 31.12.2034" in farewell.text
    # The declaration is a letter; the farewell goes with the other mails.
    names = ("maxmuster", "max@muster", "neu.example", rich.serial)
    assert await rows_naming(portal, *names) == {"declarations", "mails"}
    assert [await portal.count(each) for each in ("orders", "payments")] == [3, 2]
    for table in personal_lists.ERASED - {"mails", "due_actions", "registrations"}:
        assert await portal.count(table) == 0
    async with portal.database.reading() as connection:
        kept = (await connection.execute(select(accounts).where(accounts.c.id == 4711))).one()
    assert (kept.deleted_at, kept.keep_until) == (portal.clock.now, date(2034, 12, 31))


async def test_what_a_mail_says_is_forgotten_after_ninety_days(
    rich: Hub,
    portal: Portal,
    browser: Browser,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await delete(browser)
    await Postbox(portal).empty()
    portal.clock.move(days=91)
    await work(portal)
    assert await rows_naming(portal, "maxmuster", "max@muster") == {"declarations"}
    mails = await mailing.search(portal.database, state=None, most=1)
    options = _parser().parse_args(["mail", "show", str(mails[0].mail_id)])
    await operator.run(options, settings)
    assert "what it said has been erased" in capsys.readouterr().out


async def test_access_ends_today_and_nothing_goes_on(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    async with portal.database.reading() as connection:
        periods = (await connection.execute(select(metadata.tables["access_periods"]))).all()
        going = (await connection.execute(select(metadata.tables["subscriptions"]))).all()
    assert all(each.last_day <= date(2026, 11, 23) for each in periods if each.account_id == 4711)
    assert [each.state for each in going] == ["cancelled"]
    states = {
        each.state
        for each in await orders.search(portal.database, account_id=4711, state=None, most=9)
    }
    assert states == {"active", "cancelled"}


async def test_the_hub_of_a_deleted_account_is_told_and_books_nothing(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    status = await rich.status()
    assert (status.status, json.loads(status.text)["type"].rpartition(":")[2]) == (
        403,
        "revoked-key",
    )
    assert (await browser.show_link(rich.link())).status == 403
    assert (await Hub(portal).enrol()).status == 401


async def test_nobody_logs_in_to_a_deleted_account_and_the_names_are_free(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    for name in ("maxmuster", "max@muster.example", "#4711", "4711@deleted.invalid"):
        assert (await browser.log_in(name)).status == 403
    await Postbox(portal).empty()
    for name in ("#4711", "4711@deleted.invalid"):
        await send(browser, await browser.get("/password"), "/password", {"name": name})
    assert await Postbox(portal).empty() == []
    again = {**REGISTRATION, "user_name": "maxmuster", "email": "max@muster.example"}
    await send(browser, await browser.get("/register"), "/register", again)
    link = (await Postbox(portal).only()).link("/register/confirm")
    page = await browser.get_exactly(link)
    assert (await send(browser, page, "/register/confirm")).status == 303


async def test_the_rest_goes_when_the_law_lets_it(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await delete(browser)
    portal.clock.now = datetime(2034, 12, 31, 22, tzinfo=UTC)
    await work(portal)
    assert await portal.count("payments") == 2
    portal.clock.now = datetime(2035, 1, 1, 4, tzinfo=UTC)
    await work(portal)
    rows = await portal.rows()
    for name in personal.tables():
        assert not any("4711" in row for row in rows[name] if name not in LEFT)
    assert await portal.count("accounts") == 1


async def test_without_any_receipt_nothing_stays(portal: Portal, browser: Browser) -> None:
    await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    await put(browser)
    assert (await delete(browser)).status == 303
    assert "Davon ist nichts mehr gespeichert" in (await Postbox(portal).only()).text
    rows = await portal.rows()
    for name in personal.tables():
        assert not any("4711" in row for row in rows[name] if name not in LEFT)


@pytest.mark.parametrize(
    ("typed", "field"), [({"current": "falsch"}, "current"), ({"understood": ""}, "understood")]
)
async def test_an_account_is_not_deleted_by_mistake(
    portal: Portal, browser: Browser, typed: dict[str, str], field: str
) -> None:
    await browser.log_in("maxmuster")
    before = await portal.rows_but_tallies()
    answer = await delete(browser, **typed)
    assert (answer.status, bool(Page(answer).beside(field))) == (422, True)
    assert await portal.rows_but_tallies() == before


async def test_nothing_is_bought_for_a_deleted_account_and_late_money_is_only_noted(
    portal: Portal, browser: Browser
) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    agreed = await fill(portal.database, product="connect")
    await browser.log_in("maxmuster")
    await delete(browser)
    with pytest.raises(CartNotBuyable):
        await buy(portal.database, agreed)
    booked = await pay(portal.database, reference)
    assert (booked.activated, booked.balance.cents) == (False, 3600)
    assert (await find(portal.database, reference)).state == "cancelled"


async def test_old_data_is_forgotten_once_a_day_by_one_of_all_workers(portal: Portal) -> None:
    assert await retention.sweep(portal.database, NOW)
    assert not await retention.sweep(portal.database, NOW + timedelta(hours=23))
    assert await retention.sweep(portal.database, NOW + timedelta(days=1))


async def test_sessions_links_and_registrations_are_forgotten_without_a_visitor(
    rich: Hub, portal: Portal, browser: Browser
) -> None:
    await Postbox(portal).empty()
    portal.clock.move(days=45)
    await retention.sweep(portal.database, portal.clock.now)
    for table in (
        "sessions",
        "attempts",
        "consumed_links",
        "mail_links",
        "registrations",
        "password_resets",
        "email_changes",
    ):
        assert await portal.count(table) == 0


async def test_a_mail_whose_content_is_forgotten_is_not_sent_again(
    portal: Portal, database: Database
) -> None:
    facts = {"user_name": "maxmuster", "changed_at": NOW.isoformat()}
    mail = NewMail("password_changed", "max@muster.example", "de", facts, "changed:1", 4711)
    async with database.writing() as connection:
        await stored_mail.add(connection, mail, NOW)
        await stored_mail.withdraw(connection, 4711, "password_changed", "no more")
        await stored_mail.forget_old(connection, NOW + timedelta(days=1))
    [found] = await mailing.search(database, state=None, most=9)
    assert (found.recipient, found.facts) == ("-", {})
    with pytest.raises(MailCannot):
        await mailing.retry(database, found.mail_id, NOW)


@pytest.mark.parametrize(
    ("last", "end"),
    [(date(2026, 1, 1), 2034), (date(2026, 12, 31), 2034), (date(2027, 1, 1), 2035)],
)
def test_receipts_are_kept_for_full_years(last: date, end: int) -> None:
    assert keep_until(last) == date(end, 12, 31)
