"""`cloudmatic-portal worker`, and `due`: do what is due, or tell what will be."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.app import make_mailer, make_worker, make_writer
from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.cli.serve import until_told_to_stop
from cloudmatic_portal.domain.calendar import berlin_day, berlin_instant
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.worker import Worked, Worker, left_waiting
from cloudmatic_portal.settings import PREFIX
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    working = commands.add_parser("worker", help="send mails and do what is due, until stopped")
    working.set_defaults(operate=_work)
    due = commands.add_parser("due", help="do what is due, or tell what will be")
    due.add_argument("--on", type=date.fromisoformat, help="up to the end of this day; today")
    due.add_argument("--dry-run", action="store_true", help="change nothing, only tell")
    due.set_defaults(operate=_due)


async def _work(database: Database, options: argparse.Namespace) -> str:
    """Run until SIGTERM or SIGINT; print `READY` first."""
    delivery, stop = MailDelivery(), asyncio.Event()
    worker = make_worker(options.settings, edge.random_bytes)
    mailer, writer = make_mailer(options.settings), make_writer(options.settings)
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(database, edge.clock, stop))
        tasks.create_task(delivery.run(database, mailer, writer, edge.clock))
        await until_told_to_stop()
        stop.set()
        delivery.stop()
    return ""


async def _due(database: Database, options: argparse.Namespace) -> str:
    now = edge.clock()
    today = berlin_day(now)
    day = options.on or today
    worker = make_worker(options.settings, edge.random_bytes)
    if options.dry_run:
        return await _foresee(database, worker, berlin_instant(day + timedelta(days=1), 0), now)
    if day > today:
        raise CommandRefused(f"{day} is still to come: add --dry-run to see what will happen")
    until = min(now, berlin_instant(day + timedelta(days=1), 0))
    lines = []
    while (worked := await worker.work(database, now, until)) is not None:
        lines.append(_line(worked))
    async with database.reading() as connection:
        waiting = await _left_waiting(connection, worker, until)
    return ("".join(lines) or "nothing is due\n") + waiting


async def _foresee(database: Database, worker: Worker, until: datetime, now: datetime) -> str:
    async with database.writing() as connection:
        lines = [_line(each) async for each in worker.foresee(connection, until, now)]
        waiting = await _left_waiting(connection, worker, until)
        await connection.rollback()
    return ("".join(lines) or "nothing will be due\n") + waiting


async def _left_waiting(connection: AsyncConnection, worker: Worker, until: datetime) -> str:
    count = await left_waiting(connection, worker, until)
    return f"{count} invoices wait for the seller's data ({PREFIX}SELLER_FILE)\n" if count else ""


def _line(worked: Worked) -> str:
    """One action: when, for whom, what, and what became of it."""
    due, outcome = worked.due, worked.outcome
    moment = formats.moment(due.due_at, "de")
    return f"{moment}  {due.account_id}  {due.kind}  {outcome.state}: {outcome.why}\n"
