"""A trial: thirty days, reminded of, and what is booked in it begins after it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.tables import access_periods
from tests.integration.portal.every_form import REGISTRATION
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Letter, Postbox
from tests.integration.portal.purchases import pay
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.world import BANK, TODAY, Browser, Portal, random_bytes

END = date(2026, 12, 22)


async def begin(portal: Portal, browser: Browser) -> int:
    """Become a customer; return the CloudMatic-ID."""
    await send(browser, await browser.get("/register"), "/register", REGISTRATION)
    link = (await Postbox(portal).only()).link("/register/confirm")
    await send(browser, await browser.get_exactly(link), "/register/confirm")
    query = select(access_periods.c.account_id).where(access_periods.c.trial)
    async with portal.database.reading() as connection:
        return int((await connection.execute(query)).scalar_one())


async def pass_to(portal: Portal, day: date) -> list[Letter]:
    """Let the days pass; return the reminders that came."""
    worker, postbox, came = Worker(House(Rules(), BANK), random_bytes), Postbox(portal), []
    today = portal.clock.now.date()
    for _ in range((day - today).days):
        portal.clock.move(days=1)
        while await worker.work(portal.database, portal.clock.now):
            pass
        came += [each for each in await postbox.empty() if "/entry/mail" in each.text]
    return [each for each in came if each.recipient == REGISTRATION["email"]]


async def test_the_end_of_a_trial_is_reminded_of(portal: Portal, browser: Browser) -> None:
    await begin(portal, browser)
    assert TODAY + timedelta(days=29) == END
    assert await pass_to(portal, END - timedelta(days=6)) == []
    for day in (END - timedelta(days=5), END):
        [letter] = await pass_to(portal, day)
        assert letter.subject == "Ihr Testzugang CloudMatic Complete endet am 22.12.2026"
        assert "nach dem Testzugang" in letter.text
    assert await pass_to(portal, END + timedelta(days=40)) == []


async def test_what_is_booked_in_a_trial_begins_after_it(portal: Portal, browser: Browser) -> None:
    account = await begin(portal, browser)
    await pass_to(portal, END - timedelta(days=10))
    await browser.log_in(REGISTRATION["user_name"], REGISTRATION["password"])
    await put(browser, "connect", quantity="1", kind="single")
    page = (await buy(browser)).location
    await pay(portal.database, page.rpartition("/")[2].replace("-", ""), portal.clock.now)
    query = select(access_periods).where(access_periods.c.account_id == account)
    async with portal.database.reading() as connection:
        rows = await connection.execute(query.order_by(access_periods.c.first_day))
        days = [(row.first_day, row.last_day) for row in rows]
    assert days == [(TODAY, END), (date(2026, 12, 23), date(2027, 1, 22))]
    assert await pass_to(portal, END) == []
