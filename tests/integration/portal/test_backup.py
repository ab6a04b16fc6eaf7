"""A copy of the SQLite database while it is used, and back again."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from cloudmatic_portal.storage import backup
from cloudmatic_portal.storage.backup import BackupUnusable
from tests.integration.portal.commands import run
from tests.integration.portal.conftest import Templates
from tests.integration.portal.test_cli import environment, serving


@pytest.fixture
def folder(templates: Templates, tmp_path: Path) -> Path:
    (tmp_path / "portal.db").write_bytes((templates.folder / "seeded.db").read_bytes())
    return tmp_path


def accounts(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as opened:
        return [row[0] for row in opened.execute("SELECT user_name FROM accounts ORDER BY id")]


def rename(file: Path, name: str) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("UPDATE accounts SET user_name = ? WHERE id = 4711", (name,))


def kept_in(folder: Path) -> list[Path]:
    return list(folder.glob("portal.db.before-*"))


def quiet(_: int, __: int) -> None:
    """No progress."""


async def test_what_was_there_at_the_backup_is_there_again(folder: Path) -> None:
    settings = environment(folder)
    database, copy = folder / "portal.db", folder / "copy.db"
    code, output, errors = await run(settings, "backup", str(copy))
    assert (code, errors) == (0, "")
    assert "whole" in output
    assert copy.stat().st_mode & 0o777 == 0o600
    rename(database, "changed")
    code, output, errors = await run(settings, "restore", str(copy))
    assert (code, errors) == (0, "")
    assert accounts(database) == ["maxmuster", "erikamuster"]
    (kept,) = kept_in(folder)
    assert accounts(kept) == ["changed", "erikamuster"]


async def test_a_backup_never_overwrites_anything(folder: Path) -> None:
    copy = folder / "copy.db"
    copy.write_text("something else")
    code, _, errors = await run(environment(folder), "backup", str(copy))
    assert code == 1
    assert "there is a file of that name" in errors
    assert copy.read_text() == "something else"


async def test_while_the_portal_runs_nothing_is_restored(folder: Path) -> None:
    settings = environment(folder)
    assert (await run(settings, "backup", str(folder / "copy.db")))[0] == 0
    async with serving(settings, "--port", "0") as (process, address):
        before = (folder / "portal.db").read_bytes()
        status, _, errors = await run(settings, "restore", str(folder / "copy.db"))
        assert (status, "is in use: stop the portal" in errors) == (1, True)
        assert (folder / "portal.db").read_bytes() == before
        assert kept_in(folder) == []
        async with aiohttp.ClientSession() as session, session.get(f"{address}/readyz") as ready:
            assert ready.status == 200
        process.terminate()
        await process.wait()
    assert (await run(settings, "restore", str(folder / "copy.db")))[0] == 0


@pytest.mark.fault("damaged file", "a damaged backup is not restored")
async def test_a_damaged_copy_is_not_restored(folder: Path) -> None:
    copy = folder / "copy.db"
    backup.copy(folder / "portal.db", copy, quiet)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    copy.write_bytes(content)
    code, _, errors = await run(environment(folder), "restore", str(copy))
    assert code == 1
    assert "it is damaged" in errors or "it is no database" in errors
    assert accounts(folder / "portal.db") == ["maxmuster", "erikamuster"]
    assert kept_in(folder) == []


async def test_a_copy_of_a_newer_version_is_not_restored(folder: Path) -> None:
    copy = folder / "copy.db"
    backup.copy(folder / "portal.db", copy, quiet)
    with closing(sqlite3.connect(copy)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    code, _, errors = await run(environment(folder), "restore", str(copy))
    assert code == 1
    assert "it has revision 9999" in errors


async def test_a_copy_that_is_not_there_makes_no_empty_database(folder: Path) -> None:
    code, _, errors = await run(environment(folder), "restore", str(folder / "mistyped.db"))
    assert code == 1
    assert "there is no such file" in errors
    assert not (folder / "mistyped.db").exists()


def test_anything_but_a_database_of_the_portal_is_told(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"")
    with pytest.raises(BackupUnusable, match="no database of the portal"):
        backup.revision_of(other)


@pytest.mark.fault("database busy", "a backup under load is one moment of the database")
async def test_a_backup_under_load_is_one_moment(folder: Path) -> None:
    """Two rows that are always changed together are never seen apart."""
    database = folder / "portal.db"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
    done = threading.Event()

    def change() -> None:
        number = 0
        with closing(sqlite3.connect(database, timeout=30)) as opened:
            while not done.is_set():
                number += 1
                with opened:
                    opened.execute(
                        "UPDATE accounts SET user_name = 'n' || ? || '-' || id", (number,)
                    )

    def both(database: Path) -> set[str]:
        return {name.partition("-")[0] for name in accounts(database)}

    changing = asyncio.create_task(asyncio.to_thread(change))
    while len(both(database)) == 2:  # noqa: ASYNC110 - until it has begun
        await asyncio.sleep(0.01)
    try:
        for number in range(10):
            copy = folder / f"copy{number}.db"
            await asyncio.to_thread(backup.copy, database, copy, quiet)
            assert len(both(copy)) == 1
    finally:
        done.set()
        await changing


async def test_postgresql_is_left_to_its_own_means(tmp_path: Path) -> None:
    settings = environment(tmp_path, "postgresql://nobody@localhost/nothing")
    code, _, errors = await run(settings, "backup", str(tmp_path / "copy.db"))
    assert code == 1
    assert "pg_dump" in errors
