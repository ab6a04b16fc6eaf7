"""Whole checkouts per second: cart, voucher, order, payment, activation, each its own transaction.

    python -m benchmarks.checkout [--quick] [--database sqlite|postgresql] [--processes N]

The services are called as the pages call them; the database keeps what it commits (SQLite
`synchronous=FULL`, PostgreSQL with fsync, both on this machine's disk). Beside it, in the same
run and with as many processes and connections: how many transactions of a single inserted row
the database commits, and how many checkouts SQLAlchemy and the bare drivers do, when they are given
the very statements (`replay.py`). Rounds alternate, so that the machine's ups and downs meet all
alike. Quote medians and ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import uvloop
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from benchmarks import replay
from benchmarks.databases import Databases, databases_of
from benchmarks.measure import Benchmark, Measured, Yardstick, parser
from benchmarks.replay import Asked, By
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.account import NewAccount
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount, Payment
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import cart, catalogue_file, checkout, payments
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate

NOW: Final = datetime(2026, 11, 25, 9, tzinfo=UTC)
BANK: Final = BankAccount("CloudMatic (Beispiel)", "DE02120300000000202051", "BYLADEM1001")
ACCOUNTS: Final = 5000
TARGETS: Final = {"sqlite": 150, "postgresql": 400}
RAW: Final = Table("raw_commits", MetaData(), Column("id", Integer, primary_key=True),
                   Column("what", String(40)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to press: so many processes with so many checkouts at once each, for so long."""

    url: str
    accounts: int
    processes: int
    at_once: int
    seconds: float


Work = Callable[[Database, int], Awaitable[None]]


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=5.0, help="of each round")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--replayed", type=int, default=60, help="checkouts, by libraries")
    made.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="PostgreSQL")
    made.add_argument("--database", choices=TARGETS)
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    accounts = ACCOUNTS
    if options.quick:
        options.seconds, options.rounds, options.replayed, accounts = 0.5, 1, 3, 200
    chosen = [options.database] if options.database else list(TARGETS)
    return [each for name in chosen for each in _measure_on(name, accounts, options)]


def _measure_on(name: str, accounts: int, options: argparse.Namespace) -> list[Measured]:
    processes, at_once = (1, 4) if name == "sqlite" else (options.processes, 8)
    rates: dict[Work, list[float]] = {_checkout: [], _commit: []}
    replayed: dict[By, list[float]] = {"sqlalchemy": [], "driver": []}
    with databases_of(name) as databases:
        empty = databases.new()
        asyncio.run(_prepare(empty, accounts))
        asked = asyncio.run(_recorded(databases.new(empty), options.replayed))
        load = Load(databases.new(empty), accounts, processes, at_once, options.seconds)
        _press(replace(load, seconds=min(1.0, load.seconds)), _checkout)
        for _ in range(options.rounds):
            for work, found in rates.items():
                found.append(_press(load, work))
            for by, found in replayed.items():
                found.append(_replayed(databases, empty, asked, by, load) * options.replayed)
    beside = {
        "commits of one row": tuple(rates[_commit]),
        "the same statements by SQLAlchemy alone": tuple(replayed["sqlalchemy"]),
        "the same statements by the bare driver": tuple(replayed["driver"]),
    }
    return [
        Measured(
            name=f"checkouts, {name}, processes: {processes}",
            unit="/s",
            values=tuple(rates[_checkout]),
            better="more",
            target=TARGETS[name],
            yardstick=Yardstick(what, values),
        )
        for what, values in beside.items()
    ]


def _replayed(databases: Databases, empty: str, asked: list[Asked], by: By, load: Load) -> float:
    """How often a second all that was recorded is asked. SQLite has one writer; on PostgreSQL each
    of as many connections as in the load gets a database of its own, on the same server.
    """
    at_once = 1 if load.processes == 1 else load.at_once
    groups = [[databases.new(empty) for _ in range(at_once)] for _ in range(load.processes)]
    rate = load.processes * at_once / replay.seconds(groups, asked, by)
    for group in groups:
        for url in group:
            databases.drop(url)
    return rate


