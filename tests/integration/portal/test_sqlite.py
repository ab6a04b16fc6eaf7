"""SQLite on the event loop's thread: it waits elsewhere, and giving up waiting breaks nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from cloudmatic_portal.storage import database as module
from cloudmatic_portal.storage.database import Database, parse_url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "portal.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE notes (what TEXT)")
    return path


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(parse_url(str(file)))
    yield opened
    await opened.close()


async def write(database: Database, what: str) -> None:
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO notes VALUES (:what)"), {"what": what})


def notes(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return [what for (what,) in connection.execute("SELECT what FROM notes ORDER BY rowid")]


@pytest.mark.fault("database busy", "while another process writes, everything else goes on")
async def test_waiting_for_another_process_lets_everything_else_go_on(
    database: Database, file: Path
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(write(database, "after the other one"))
    longest = 0.0
    for _ in range(50):
        before = time.perf_counter()
        await asyncio.sleep(0.01)
        longest = max(longest, time.perf_counter() - before)
        async with database.reading() as connection:
            await connection.execute(text("SELECT * FROM notes"))
    assert not waiting.done()
    other.execute("INSERT INTO notes VALUES ('the other one')")
    other.execute("COMMIT")
    await waiting
    assert notes(file) == ["the other one", "after the other one"]
    assert longest < 0.4, "the event loop stood still"


@pytest.mark.fault("database busy", "whoever waits too long is refused, the next one served")
async def test_whoever_waits_too_long_is_refused_and_the_next_one_is_served(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT", 0.2)
    database = Database(parse_url(str(file)))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        await write(database, "too late")
    other.execute("ROLLBACK")
    await write(database, "in time")
    assert notes(file) == ["in time"]
    await database.close()


@pytest.mark.fault(
    "connection cut",
    "a request that is given up at any moment is written whole or not at all",
)
async def test_cancelled_at_any_moment_it_is_written_or_not_and_the_next_one_is_served(
    database: Database, file: Path
) -> None:
    told = []
    for number in range(120):
        writing = asyncio.create_task(write(database, f"note {number}"))
        await asyncio.sleep(number % 40 * 0.00005)
        writing.cancel()
        try:
            await writing
            told.append(f"note {number}")
        except asyncio.CancelledError:
            pass
    await write(database, "the last one")
    found = notes(file)
    assert found[-1] == "the last one"
    assert set(told) <= set(found), "what was said to be written is there"
    assert len(found) == len(set(found))


async def test_a_reader_sees_one_state_however_long_it_reads(
    database: Database, file: Path
) -> None:
    await write(database, "first")
    async with database.reading() as connection:
        query = text("SELECT count(*) FROM notes")
        before = (await connection.execute(query)).scalar_one()
        await write(database, "second")
        assert (await connection.execute(query)).scalar_one() == before
        with pytest.raises(OperationalError, match="readonly"):
            await connection.execute(text("DELETE FROM notes"))
    assert notes(file) == ["first", "second"]


async def test_whoever_is_cancelled_leaves_no_lock_behind_though_the_reason_is_kept(
    file: Path,
) -> None:
    """Two engines, as of two processes: what one leaves behind, the other would wait for."""
    one, other = (Database(parse_url(str(file))) for _ in range(2))

    async def write_slowly(database: Database) -> None:
        async with database.writing() as connection:
            for _ in range(3):
                await connection.execute(text("INSERT INTO notes VALUES ('some')"))
                await asyncio.sleep(0)

    reasons = []
    for number in range(30):
        tasks = [asyncio.create_task(write_slowly(each)) for each in (one, other) * 3]
        await asyncio.sleep(number % 10 * 0.001)
        for task in tasks[number % 2 :: 2]:
            task.cancel()
        reasons += await asyncio.gather(*tasks, return_exceptions=True)
        for each in (one, other):
            await asyncio.wait_for(write(each, "served"), 5)
    assert all(each is None or isinstance(each, asyncio.CancelledError) for each in reasons)
    await one.close()
    await other.close()
