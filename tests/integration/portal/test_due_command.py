"""The operator's view of the calendar: what is due, what will be, what was set aside."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from cloudmatic_portal.cli import _parser, edge, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.services import reminders
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import due_actions
from tests.integration.portal.passing_days import CUSTOMER, PassingDays
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.test_cli import WORDS, environment
from tests.integration.portal.world import TODAY, all_rows

Command = Callable[..., Awaitable[str]]


@pytest.fixture
def command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `due` within this process and return what it printed. Raises CommandRefused."""

    async def run_here(*words: str) -> str:
        await operator.run(_parser().parse_args(("due", *words)), settings)
        return capsys.readouterr().out

    return run_here


@pytest.fixture
async def days(database: Database, monkeypatch: pytest.MonkeyPatch) -> PassingDays:
    """A customer with a package for a month, and the command's clock goes with the days."""
    await add_accounts(database, CUSTOMER)
    passing = PassingDays(database, TODAY)
    await passing.book_and_pay("complete", 1)
    monkeypatch.setattr(edge, "clock", lambda: passing.now)
    return passing


@pytest.fixture
async def failed(days: PassingDays, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the reminders that failed until they were set aside, the latest first."""

    async def poisoned(*_: Any) -> Any:
        raise RuntimeError("nobody is to read this")

    with monkeypatch.context() as for_a_while:
        for_a_while.setattr(reminders, "remind", poisoned)
        await days.until(days.today + timedelta(days=33))
    return [row.id for row in await rows(days.database, "failed") if row.account_id == CUSTOMER]


async def rows(database: Database, state: str) -> list[Any]:
    query = select(due_actions).where(due_actions.c.state == state)
    async with database.reading() as connection:
        ordered = query.order_by(due_actions.c.settled_at.desc(), due_actions.c.id.desc())
        return list(await connection.execute(ordered))


async def kinds(database: Database) -> list[str]:
    return [row.kind for row in await rows(database, "dropped")]


async def test_what_was_set_aside_is_listed_with_its_account_kind_and_error(
    days: PassingDays, command: Command, failed: list[int]
) -> None:
    assert await days.planned("failed") == ["reminder_early", "reminder_last"]
    listed = (await command("--failed")).splitlines()
    mine = [line for line in listed if f"  {CUSTOMER}  " in line]
    assert [int(line.split()[0]) for line in mine] == failed
    assert "  reminder_last  RuntimeError  reminder_last:900:2026-12-22  4 attempts" in mine[0]
    assert "nobody is to read this" not in str(listed)
    assert len((await command("--failed", "--most", "1")).splitlines()) == 1


async def test_nothing_was_set_aside(days: PassingDays, command: Command) -> None:
    assert days
    assert await command("--failed") == "nothing was set aside\n"


async def test_what_was_set_aside_is_tried_again_at_the_operators_word(
    days: PassingDays, command: Command, failed: list[int]
) -> None:
    days.today = TODAY + timedelta(days=29)
    said = await command("--retry", str(failed[0]))
    assert said == f"action {failed[0]} (reminder_last of account {CUSTOMER}) is due now\n"
    assert "reminded of 2026-12-22" in await command()
    assert [on for on, _ in await days.reminded()] == [days.today]
    assert str(failed[0]) not in [
        line.split()[0] for line in (await command("--failed")).splitlines()
    ]


async def test_tried_again_too_late_it_is_dropped_like_any_other(
    days: PassingDays, command: Command, failed: list[int]
) -> None:
    await command("--retry", str(failed[0]))
    assert "dropped: 2026-12-22 has passed" in await command()
    assert await days.reminded() == []


async def test_an_action_that_fails_again_gets_all_its_attempts_again(
    days: PassingDays, command: Command, failed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def poisoned(*_: Any) -> Any:
        raise LookupError

    monkeypatch.setattr(reminders, "remind", poisoned)
    await command("--retry", str(failed[0]))
    assert "waiting: LookupError" in await command()
    [again] = [row for row in await rows(days.database, "waiting") if row.id == failed[0]]
    assert (again.attempts, again.settled_at) == (1, None)


async def test_only_what_was_set_aside_is_tried_again(days: PassingDays, command: Command) -> None:
    await days.until(TODAY + timedelta(days=30))
    done = [row.id for row in await rows(days.database, "done") if row.account_id == CUSTOMER]
    [dropped, *_] = await rows(days.database, "dropped")
    await days.book("connect", 1)
    [waiting, *_] = await rows(days.database, "waiting")
    before = await all_rows(days.database)
    for number, reason in (
        (done[0], f"action cannot: {done[0]}: it is done"),
        (dropped.id, f"action cannot: {dropped.id}: it is dropped"),
        (waiting.id, f"action cannot: {waiting.id}: it waits for its time"),
        (999_999, "action unknown: 999999"),
    ):
        with pytest.raises(CommandRefused, match=reason):
            await command("--retry", str(number))
    with pytest.raises(CommandRefused, match="goes with --on only"):
        await command("--retry", str(done[0]), "--dry-run")
    assert await all_rows(days.database) == before


async def test_what_will_be_is_told_and_nothing_changes(
    days: PassingDays, command: Command
) -> None:
    # What is done once a day, whatever is due.
    await command()
    before = await all_rows(days.database)
    with pytest.raises(CommandRefused, match="is still to come: add --dry-run"):
        await command("--on", "2026-12-22")
    told = await command("--on", "2026-12-22", "--dry-run")
    assert f"{CUSTOMER}  reminder_last  done: reminded of 2026-12-22" in told
    assert (await command()).startswith("nothing is due\n")
    assert await all_rows(days.database) == before


async def test_a_worker_does_what_is_due_until_it_is_stopped(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with database.writing() as connection:
        mine = update(due_actions).where(due_actions.c.kind == "reminder_last")
        today = berlin_day(edge.clock())
        await connection.execute(mine.values(due_at=edge.clock(), day=today - timedelta(days=1)))
    process = await asyncio.create_subprocess_exec(
        *WORDS, "worker", env=environment(tmp_path, database_url), stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"READY\n"
    async with asyncio.timeout(10):
        while "reminder_last" not in await kinds(database):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0
    # What the settings lack is said, and nothing else.
    assert all(line.startswith(b"WARNING cloudmatic_portal") for line in errors.splitlines())