async def _recorded(url: str, checkouts: int) -> list[Asked]:
    database = Database(parse_url(url))
    with replay.recorded() as asked:
        for number in range(1, checkouts + 1):
            await _checkout(database, number)
    await database.close()
    return asked


async def _prepare(url: str, accounts: int) -> None:
    database = Database(parse_url(url))
    await migrate(database)
    async with database.writing() as connection:
        await connection.run_sync(RAW.create)
        for product in catalogue_file.read(CATALOGUE.read_text("utf-8")):
            await stored_catalogue.put(connection, product)
            for term in product.terms:
                await stored_catalogue.add_term(connection, product.code, term)
        voucher = Voucher(code="TENTH", kind="percent", value=1000, per_account=None,
                          valid_from=berlin_day(NOW))  # fmt: skip
        await stored_voucher.add(connection, voucher)
        for number in range(1, accounts + 1):
            await stored_account.add(connection, _account(number))
    await database.close()


def _account(number: int) -> NewAccount:
    return NewAccount(
        account_id=number,
        user_name=f"customer{number}",
        email=f"customer{number}@example.org",
        language="de",
        created_at=NOW,
        password_hash="$argon2id$nobody-logs-in-here",  # noqa: S106
        user_key_hash=None,
    )


def _press(load: Load, work: Work) -> float:
    """Let every process work for the load's time; return how much was done per second."""
    context = multiprocessing.get_context("forkserver")
    start, rates = context.Barrier(load.processes), context.Queue()
    running = [
        context.Process(target=_process, args=(load, work, place, start, rates))
        for place in range(load.processes)
    ]
    for process in running:
        process.start()
    found = [rates.get(timeout=load.seconds + 60) for _ in running]
    for process in running:
        process.join()
    return float(sum(found))


def _process(load: Load, work: Work, place: int, start: Any, rates: Any) -> None:
    # As the command line does it.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(_work(load, work, place, start))
    rates.put(rate)


async def _work(load: Load, work: Work, place: int, start: Any) -> float:
    database = Database(parse_url(load.url))
    # Each process and each task has accounts of its own, as customers are different people.
    tasks = range(place * load.at_once, (place + 1) * load.at_once)
    await asyncio.gather(*(work(database, 1 + task) for task in tasks))
    start.wait()
    began = time.perf_counter()
    done = await asyncio.gather(
        *(_repeat(database, load, work, task, began + load.seconds) for task in tasks)
    )
    lasted = time.perf_counter() - began
    await database.close()
    return sum(done) / lasted


async def _repeat(database: Database, load: Load, work: Work, task: int, until: float) -> int:
    tasks, done = load.processes * load.at_once, 0
    while time.perf_counter() < until:
        await work(database, 1 + (task + done * tasks) % (load.accounts - load.accounts % tasks))
        done += 1
    return done


async def _checkout(database: Database, account_id: int) -> None:
    await cart.put(database, account_id, Wish("complete", 12, "single"), NOW)
    await cart.update(database, account_id, typed=cart.TypedCode("TENTH"), now=NOW)
    agreed = await cart.show(database, account_id, NOW)
    reference = await checkout.buy(
        database,
        Buyer(account_id=account_id, entered_by="login", language="de"),
        Purchase(
            revision=agreed.revision,
            fingerprint=agreed.fingerprint,
            method="transfer",
            terms=Terms("Terms", "Withdrawal"),
        ),
        bank=BANK,
        now=NOW,
        random_bytes=secrets.token_bytes,
    )
    paid = Payment(Money(3240), berlin_day(NOW - timedelta(days=1)), f"bank {reference}")
    booked = await payments.book(database, reference, paid, NOW)
    if not booked.activated:
        raise RuntimeError("a checkout that ends without access")


async def _commit(database: Database, account_id: int) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(RAW).values(what=f"account {account_id}"))


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
