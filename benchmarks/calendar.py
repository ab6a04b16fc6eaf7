"""The day's work of the calendar, with few and with many customers who have nothing due.

    python -m benchmarks.calendar [--quick] [--processes N]

Databases with 100,000 and with 1,000,000 customers (PostgreSQL with fsync, on this machine's
disk), each with something due later and, in both alike, 5,000 with something due on the day. What
is due is done and the mails are written by processes that do both as the worker does; handing a
mail over costs nothing here, as it is the mail server's time. Each round is a day of its own; the
rounds of both sizes alternate, so that the machine's ups and downs meet both alike.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import secrets
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]
import uvloop
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.checkout import BANK, NOW
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import catalogue, catalogue_file, mailing
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from cloudmatic_portal.web.mails import MailWriter
from tests import postgres

SIZES: Final = (100_000, 1_000_000)
QUICK: Final = (2_000, 20_000)
MOST_RATIO: Final = 1.3
MOST_SECONDS: Final = 60.0
_FILL: Final = Path(__file__).with_name("calendar_fill.sql")
_EACH_HAS_A_MAIL_BUT: Final = 10
"""One action of so many, an order's expiry, sends no mail."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a process, or all of them, did: seconds and KiB."""

    actions: float
    mails: float
    before: int
    peak: int


class NoServer:
    """Takes every mail at once."""

    async def send(self, message: EmailMessage) -> None:
        """Made and not sent."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a moment, to see that it runs")
    parser.add_argument("--rounds", type=int, default=3, help="days, five at most")
    parser.add_argument("--due", type=int, default=5000, help="of each day")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    sizes = QUICK if options.quick else SIZES
    if options.quick:
        options.rounds, options.due = 1, 100
    binaries = postgres.programs()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    with postgres.cluster(binaries, careful=True) as cluster:
        urls = {size: asyncio.run(_prepare(cluster, size, options)) for size in sizes}
        days: dict[int, list[Day]] = {size: [] for size in sizes}
        for number in range(options.rounds):
            for size, url in urls.items():
                days[size].append(_work(url, NOW + timedelta(days=number), options))
                asyncio.run(_check(url, options.due, number + 1))
                print(f"{size:,}, day {number + 1}: {days[size][-1]}", file=sys.stderr)
    return 0 if _report(days, options) or options.quick else 1


def _report(days: dict[int, list[Day]], options: argparse.Namespace) -> bool:
    print(f"\n{os.cpu_count()} processors, {options.processes} processes, {options.due} due on a "
          f"day; median of {options.rounds} days (least – most)\n")  # fmt: skip
    print("| customers | actions done, s | mails written too, s | actions/s | memory of a process "
          "before, MiB | at its peak |\n|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    whole: list[float] = []
    for size, found in days.items():
        actions, mails = ([getattr(day, name) for day in found] for name in ("actions", "mails"))
        whole.append(statistics.median(mails))
        rate = options.due / statistics.median(actions)
        before, peak = (max(getattr(day, name) for day in found) for name in ("before", "peak"))
        print(f"| {size:,} | {_spread(actions)} | {_spread(mails)} | {rate:.0f} | "
              f"{before / 1024:.0f} | {peak / 1024:.0f} |")  # fmt: skip
    ratio = whole[-1] / whole[0]
    met = ratio <= MOST_RATIO and max(whole) < MOST_SECONDS
    print(f"\nratio {ratio:.2f} (at most {MOST_RATIO}), {max(whole):.1f} s (below "
          f"{MOST_SECONDS:.0f}): {'met' if met else 'MISSED'}")  # fmt: skip
    return met


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} – {max(values):.1f})"


async def _prepare(cluster: postgres.Cluster, size: int, options: argparse.Namespace) -> str:
    began = time.perf_counter()
    name = await cluster.create()
    url = cluster.url(name)
    database = Database(parse_url(url))
    await migrate(database)
    await catalogue.load(database, catalogue_file.read(CATALOGUE.read_text("utf-8")))
    values = {
        "accounts": size,
        "days": options.rounds,
        "due": options.due * options.rounds,
        "step": size // (options.due * options.rounds),
        "today": berlin_day(NOW),
    }
    script = _FILL.read_text("utf-8")
    for word, value in values.items():
        script = script.replace(f":{word}", str(value))
    connection = await asyncpg.connect(host=str(cluster.folder), user="tests", database=name)
    await connection.execute(script)
    # As a database is that has not come into being a moment ago.
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
    await _require_index(database)
    await database.close()
    print(f"{size:,} customers: filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return url


async def _require_index(database: Database) -> None:
    """Stop if what asks for the next action reads all of them."""
    query: Any = stored_due._due(NOW).limit(1)  # noqa: SLF001 - the very query of the worker
    compiled = query.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    async with database.reading() as connection:
        lines = (await connection.execute(text(f"EXPLAIN {compiled}"))).scalars().all()
    if any("Seq Scan" in line for line in lines):
        raise SystemExit("what is due is looked for without an index:\n" + "\n".join(lines))


def _work(url: str, now: datetime, options: argparse.Namespace) -> Day:
    """Let all processes do what is due; the time is that of the last one to end."""
    context = multiprocessing.get_context("forkserver")
    start, days = context.Barrier(options.processes), context.Queue()
    running = [
        context.Process(target=_process, args=(url, now, start, days))
        for _ in range(options.processes)
    ]
    for process in running:
        process.start()
    found: list[Day] = [days.get(timeout=600) for _ in running]
    for process in running:
        process.join()
    return Day(*(max(getattr(day, name) for day in found) for name in Day.__slots__))


def _process(url: str, now: datetime, start: Any, days: Any) -> None:
    # As the command line does it.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        days.put(runner.run(_day(url, now, start)))


async def _day(url: str, now: datetime, start: Any) -> Day:
    database = Database(parse_url(url))
    worker = Worker(House(Rules(), BANK), secrets.token_bytes)
    writer = MailWriter("https://portal.example", "portal@example.org", None)
    yesterday = now - timedelta(days=2)
    await worker.work(database, yesterday)
    await mailing.deliver_due(database, NoServer(), writer, now=yesterday)
    before = _memory("VmRSS")
    finished = asyncio.Event()
    start.wait()
    began = time.perf_counter()
    done = 0.0

    async def actions() -> None:
        nonlocal done
        while await worker.work(database, now) is not None:
            pass
        done = time.perf_counter() - began
        finished.set()

    async def mails() -> None:
        while True:
            last = finished.is_set()
            if await mailing.deliver_due(database, NoServer(), writer, now=now) == 0:
                if last:
                    return
                await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(actions())
        tasks.create_task(mails())
    lasted = time.perf_counter() - began
    await database.close()
    return Day(done, lasted, before, _memory("VmHWM"))


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


async def _check(url: str, due: int, days: int) -> None:
    """Stop unless all was done, and nothing else."""
    database = Database(parse_url(url))
    async with database.reading() as connection:
        actions = await _states(connection, "due_actions WHERE state <> 'waiting'")
        mails = await _states(connection, "mails WHERE kind <> 'welcome'")
    await database.close()
    due *= days
    if actions != {"done": due} or mails != {"sent": due - due // _EACH_HAS_A_MAIL_BUT}:
        raise SystemExit(f"not as it should be: {actions}, {mails}")


async def _states(connection: AsyncConnection, rows: str) -> dict[str, int]:
    query = f"SELECT state, count(*) AS number FROM {rows} GROUP BY state"  # noqa: S608
    return {row.state: row.number for row in await connection.execute(text(query))}


if __name__ == "__main__":
    sys.exit(main())
