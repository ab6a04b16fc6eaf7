"""A subscription goes on until its customer says otherwise; nobody's money is pulled."""

from __future__ import annotations

from datetime import date

import pytest

from cloudmatic_portal.domain.calendar import add_months
from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.services import orders, subscriptions
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.passing_days import BEGIN, CUSTOMER, DAY, END, PassingDays
from tests.integration.portal.purchases import add_accounts


@pytest.fixture
async def days(database: Database) -> PassingDays:
    await add_accounts(database, CUSTOMER)
    return PassingDays(database, BEGIN)


async def test_a_subscription_is_ordered_anew_at_each_end_on_its_anchors_calendar(
    days: PassingDays,
) -> None:
    await days.subscribe()
    for number in range(1, 5):
        await days.until(add_months(BEGIN, number) - DAY)
        assert len(await days.renewals()) == number
        await days.pay((await days.renewals())[-1])
    await days.until(days.today + 3 * DAY)
    assert [first for first, _ in await days.access()] == [
        add_months(BEGIN, number) for number in range(5)
    ]
    ends = [last for _, last in await days.access()]
    assert ends == [add_months(BEGIN, number) - DAY for number in range(1, 6)]
    assert await days.told("reminder", "payment_note") == []
    assert len(await days.told("order_renewed")) == 4


async def test_paid_within_the_days_of_grace_there_is_no_gap_and_nothing_given_away(
    days: PassingDays,
) -> None:
    await days.subscribe()
    await days.until(END + 6 * DAY)
    assert await days.access() == [(BEGIN, END), (END + DAY, END + 7 * DAY)]
    await days.pay((await days.renewals())[0])
    assert await days.access() == [(BEGIN, END), (END + DAY, date(2027, 3, 30))]


async def test_who_does_not_pay_gets_two_notes_and_loses_access_after_the_grace(
    days: PassingDays,
) -> None:
    await days.subscribe()
    await days.until(END + 200 * DAY)
    notes = await days.told("payment_note")
    assert [each.on for each in notes] == [END + 4 * DAY, END + 11 * DAY]
    assert [each.facts["access_ends"] for each in notes] == ["2027-03-07", None]
    assert await days.access() == [(BEGIN, END), (END + DAY, END + 7 * DAY)]
    assert len(await days.renewals()) == 1
    assert await days.told("reminder") == []


async def test_paid_much_later_access_begins_at_once_and_the_calendar_with_it(
    days: PassingDays,
) -> None:
    await days.subscribe()
    await days.until(date(2027, 5, 10))
    await days.pay((await days.renewals())[0])
    assert (await days.access())[-1] == (date(2027, 5, 10), date(2027, 6, 9))
    await days.until(date(2027, 6, 9))
    await days.pay((await days.renewals())[1])
    assert (await days.access())[-1] == (date(2027, 6, 10), date(2027, 7, 9))


async def test_a_payment_stops_the_notes(days: PassingDays) -> None:
    await days.subscribe()
    await days.until(END + 5 * DAY)
    await days.pay((await days.renewals())[0])
    await days.until(END + 20 * DAY)
    [note] = await days.told("payment_note")
    assert note.state == "failed"  # It had not left before the payment came.


async def test_a_standing_order_that_names_the_first_order_pays_the_next_ones(
    days: PassingDays,
) -> None:
    first = await days.book_and_pay("complete", 1, "subscription", "standing_order")
    await days.until(END + 2 * DAY)
    await days.pay(first)
    assert [each.state for each in await days.ordered()] == ["active", "active"]
    assert (await days.access())[-1] == (END + DAY, date(2027, 3, 30))
    with pytest.raises(PaymentBookedBefore):
        await days.pay(first)


async def test_a_cancelled_subscription_ends_with_what_is_paid_and_is_reminded_of(
    days: PassingDays,
) -> None:
    mine = await days.subscribe()
    await days.until(BEGIN + 3 * DAY)
    await subscriptions.cancel(days.database, CUSTOMER, mine, days.now)
    await days.until(END + 40 * DAY)
    assert await days.access() == [(BEGIN, END)]
    assert await days.renewals() == []
    assert [on for on, _ in await days.reminded()] == [END - 5 * DAY, END]


async def test_cancelled_while_its_payment_is_waited_for_nothing_is_to_be_paid(
    days: PassingDays,
) -> None:
    mine = await days.subscribe()
    await days.until(END + 3 * DAY)
    await subscriptions.cancel(days.database, CUSTOMER, mine, days.now)
    await days.until(END + 40 * DAY)
    assert [each.state for each in await days.ordered()] == ["active", "cancelled"]
    assert await days.access() == [(BEGIN, END), (END + DAY, END + 3 * DAY)]
    assert await days.told("payment_note") == []


async def test_cancelling_the_order_of_a_subscription_ends_it(days: PassingDays) -> None:
    await days.subscribe()
    await days.until(END)
    [renewal] = await days.renewals()
    await orders.cancel(days.database, CUSTOMER, renewal, days.now)
    await days.until(END + 40 * DAY)
    assert await days.access() == [(BEGIN, END)]
    assert await subscriptions.of_account(days.database, CUSTOMER) == ()


async def test_a_paused_subscription_orders_nothing_until_it_is_resumed(days: PassingDays) -> None:
    mine = await days.subscribe()
    await days.until(BEGIN + 3 * DAY)
    await subscriptions.pause(days.database, CUSTOMER, mine, days.now)
    await days.until(date(2027, 4, 19))
    assert await days.access() == [(BEGIN, END)]
    assert [on for on, _ in await days.reminded()] == [END - 5 * DAY, END]
    await subscriptions.resume(days.database, CUSTOMER, mine, days.now)
    await days.work()
    await days.pay((await days.renewals())[0])
    assert (await days.access())[-1] == (date(2027, 4, 19), date(2027, 5, 18))


async def test_resumed_before_the_end_it_goes_on_as_if_nothing_had_been(days: PassingDays) -> None:
    mine = await days.subscribe()
    await subscriptions.pause(days.database, CUSTOMER, mine, days.now)
    await days.until(BEGIN + 5 * DAY)
    await subscriptions.resume(days.database, CUSTOMER, mine, days.now)
    await days.until(END)
    assert len(await days.renewals()) == 1


async def test_another_package_and_term_hold_from_the_next_period_on(days: PassingDays) -> None:
    mine = await days.subscribe()
    await subscriptions.change(days.database, CUSTOMER, mine, "connect", 12, days.now)
    await days.until(END)
    await days.pay((await days.renewals())[0])
    assert (await days.access())[-1] == (END + DAY, date(2028, 2, 29))
    [standing] = await subscriptions.of_account(days.database, CUSTOMER)
    assert (standing.subscription.plan.product, standing.subscription.plan.months) == (
        "connect",
        12,
    )
    [told] = await days.told("order_renewed")
    assert "Connect" in told.facts["lines"][0]["name"]


async def test_what_was_booked_beside_a_subscription_comes_first_and_it_goes_on_after(
    days: PassingDays,
) -> None:
    await days.subscribe()
    await days.book_and_pay("connect", 1)
    await days.until(END + 10 * DAY)
    assert await days.renewals() == []
    await days.until(date(2027, 3, 31))
    assert len(await days.renewals()) == 1
    assert (await days.access())[-1] == (date(2027, 4, 1), date(2027, 4, 7))
