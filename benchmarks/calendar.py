"""What is due today, done: a million accounts, five thousand of them with something due.

    python -m benchmarks.calendar [--accounts N ...] [--due N] [--workers N] [--quick]

On PostgreSQL, on this machine's disk. Half of what is due are reminders (a mail and a link), half
renewals of subscriptions (an order, days of grace, two notes, a mail). All other accounts have
actions that wait for later days. Done as the worker does it: one transaction each. The time shall
depend on what is due and not on the accounts: quote the ratio of the last to the first.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import time
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import text

from benchmarks.measure import Benchmark, Measured, Yardstick, number, parser
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.services import catalogue, catalogue_file
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from tests import postgres

TODAY: Final = date(2027, 3, 1)
NOW: Final = datetime(2027, 3, 1, 12, tzinfo=UTC)
TARGET_SECONDS: Final = 60.0
MOST_GROWTH: Final = 1.3
BANK: Final = BankAccount("CloudMatic (Beispiel)", "DE02120300000000202051", "BYLADEM1001")

# The first `half` accounts have a package, the next `half` a subscription that ends today.
FILL: Final = (
    """INSERT INTO accounts (id, user_name, user_name_folded, email, email_folded, password_hash,
         language, created_at)
       SELECT n, 'c' || n, 'c' || n, 'c' || n || '@example.org', 'c' || n || '@example.org',
         '$argon2id$none', 'de', now() FROM generate_series(1, :accounts) n""",
    """INSERT INTO orders (id, account_id, reference, state, method, entered_by, language, currency,
         total_cents, paid_cents, created_at, pay_until, activated_at)
       SELECT n, n, lpad(n::text, 9, '0'), 'active', 'transfer', 'login', 'de', 'EUR', 500, 500,
         now(), DATE '2026-02-01', now() FROM generate_series(1, :due) n WHERE n > :half""",
    """INSERT INTO subscriptions (id, account_id, reference, state, product, months, price_cents,
         currency, vat_basis_points, method, anchor, first_number, free_months, created_at)
       SELECT n, n, 'S' || lpad(n::text, 8, '0'), 'active', 'complete', 1, 500, 'EUR', 1900,
         'transfer', DATE '2027-02-02', 0, 0, now()
       FROM generate_series(1, :due) n WHERE n > :half""",
    """INSERT INTO order_items (id, order_id, position, product, name, product_kind, quantity,
         free_months, kind, list_cents, price_cents, vat_basis_points, subscription_id,
         period_number, subscription_reference)
       SELECT n, n, 0, 'complete', 'Complete', 'package', 1, 0, 'subscription', 500, 500, 1900, n,
         0, 'S' || lpad(n::text, 8, '0') FROM generate_series(1, :due) n WHERE n > :half""",
    """INSERT INTO access_periods (account_id, product, first_day, last_day, trial, order_item)
       SELECT n, 'complete', DATE '2027-02-02',
         CASE WHEN n <= :due THEN DATE '2027-03-01' ELSE DATE '2027-03-20' + n % 300 END, false,
         CASE WHEN n > :half AND n <= :due THEN n END FROM generate_series(1, :accounts) n""",
    """INSERT INTO due_actions (kind, key, account_id, subscription_id, number, day, due_at, state)
       SELECT CASE WHEN n > :half AND n <= :due THEN 'renewal' ELSE 'reminder_last' END, 'b' || n,
         n, CASE WHEN n > :half AND n <= :due THEN n END, 1,
         CASE WHEN n <= :due THEN DATE '2027-03-01' ELSE DATE '2027-03-20' + n % 300 END,
         CASE WHEN n <= :due THEN TIMESTAMPTZ '2027-03-01 08:00Z'
              ELSE TIMESTAMPTZ '2027-03-20 08:00Z' + n % 300 * INTERVAL '1 day' END, 'waiting'
       FROM generate_series(1, :accounts) n""",
    "SELECT setval(pg_get_serial_sequence('orders', 'id'), :due)",
    "SELECT setval(pg_get_serial_sequence('order_items', 'id'), :due)",
    "SELECT setval(pg_get_serial_sequence('subscriptions', 'id'), :due)",
)


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    made.add_argument("--due", type=int, default=5_000)
    made.add_argument("--workers", type=int, default=4)
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    if options.quick:
        options.accounts, options.due = [1_000], 100
    binaries = postgres.programs()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    found: list[Measured] = []
    with postgres.cluster(binaries, careful=True) as cluster:
        for accounts in options.accounts:
            url = cluster.url(asyncio.run(cluster.create()))
            first = Yardstick(found[0].name, found[0].values) if found else None
            found.append(asyncio.run(_measure_among(url, accounts, first, options)))
    growth = found[-1].median / found[0].median
    last = f"the day among {number(options.accounts[-1])} accounts, by that among the fewest"
    return [*found, Measured(name=last, unit="times", values=(growth,), target=MOST_GROWTH)]


async def _measure_among(
    url: str, accounts: int, first: Yardstick | None, options: argparse.Namespace
) -> Measured:
    database = Database(parse_url(url))
    await migrate(database)
    await catalogue.load(database, catalogue_file.read(CATALOGUE.read_text("utf-8")))
    many = {"accounts": accounts, "due": options.due, "half": options.due // 2}
    async with database.writing() as connection:
        for statement in FILL:
            wanted = {name: each for name, each in many.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))
    worker = Worker(House(Rules(), BANK), secrets.token_bytes)
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_work(worker, database) for _ in range(options.workers)))
    seconds = time.perf_counter() - begun
    await database.close()
    if sum(counts) != options.due:
        raise SystemExit(f"{sum(counts)} actions were done, not {options.due}")
    return Measured(
        name=f"{number(options.due)} actions due among {number(accounts)} accounts",
        unit="s",
        values=(seconds,),
        target=TARGET_SECONDS,
        yardstick=first,
        curve="The day's run, over the number of accounts",
        size=accounts,
    )


async def _work(worker: Worker, database: Database) -> int:
    count = 0
    while (worked := await worker.work(database, NOW)) is not None:
        if worked.outcome.state != "done":
            raise SystemExit(f"{worked.due.key}: {worked.outcome.why}")
        count += 1
    return count


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
