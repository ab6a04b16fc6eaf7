"""A package is a promise about dates: reminders, expiry, and who does what is due."""

from __future__ import annotations

import asyncio
import secrets
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cloudmatic_portal.domain.calendar import add_months, berlin_day
from cloudmatic_portal.services import reminders
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import due_actions, mails
from cloudmatic_portal.storage.tables import subscriptions as subscription_rows
from tests.integration.portal.passing_days import BEGIN, CUSTOMER, DAY, END, HOUSE, PassingDays
from tests.integration.portal.purchases import add_accounts


@pytest.fixture
async def days(database: Database) -> PassingDays:
    await add_accounts(database, CUSTOMER)
    return PassingDays(database, BEGIN)


# Single booking


async def test_the_end_is_reminded_of_five_days_before_and_on_the_last_day(
    days: PassingDays,
) -> None:
    await days.book_and_pay("complete", 1)
    await days.until(END + 40 * DAY)
    assert await days.reminded() == [(END - 5 * DAY, "2027-02-28"), (END, "2027-02-28")]
    assert await days.access() == [(BEGIN, END)]


async def test_whoever_has_booked_on_is_reminded_of_the_later_end_only(days: PassingDays) -> None:
    await days.book_and_pay("complete", 1)
    await days.until(END - 6 * DAY)
    await days.book_and_pay("connect", 1)
    await days.until(END + 60 * DAY)
    assert [each for _, each in await days.reminded()] == ["2027-03-31", "2027-03-31"]
    assert await days.access() == [(BEGIN, END), (END + DAY, date(2027, 3, 31))]


async def test_a_booking_between_the_two_reminders_stops_the_second_one(days: PassingDays) -> None:
    await days.book_and_pay("complete", 1)
    await days.until(END - 2 * DAY)
    await days.book_and_pay("complete", 1)
    await days.until(END + DAY)
    assert await days.reminded() == [(END - 5 * DAY, "2027-02-28")]


async def test_a_reminder_that_has_not_left_when_the_customer_pays_never_does(
    days: PassingDays,
) -> None:
    await days.book_and_pay("complete", 1)
    await days.until(END - 5 * DAY)
    await days.book_and_pay("complete", 1)
    [mail] = await days.told("reminder")
    assert mail.state == "failed"
    assert "token" not in mail.facts


async def test_nobody_is_reminded_of_what_has_passed(days: PassingDays) -> None:
    await days.book_and_pay("complete", 1)
    days.sleep_until(END + DAY)
    await days.work()
    assert await days.reminded() == []
    dropped = await days.planned("dropped")
    assert [each for each in dropped if each != "order_expiry"] == [
        "reminder_early",
        "reminder_last",
    ]


async def test_who_was_not_told_in_time_is_told_once_on_the_last_day(days: PassingDays) -> None:
    await days.book_and_pay("complete", 1)
    days.sleep_until(END)
    await days.work()
    assert await days.reminded() == [(END, "2027-02-28")]


async def test_a_late_early_reminder_still_comes_before_the_end(days: PassingDays) -> None:
    await days.book_and_pay("complete", 1)
    days.sleep_until(END - 2 * DAY)
    await days.until(END + DAY)
    assert await days.reminded() == [(END - 2 * DAY, "2027-02-28"), (END, "2027-02-28")]


async def test_an_order_that_nobody_pays_expires_and_stays_payable(days: PassingDays) -> None:
    reference = await days.book("complete", 1)
    await days.until(BEGIN + 14 * DAY)
    assert [each.state for each in await days.ordered()] == ["open"]
    await days.until(BEGIN + 15 * DAY)
    assert [each.state for each in await days.ordered()] == ["expired"]
    await days.pay(reference)
    assert await days.access() == [(BEGIN + 15 * DAY, date(2027, 3, 14))]


# The worker


async def test_a_poison_row_is_set_aside_and_the_rest_goes_on(
    days: PassingDays, monkeypatch: pytest.MonkeyPatch
) -> None:
    await days.book_and_pay("complete", 1)
    await add_accounts(days.database, CUSTOMER + 1)
    await days.book_and_pay("complete", 1, account=CUSTOMER + 1)
    remind = reminders.remind

    async def poisoned(connection: Any, due: Any, *rest: Any) -> Any:
        if due.account_id == CUSTOMER:
            raise RuntimeError("nobody can read this row")
        return await remind(connection, due, *rest)

    monkeypatch.setattr(reminders, "remind", poisoned)
    await days.until(END + DAY)
    assert await days.reminded() == []
    assert await days.planned("failed") + await days.planned("waiting") == [
        "reminder_early",
        "reminder_last",
    ]
    assert len(await days.reminded(CUSTOMER + 1)) == 2
    async with days.database.reading() as connection:
        row = (await connection.execute(select(due_actions).where(_failed()))).first()
    assert row is not None
    assert (row.why, row.attempts) == ("RuntimeError", 4)


def _failed() -> Any:
    return due_actions.c.state == "failed"


