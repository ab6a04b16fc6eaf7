"""Ten thousand bank lines against a hundred thousand open orders.

    python -m benchmarks.statements [--orders N] [--lines N] [--booked N] [--quick]

On SQLite and PostgreSQL, on this machine's disk. Measured is the preview of a CAMT.053 file: read
it, look for each line among those that are stored, match all lines with the orders that wait.
Target: under ten seconds on either database. Of the lines 85 in 100 have the right reference, 5 a
mistyped one, 5 a known payer's account only, 5 nothing that is known. Then `--booked` lines are
imported, with activation and mails, and the rest is told from that.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, text

from benchmarks.measure import Benchmark, Measured, Yardstick, number, parser
from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.reference import ALPHABET, RANDOM_BYTES, grouped, new_reference
from cloudmatic_portal.services import catalogue, catalogue_file, statements
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import migrate
from cloudmatic_portal.storage.tables import accounts, order_items, orders, payers
from tests import postgres
from tests.bank_statements import OWN, Paid, camt

NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY: Final = date(2026, 11, 24)
ROWS_AT_ONCE: Final = 5_000
PRICES: Final = (2400, 3600, 4800, 7900)
TARGET: Final = 10.0


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("--orders", type=int, default=100_000)
    made.add_argument("--lines", type=int, default=10_000)
    made.add_argument("--booked", type=int, default=1_000)
    made.add_argument("--rounds", type=int, default=5, help="of reading and preview")
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    if options.quick:
        options.orders, options.lines, options.booked, options.rounds = 1_000, 200, 50, 1
    binaries = postgres.programs()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    with tempfile.TemporaryDirectory() as folder:
        url = str(Path(folder) / "portal.db")
        found = asyncio.run(_measure_on("SQLite", url, options))
    with postgres.cluster(binaries, careful=True) as cluster:
        url = cluster.url(asyncio.run(cluster.create()))
        found += asyncio.run(_measure_on("PostgreSQL", url, options))
    return found


async def _measure_on(name: str, url: str, options: argparse.Namespace) -> list[Measured]:
    dice = random.Random(4711)  # noqa: S311 - the same orders every time
    database = Database(parse_url(url))
    await migrate(database)
    await catalogue.load(database, catalogue_file.read(CATALOGUE.read_text("utf-8")))
    references = [new_reference(dice.randbytes(RANDOM_BYTES)) for _ in range(options.orders)]
    await _fill(database, references)
    paid = [_paid(dice, number, references) for number in range(options.lines)]
    upload = Upload(name="statement.xml", data=camt(*paid))

    read, matched = [], []
    for _ in range(options.rounds):
        begun = time.perf_counter()
        await statements.read(upload, [OWN])
        read.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        [seen] = await statements.preview(database, upload, [OWN], NOW)
        matched.append(time.perf_counter() - begun)
        _check(seen, options.lines)

    some = Upload(name="some.xml", data=camt(*paid[: options.booked]))
    begun = time.perf_counter()
    [imported] = await statements.run(database, some, [OWN], NOW)
    rate = imported.counts["booked"] / (time.perf_counter() - begun)
    await database.close()
    lines, waiting = number(options.lines), number(options.orders)
    return [
        Measured(
            name=f"{lines} bank lines among {waiting} open orders, {name}",
            unit="s",
            values=tuple(matched),
            target=TARGET,
            yardstick=Yardstick("the file only read", tuple(read)),
        ),
        Measured(name=f"lines booked, {name}", unit="/s", values=(rate,), better="more"),
    ]


def _check(seen: Any, lines: int) -> None:
    """Nearly all that can be told is told, and nothing else."""
    told = seen.counts["booked"] / lines
    if not 0.93 < told < 0.96:
        raise SystemExit(f"{told:.1%} of the lines were matched, not 95 %")


def _paid(dice: random.Random, number: int, references: list[str]) -> Paid:
    """The payment of order `number`, as one of the kinds of customers writes it."""
    reference, price = references[number], PRICES[number % len(PRICES)]
    kind = number % 20
    words = f"{grouped(reference)} CloudMatic Zugang verlaengern, danke"
    if kind == 0:
        at = dice.randrange(9)
        wrong = dice.choice(ALPHABET.replace(reference[at], ""))
        words = f"Rechnung {reference[:at]}{wrong}{reference[at + 1 :]} danke"
    elif kind == 1:
        words = "CloudMatic wie jedes Jahr, viele Gruesse aus Musterstadt an alle"
    elif kind == 2:
        words = "Fuer den Zugang zur Zentrale im Ferienhaus, bitte freischalten"
    iban = _iban(number) if kind == 1 else f"DE89370400440532{number % 9000:06}"
    return Paid(
        cents=price,
        text=words,
        iban=iban,
        payer=f"Kunde Nummer{number}",
        reference=f"2026-{number:08}",
        day=DAY,
    )


def _iban(number: int) -> str:
    return f"DE02500105170{number:09}"


async def _fill(database: Database, references: list[str]) -> None:
    """One customer with one open order for each reference; the customers' accounts are known."""
    for start in range(0, len(references), ROWS_AT_ONCE):
        numbers = range(start, min(start + ROWS_AT_ONCE, len(references)))
        async with database.writing() as connection:
            await connection.execute(insert(accounts), [_account(each) for each in numbers])
            await connection.execute(
                insert(orders), [_order(each, references[each]) for each in numbers]
            )
            await connection.execute(insert(order_items), [_item(each) for each in numbers])
            await connection.execute(insert(payers), [_payer(each) for each in numbers])
    async with database.writing() as connection:
        if "postgresql" in str(connection.engine.url):
            for table in ("orders", "order_items"):
                most = {"most": len(references)}
                sequence = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), :most)"
                await connection.execute(text(sequence), most)
        await connection.execute(text("ANALYZE"))


def _account(number: int) -> dict[str, Any]:
    name = f"c{number}"
    mail = f"{name}@example.org"
    return {
        "id": number + 100_000,
        "user_name": name,
        "user_name_folded": name,
        "email": mail,
        "email_folded": mail,
        "password_hash": "$argon2id$none",
        "language": "de",
        "created_at": NOW,
    }


def _order(number: int, reference: str) -> dict[str, Any]:
    return {
        "id": number + 1,
        "account_id": number + 100_000,
        "reference": reference,
        "state": "open",
        "method": "transfer",
        "entered_by": "login",
        "language": "de",
        "currency": "EUR",
        "total_cents": PRICES[number % len(PRICES)],
        "created_at": NOW,
        "pay_until": date(2026, 12, 9),
    }


def _item(number: int) -> dict[str, Any]:
    price = PRICES[number % len(PRICES)]
    return {
        "id": number + 1,
        "order_id": number + 1,
        "position": 0,
        "product": "complete",
        "name": "Complete",
        "product_kind": "package",
        "quantity": 12,
        "free_months": 0,
        "kind": "single",
        "list_cents": price,
        "price_cents": price,
        "vat_basis_points": 1900,
    }


def _payer(number: int) -> dict[str, Any]:
    return {"iban": _iban(number), "account_id": number + 100_000, "seen_at": NOW}


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
