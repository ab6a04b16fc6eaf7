"""What PayPal told and nobody could book: the operator is told, looks at it, and settles it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cloudmatic_portal.cli import _parser, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import Event
from cloudmatic_portal.services import checkup
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import paypal_event as stored_event
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.world import NOW, all_rows


def went_back(number: int, parent: str | None = None) -> Event:
    return Event(
        event_id=f"WH-{number}",
        event_type="PAYMENT.CAPTURE.REVERSED",
        kind="taken_back",
        subject=f"1R{number}",
        parent=parent,
        amount=Money(600),
        day=date(2026, 11, 23),
    )


@pytest.fixture
async def told(database: Database) -> None:
    """One event is unclear, one waits for a payment, one was not for us."""
    await events.receive(database, went_back(1), NOW)
    await events.receive(database, went_back(2, "3C1"), NOW)
    ignored = Event(event_id="WH-3", event_type="CUSTOMER.DISPUTE.CREATED", kind="other")
    await events.receive(database, ignored, NOW)


async def verdict(database: Database, days: int = 0) -> tuple[str, str]:
    found = await checkup.paypal_events(database, NOW + timedelta(days=days))
    return found.verdict, found.what


@pytest.mark.usefixtures("told")
async def test_the_check_says_that_something_could_not_be_booked(database: Database) -> None:
    assert await verdict(database) == ("doubtful", "1 could not be booked")
    assert await verdict(database, days=3) == ("doubtful", "1 could not be booked")
    # Its payment would have been told of by now.
    assert await verdict(database, days=5) == ("doubtful", "2 could not be booked")
    for number in (1, 2):
        await events.settle(database, f"WH-{number}", "looked at")
    assert await verdict(database, days=5) == ("good", "nothing waits for you")


@pytest.mark.usefixtures("told")
async def test_the_operator_looks_at_events_and_settles_them(
    database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def command(*words: str) -> str:
        await operator.run(_parser().parse_args(words), settings)
        return capsys.readouterr().out

    [unclear] = (await command("paypal-events", "--state", "unclear")).splitlines()
    assert unclear.startswith("WH-1  23.11.2026")
    for fact in ("PAYMENT.CAPTURE.REVERSED", "1R1", "6,00", "on 2026-11-23", "of what"):
        assert fact in unclear
    assert "1R2 of 3C1" in await command("paypal-events", "--state", "waiting")
    assert len((await command("paypal-events")).splitlines()) == 3
    before = await all_rows(database)
    settled = await command("paypal-event", "settle", "WH-1", "--note", "booked by hand")
    assert settled == "settled\n"
    assert await command("paypal-events", "--state", "unclear") == "no events\n"
    [done] = (await command("paypal-events", "--state", "done")).splitlines()
    assert done.endswith("it does not say of what; booked by hand")
    after = await all_rows(database)
    assert {table for table in after if after[table] != before[table]} == {"paypal_events"}


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("event", ["WH-3", "WH-4"])
async def test_what_needs_no_decision_cannot_be_settled(
    database: Database, settings: Settings, event: str
) -> None:
    before = await all_rows(database)
    words = ("paypal-event", "settle", event, "--note", "mine")
    with pytest.raises(CommandRefused):
        await operator.run(_parser().parse_args(words), settings)
    assert await all_rows(database) == before


@pytest.mark.usefixtures("told")
async def test_a_settled_event_goes_with_the_others_when_its_time_is_over(
    database: Database,
) -> None:
    await events.settle(database, "WH-2", "x" * 500)
    async with database.writing() as connection:
        await stored_event.forget_old(connection, NOW + timedelta(days=1))
    left = await events.search(database, state=None, most=10)
    assert [each.event.event_id for each in left] == ["WH-1"]
