"""The command line: from an empty folder to a portal that answers, and down again."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal.commands import run
from tests.integration.portal.world import Browser, all_rows

WORDS = (sys.executable, "-W", "error", "-m", "cloudmatic_portal")


def environment(folder: Path, database: str | None = None) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "CLOUDMATIC_PORTAL_ORIGIN": "http://localhost:8000",
        "CLOUDMATIC_PORTAL_DATABASE": database or str(folder / "portal.db"),
        "CLOUDMATIC_PORTAL_SECRET": "s" * 40,
        "CLOUDMATIC_PORTAL_PASSWORD_MEMORY_KIB": "64",
        "CLOUDMATIC_PORTAL_MAIL_FOLDER": str(folder / "mail"),
    }


class Remote:
    """A portal that is known by its address only."""

    origin = "http://localhost:8000"

    def __init__(self, address: str) -> None:
        self.address = URL(address)

    def url(self, path: str) -> URL:
        return self.address.join(URL(path))


@asynccontextmanager
async def serving(settings: dict[str, str], *words: str) -> AsyncIterator[tuple[Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *WORDS, "serve", *words, env=settings, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert line.startswith("READY ")
        yield process, line.removeprefix("READY ").strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def stop(process: Process, number: signal.Signals) -> str:
    process.send_signal(number)
    _, errors = await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0
    return errors.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_portal_comes_up_answers_and_goes_down(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with serving(environment(tmp_path), "--migrate", "--port", "0") as (process, address):
        async with aiohttp.ClientSession() as session:
            for path in ("/products", "/entry?link=SECRET"):
                async with session.get(address + path, headers={"Cookie": "a=HIDDEN"}) as response:
                    assert response.status in {200, 400}
        log = await stop(process, number)
    assert "GET /entry 400" in log
    assert "entry refused: malformed" in log
    assert "SECRET" not in log
    assert "HIDDEN" not in log


IMPATIENT = """
import os, signal, sys
from cloudmatic_portal.cli import main

class Output:
    def write(self, text):
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        if text.startswith("READY"):
            os.kill(os.getpid(), signal.SIGTERM)

    def flush(self):
        pass

sys.stdout = Output()
sys.exit(main(sys.argv[1:]))
"""
"""Whoever started it is told READY and wants it to stop, before anything else happens."""


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("worker",)])
async def test_what_is_stopped_as_soon_as_it_says_that_it_is_ready_goes_down_cleanly(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    settings = environment(tmp_path)
    assert (await run(settings, "migrate"))[0] == 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPATIENT, *words, env=settings, stdout=PIPE, stderr=PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, output[:5]) == (0, b"READY")
    # What the settings lack is said, and nothing else.
    assert all(line.startswith(b"WARNING cloudmatic_portal") for line in errors.splitlines())


async def test_what_is_not_http_is_not_repeated_in_the_log(tmp_path: Path) -> None:
    async with serving(environment(tmp_path), "--migrate", "--port", "0") as (process, address):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.split(":")[2]))
        writer.write(b"GET /entry HTTP/1.1\r\nCookie: " + b"HIDDEN" * 2000 + b"\r\n\r\n")
        assert b"400" in await reader.readline()
        writer.close()
        await writer.wait_closed()
        assert "HIDDEN" not in await stop(process, signal.SIGTERM)


async def test_a_portal_listens_on_a_unix_socket(tmp_path: Path) -> None:
    socket = tmp_path / "s"
    words = ("--migrate", "--socket", str(socket))
    async with serving(environment(tmp_path), *words) as (process, address):
        assert address == f"unix:{socket}"
        connector = aiohttp.UnixConnector(str(socket))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get("http://localhost/") as response,
        ):
            assert response.status == 200
        await stop(process, signal.SIGTERM)


async def test_several_processes_may_migrate_at_once(bare_database: str, tmp_path: Path) -> None:
    settings = environment(tmp_path, bare_database)
    done = await asyncio.gather(*(run(settings, "migrate") for _ in range(2)))
    assert [status for status, _, _ in done] == [0, 0], done


async def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    assert (await run(environment(tmp_path), "migrate"))[0] == 0
    assert (tmp_path / "portal.db").stat().st_mode & 0o777 == 0o600


async def test_without_tables_the_portal_says_what_to_do(tmp_path: Path) -> None:
    status, output, errors = await run(environment(tmp_path), "serve")
    assert (status, output) == (1, "")
    assert "cloudmatic-portal migrate" in errors


async def test_wrong_settings_are_all_told(tmp_path: Path) -> None:
    status, _, errors = await run({"PATH": os.defpath}, "serve")
    assert status == 2
    for name in ("ORIGIN", "DATABASE", "SECRET"):
        assert f"CLOUDMATIC_PORTAL_{name} is missing" in errors


async def test_the_demo_is_complete_and_can_be_loaded_again(
    empty_database: str, tmp_path: Path
) -> None:
    settings = environment(tmp_path, empty_database)
    words = ("demo", "--user-key", "ABC", "--today", "2026-11-23")
    first = await run(settings, *words)
    assert first[0] == 0, first[2]
    assert "LOGIN 4711 maxmuster willkommen-4711" in first[1]
    assert "LOGIN 4712 erikamuster willkommen-4711" in first[1]
    database = Database(parse_url(empty_database))
    before = await all_rows(database)
    assert (await run(settings, *words))[0] == 0
    after = await all_rows(database)
    await database.close()
    assert {**before, "accounts": 0} == {**after, "accounts": 0}
    # As SQLite keeps days, or PostgreSQL.
    assert re.search(r"2026(-|, )12\1 ?24", str(after["access_periods"]))


async def test_a_portal_that_others_reach_gets_no_known_password(tmp_path: Path) -> None:
    settings = environment(tmp_path) | {"CLOUDMATIC_PORTAL_ORIGIN": "https://portal.example"}
    status, output, errors = await run(settings, "demo", "--user-key", "ABC")
    assert (status, output) == (1, "")
    assert "--password" in errors


async def test_the_demo_logs_in(tmp_path: Path) -> None:
    settings = environment(tmp_path)
    await run(settings, "migrate")
    await run(settings, "demo", "--user-key", "ABC", "--password", "another-one")
    async with serving(settings, "--port", "0") as (process, address):
        async with Browser(Remote(address)) as browser:
            assert (await browser.log_in("maxmuster", "another-one")).status == 303
            assert "Noch 30 Tage" in (await browser.get("/dashboard")).words
        await stop(process, signal.SIGTERM)
