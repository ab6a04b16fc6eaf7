"""What the portal does where the machine has no more to give: disk, file descriptors, patience."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from yarl import URL

from cloudmatic_portal.storage import backup
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from cloudmatic_portal.storage.tables import orders
from tests.integration.portal import balanced
from tests.integration.portal.purchases import add_accounts, buy, fill
from tests.integration.portal.test_cli import environment, serving
from tests.integration.portal.world import seed

CUSTOMERS = range(30_000, 30_400)
SLOW = 1_000
FEW_FILES = 64


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["/usr/bin/umount", folder], check=True)


@pytest.mark.needs_root
@pytest.mark.fault(
    "disk full", "an order that does not fit is refused whole; with room again it is made"
)
async def test_on_a_full_disk_an_order_is_made_whole_or_not_at_all(small_disk: Path) -> None:
    database = Database(parse_url(str(small_disk / "portal.db")))
    await migrate(database)
    await seed(database)
    await add_accounts(database, *CUSTOMERS)
    carts = {account: await fill(database, account) for account in CUSTOMERS}
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()

    bought: dict[int, str] = {}
    for account, cart in carts.items():
        try:
            bought[account] = await buy(database, cart, account)
        except OperationalError as error:
            assert "full" in str(error) or "disk I/O error" in str(error)  # noqa: PT017
            break
    else:
        pytest.fail("the disk was never full")

    # What was there can be read; of the one that failed there is nothing.
    await balanced.check(database)
    assert await ordered(database) == len(bought)
    with pytest.raises(OperationalError):
        await buy(database, carts[account], account)

    ballast.unlink()
    for account in CUSTOMERS[len(bought) : len(bought) + 5]:
        bought[account] = await buy(database, carts[account], account)
    assert len(set(bought.values())) == len(bought) == await ordered(database)
    await balanced.check(database)
    await database.close()


@pytest.mark.needs_root
@pytest.mark.fault("disk full", "a copy that does not fit says nothing against the database")
def test_a_backup_on_a_full_disk_is_told_as_that(tmp_path: Path, small_disk: Path) -> None:
    asyncio.run(empty_portal(tmp_path / "portal.db"))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(8 * 1024 * 1024 - 64 * 1024))
    with pytest.raises(OSError, match="could not be copied: database or disk is full"):
        backup.copy(tmp_path / "portal.db", small_disk / "copy.db", lambda *_: None)
    assert list(small_disk.iterdir()) == [ballast]


async def empty_portal(file: Path) -> None:
    database = Database(parse_url(str(file)))
    await migrate(database)
    await database.close()


async def ordered(database: Database) -> int:
    mine = select(func.count()).where(orders.c.account_id.in_(CUSTOMERS))
    async with database.reading() as connection:
        return int((await connection.execute(mine)).scalar_one())


@contextlib.asynccontextmanager
async def connections(address: str, number: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Open connections; fewer if there is no way to get them."""
    url, opened = URL(address), []
    try:
        for _ in range(number):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(url.host, url.port)
                opened.append(writer)
        yield opened
    finally:
        for writer in opened:
            writer.close()


async def fetch(address: str, *, patience: float) -> float:
    """The seconds that a page from the database takes, over a connection of its own."""
    began = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=patience)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"{address}/products") as response,
    ):
        assert response.status == 200
        assert "</html>" in await response.text()
    return time.monotonic() - began


@pytest.mark.fault(
    "file descriptors used up", "whoever comes then waits; the process lives and serves on"
)
async def test_file_descriptors_that_are_used_up_end_nothing(tmp_path: Path) -> None:
    settings = environment(tmp_path)
    async with serving(settings, "--migrate", "--port", "0") as (process, address):
        await fetch(address, patience=20)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))
        async with connections(address, 2 * FEW_FILES):
            with pytest.raises((TimeoutError, aiohttp.ClientError)):
                await fetch(address, patience=2)
            assert process.returncode is None
        await fetch(address, patience=20)


@pytest.mark.fault(
    "slow clients", "1,000 that send a request byte by byte neither stop nor swell the portal"
)
async def test_a_thousand_slow_clients_hold_up_nobody(tmp_path: Path) -> None:
    enough_files(3 * SLOW)
    async with serving(environment(tmp_path), "--migrate", "--port", "0") as (process, address):
        await fetch(address, patience=20)
        before = resident(process.pid)
        times = []
        async with connections(address, SLOW) as slow:
            assert len(slow) == SLOW
            for sign in b"GET / HT":
                for writer in slow:
                    writer.write(bytes([sign]))
                times.append(await fetch(address, patience=20))
            assert sorted(times)[len(times) // 2] < 5
            assert resident(process.pid) - before < 64 * 1024 * 1024
        await fetch(address, patience=20)


def enough_files(number: int) -> None:
    """Let this process and those that it starts have that many; many machines allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()