async def test_a_subscription_that_was_forgotten_for_months_is_ordered_once_from_today(
    days: PassingDays,
) -> None:
    await days.subscribe()
    days.sleep_until(date(2027, 9, 13))
    await days.work()
    assert len(await days.renewals()) == 1
    assert (await days.access())[-1] == (date(2027, 9, 13), date(2027, 9, 19))
    await days.until(date(2027, 9, 30))
    assert [each.on for each in await days.told("payment_note")] == [
        date(2027, 9, 16),
        date(2027, 9, 23),
    ]


async def test_a_subscription_that_was_forgotten_follows_what_was_bought_meanwhile(
    days: PassingDays,
) -> None:
    await days.subscribe()
    days.sleep_until(date(2027, 8, 1))
    await days.book_and_pay("complete", 12)
    days.sleep_until(date(2027, 9, 13))
    await days.work()
    assert await days.renewals() == []
    await days.until(date(2028, 8, 1))
    assert len(await days.renewals()) == 1
    assert (await days.access())[-2:] == [
        (date(2027, 8, 1), date(2028, 7, 31)),
        (date(2028, 8, 1), date(2028, 8, 7)),
    ]


async def test_a_few_days_late_the_calendar_stays_and_the_grace_is_not_shorter(
    days: PassingDays,
) -> None:
    await days.subscribe()
    days.sleep_until(END + 5 * DAY)
    await days.work()
    assert (await days.access())[-1] == (END + DAY, END + 11 * DAY)
    await days.pay((await days.renewals())[0])
    assert (await days.access())[-1] == (END + DAY, date(2027, 3, 30))


async def test_workers_that_race_do_everything_once(days: PassingDays) -> None:
    accounts = range(1000, 1020)
    await add_accounts(days.database, *accounts)
    for number in accounts:
        await days.book_and_pay("complete", 1, "subscription", account=number)
    await days.until(END - 6 * DAY)
    days.sleep_until(END)

    async def race() -> int:
        worker, count = Worker(HOUSE, secrets.token_bytes), 0
        while await stored_any_due(days):
            count += await worker.work(days.database, days.now) is not None
        return count

    counts = await asyncio.gather(race(), race(), race())
    assert sum(counts) == 20 * 3  # Two reminders that are dropped, and the renewal.
    async with days.database.reading() as connection:
        renewed = select(func.count()).where(mails.c.kind == "order_renewed")
        assert (await connection.execute(renewed)).scalar_one() == 20


async def stored_any_due(days: PassingDays) -> bool:
    async with days.database.reading() as connection:
        return await stored_due.any_due(connection, days.now, days.worker.leaves)


@pytest.mark.fault("clock", "set back by an hour, a day or a month, it doubles nothing")
@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=31)])
async def test_a_clock_that_is_set_back_doubles_nothing(days: PassingDays, back: timedelta) -> None:
    await days.subscribe()
    await days.until(days.today + timedelta(days=33))
    kinds = ("order_renewed", "order_confirmation", "order_active", "reminder")
    told, bought = await days.told(*kinds), await days.ordered()
    assert len(bought) == 2
    now = days.now
    for moment in (now - back, now - back / 2, now):
        while await days.worker.work(days.database, moment) is not None:
            pass
    assert await days.told(*kinds) == told
    assert await days.ordered() == bought


@pytest.mark.fault("clock", "days of 23 and 25 hours have each reminder once, on its day")
@pytest.mark.parametrize("change", [date(2028, 3, 26), date(2028, 10, 29)], ids=["23 h", "25 h"])
async def test_a_day_with_an_hour_more_or_less_is_one_day(days: PassingDays, change: date) -> None:
    days.today = add_months(change, -12) + DAY
    await days.book_and_pay(months=12)
    await days.until(change - 5 * DAY)
    days.today = change - DAY
    moment = days.now
    while berlin_day(moment) <= change + DAY:
        while await days.worker.work(days.database, moment) is not None:
            pass
        moment += timedelta(minutes=30)
    assert [on for on, _ in await days.reminded()] == [change - 5 * DAY, change]


async def test_what_will_be_due_is_told_and_nothing_changes(days: PassingDays) -> None:
    mine = await days.subscribe()
    before = await days.planned()
    async with days.database.writing() as connection:
        told = [
            (each.due.kind, each.outcome.state)
            async for each in days.worker.foresee(
                connection, days.now + timedelta(days=29), days.now
            )
            if each.due.account_id == CUSTOMER and each.due.kind != "order_expiry"
        ]
        await connection.rollback()
    assert told == [
        ("reminder_early", "dropped"),
        ("renewal", "done"),
        ("reminder_last", "dropped"),
    ]
    assert await days.planned() == before
    assert await days.renewals() == []
    assert mine


async def test_a_renewal_is_ordered_once_even_if_it_is_planned_twice(days: PassingDays) -> None:
    mine = await days.subscribe()
    await days.until(END)
    async with days.database.writing() as connection:
        again = update(due_actions).where(due_actions.c.kind == "renewal")
        await connection.execute(again.values(state="waiting", settled_at=None))
        await connection.execute(
            update(subscription_rows).where(subscription_rows.c.id == mine).values(state="active")
        )
    await days.work()
    assert len(await days.renewals()) == 1
