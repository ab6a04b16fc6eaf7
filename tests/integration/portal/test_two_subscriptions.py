"""Two subscriptions of one account take turns: whose own period ended first is the first."""

from __future__ import annotations

from datetime import date

import pytest

from cloudmatic_portal.services import orders, subscriptions
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.passing_days import CUSTOMER, DAY, PassingDays
from tests.integration.portal.purchases import add_accounts

BEGIN, MARCH, APRIL, MAY = (date(2027, month, 1) for month in (2, 3, 4, 5))


@pytest.fixture
async def days(database: Database) -> PassingDays:
    """A customer who subscribes to Complete, which runs in February, and Connect: in March."""
    await add_accounts(database, CUSTOMER)
    passing = PassingDays(database, BEGIN)
    for product in ("complete", "connect"):
        await passing.book_and_pay(product, 1, "subscription")
    return passing


async def renewed(days: PassingDays) -> list[tuple[date, str]]:
    """On which days which package was ordered by a subscription."""
    return [
        (each.on, each.facts["lines"][0]["name"].rpartition(" ")[2])
        for each in await days.told("order_renewed")
    ]


async def test_they_take_turns_for_as_long_as_they_are_paid(days: PassingDays) -> None:
    for month in range(3, 9):
        await days.until(date(2027, month + 1, 1) - 2 * DAY)
        assert len(await days.renewals()) == month - 3
        await days.until(date(2027, month + 1, 1) - DAY)
        await days.pay((await days.renewals())[-1])
    assert [name for _, name in await renewed(days)] == ["Complete", "Connect"] * 3
    assert [first for first, _ in await days.access()] == [
        date(2027, month, 1) for month in range(2, 10)
    ]
    assert await days.told("reminder", "payment_note") == []


async def test_the_other_one_does_not_wait_for_a_payment_that_does_not_come(
    days: PassingDays,
) -> None:
    await days.until(APRIL + 60 * DAY)
    assert await renewed(days) == [
        (APRIL - DAY, "Complete"),
        (APRIL + 6 * DAY, "Connect"),
    ]
    assert (await days.access())[2:] == [
        (APRIL, APRIL + 6 * DAY),
        (APRIL + 7 * DAY, APRIL + 13 * DAY),
    ]
    assert [row.state for row in await days.ordered()] == ["active", "active", "open", "open"]


async def test_whichever_is_paid_the_other_one_follows_it(days: PassingDays) -> None:
    await days.until(APRIL + 10 * DAY)
    complete, connect = await days.renewals()
    await days.pay(connect)
    await days.pay(complete)
    assert (await days.access())[3:] == [
        (APRIL + 7 * DAY, MAY + 6 * DAY),
        (MAY + 7 * DAY, date(2027, 6, 7)),
    ]
    await days.until(date(2027, 6, 7))
    assert (await renewed(days))[2:] == [(date(2027, 6, 7), "Connect")]


async def test_three_take_turns_too_and_none_is_left_out(days: PassingDays) -> None:
    await days.book_and_pay("smarthome", 1, "subscription")
    for month in range(5, 14):
        day = date(2027 + (month - 1) // 12, (month - 1) % 12 + 1, 1) - DAY
        await days.until(day)
        await days.pay((await days.renewals())[-1])
    assert [name for _, name in await renewed(days)] == ["Complete", "Connect", "SmartHome"] * 3


async def test_a_resumed_one_whose_period_is_long_over_is_the_next(days: PassingDays) -> None:
    complete, connect = (
        each.subscription.subscription_id
        for each in await subscriptions.of_account(days.database, CUSTOMER)
    )
    await subscriptions.pause(days.database, CUSTOMER, complete, days.now)
    await days.until(APRIL - DAY)
    await days.pay((await days.renewals())[-1])
    await days.until(APRIL + 5 * DAY)
    await subscriptions.resume(days.database, CUSTOMER, complete, days.now)
    await days.until(MAY - DAY)
    assert [name for _, name in await renewed(days)] == ["Connect", "Complete"]
    assert complete < connect


async def test_whoever_cancels_the_one_that_waits_for_its_payment_keeps_the_other_without_a_gap(
    days: PassingDays,
) -> None:
    await days.until(APRIL + 2 * DAY)
    [complete, _] = await subscriptions.of_account(days.database, CUSTOMER)
    mine = complete.subscription.subscription_id
    await subscriptions.cancel(days.database, CUSTOMER, mine, days.now)
    await days.until(APRIL + 30 * DAY)
    assert (await days.access())[2:] == [
        (APRIL, APRIL + 2 * DAY),
        (APRIL + 3 * DAY, APRIL + 9 * DAY),
    ]
    assert (await renewed(days))[1:] == [(APRIL + 2 * DAY, "Connect")]


async def test_whoever_gives_the_one_that_runs_back_keeps_the_other_without_a_gap(
    days: PassingDays,
) -> None:
    await days.until(APRIL - DAY)
    [renewal] = await days.renewals()
    await days.pay(renewal)
    await days.until(APRIL + 9 * DAY)
    await orders.refund(days.database, renewal, days.now)
    await days.until(APRIL + 30 * DAY)
    # What was given back is balance, which pays the other one's period.
    assert (await days.access())[2:] == [
        (APRIL, APRIL + 9 * DAY),
        (APRIL + 10 * DAY, MAY + 9 * DAY),
    ]
    assert (await renewed(days))[1:] == [(APRIL + 9 * DAY, "Connect")]


async def test_what_is_bought_already_comes_first_when_the_one_that_runs_is_given_back(
    days: PassingDays,
) -> None:
    await days.until(APRIL - DAY)
    [renewal] = await days.renewals()
    await days.pay(renewal)
    await days.book_and_pay("smarthome", 1)
    await days.until(APRIL + 9 * DAY)
    await orders.refund(days.database, renewal, days.now)
    await days.until(MAY + 29 * DAY)
    assert len(await days.renewals()) == 1
    await days.until(MAY + 30 * DAY)
    assert len(await days.renewals()) == 2


async def test_neither_has_more_than_one_order_to_pay_however_long_nobody_does(
    days: PassingDays,
) -> None:
    await days.until(date(2028, 2, 1))
    assert len(await days.renewals()) == 2
