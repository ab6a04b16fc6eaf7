"""The figures of the overview: what runs and ends, what came in, what is owed; who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.figures import MONTHS, WEEKS, DueSpan
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.operator import Role
from cloudmatic_portal.services import figures, ledger
from cloudmatic_portal.services.figures import Figures
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats
from tests.integration.portal.purchases import add_accounts, buy, fill, pay
from tests.integration.portal.staff import come_in
from tests.integration.portal.world import LAST_DAY, NOW, Browser, Portal

TODAY: Final = berlin_day(NOW)
NEW: Final = 4900


async def measured(database: Database, days: int = 0) -> Figures:
    return await figures.measure(database, TODAY + timedelta(days=days), with_income=True)


def ends(found: Figures) -> list[tuple[int, int, int]]:
    """Place, how many end, how many go on: of weeks in which anything does."""
    return [
        (place, each.ends, each.renew)
        for place, each in enumerate(found.endings)
        if each.ends or each.renew
    ]


async def test_what_runs_is_counted_by_product(database: Database) -> None:
    before = {each.name: each.bought for each in (await measured(database)).active}
    assert before["CloudMatic Complete"] == before["CloudMatic Connect"] == 1
    await add_accounts(database, NEW)
    await pay(database, await buy(database, await fill(database, NEW, "connect"), NEW))
    after = {each.name: each.bought for each in (await measured(database)).active}
    assert after == before | {"CloudMatic Connect": 2}
    over = (LAST_DAY - TODAY).days + 1
    assert {each.bought for each in (await measured(database, over - 1)).active} == {0, 1, 2}
    later = {each.name: each.bought for each in (await measured(database, over)).active}
    assert later["CloudMatic Complete"] == 0


async def test_what_ends_is_told_from_what_goes_on(database: Database) -> None:
    week = (LAST_DAY - TODAY).days // 7
    assert ends(await measured(database)) == [(week, 1, 0)]
    # The last day of the last week counts, and the day after it does not.
    first = (LAST_DAY - TODAY).days - 7 * WEEKS + 1
    assert ends(await measured(database, first)) == [(WEEKS - 1, 1, 0)]
    assert ends(await measured(database, first - 1)) == []
    # Whoever has booked what comes next does not end.
    await pay(database, await buy(database, await fill(database, 4711, "connect")))
    assert ends(await measured(database)) == []
    await add_accounts(database, NEW)
    wanted = await fill(database, NEW, "connect", 1, "subscription")
    await pay(database, await buy(database, wanted, NEW))
    assert ends(await measured(database)) == [(4, 0, 1)]
    # A subscription that waits behind a single package goes on after it.
    await pay(database, await buy(database, await fill(database, NEW, "connect", 1), NEW))
    assert ends(await measured(database)) == [(8, 0, 1)]


async def test_income_is_what_arrived_less_what_went_back(database: Database) -> None:
    assert {each.left.cents for each in (await measured(database)).income} == {0}
    quote = await fill(database, 4711, "connect")
    await pay(database, await buy(database, quote))
    paid = quote.total.gross
    await ledger.correct(database, 4711, Money(1000), "gift", "sorry", NOW)
    await ledger.refund(database, 4711, Money(700), "transfer 1", NOW)
    found = (await measured(database)).income
    assert len(found) == MONTHS
    assert (found[-1].first, found[-1].received, found[-1].gone) == (
        TODAY.replace(day=1),
        paid,
        Money(700),
    )
    assert {each.received.cents for each in found[:-1]} == {0}
    # Next month it is the month before.
    later = (await measured(database, 10)).income
    assert (later[-2].left, later[-1].left) == (found[-1].left, Money(0))
    # A year later it is none of the last twelve.
    assert {each.received.cents for each in (await measured(database, 375)).income} == {0}


@pytest.mark.parametrize(
    ("days", "span"), [(0, "later"), (1, "fortnight"), (8, "week"), (14, "week"), (15, "overdue")]
)
async def test_open_amounts_are_summed_up_by_when_they_are_due(
    database: Database, days: int, span: DueSpan
) -> None:
    quote = await fill(database, 4711, "connect")
    await buy(database, quote)
    then = await measured(database, days)
    found = {each.span: each for each in then.open_amounts}
    assert (found[span].orders, found[span].amount) == (1, quote.total.gross)
    assert (then.open_orders, then.open_amount) == (1, quote.total.gross)


@pytest.mark.parametrize(
    ("role", "sees"), [("support", False), ("accounting", True), ("admin", True)]
)
async def test_the_overview_draws_them(
    portal: Portal, browser: Browser, role: Role, sees: bool
) -> None:
    await pay(portal.database, await buy(portal.database, await fill(portal.database)))
    owed = await fill(portal.database, 4711, "connect")
    await buy(portal.database, owed)
    await come_in(portal, browser, role)
    page = await browser.get("/admin")
    amount = formats.money(owed.total.gross, "de").replace("\xa0", " ")
    assert f"{amount} offene Beträge 1 offene Bestellungen" in page.words.replace("\xa0", " ")
    assert "CloudMatic Complete 1 0" in page.words
    assert 'class="bar running" x="0.00%" y="1" width="100.00%"' in page.text
    assert ("Einnahmen" in page.words) is sees
    assert page.words.count("11/2026") == (3 if sees else 2)
