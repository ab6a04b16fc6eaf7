"""`cloudmatic-portal due`: do what is due, tell what will be, or see to what was set aside."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from typing import Any

from cloudmatic_portal.app import make_worker
from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.calendar import berlin_day, berlin_instant
from cloudmatic_portal.domain.due import StoredDue
from cloudmatic_portal.services import due as actions
from cloudmatic_portal.services.worker import Worked, Worker, foretell, left_waiting
from cloudmatic_portal.settings import PREFIX
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the command to argparse's `commands`."""
    due = commands.add_parser(
        "due", help="do what is due, tell what will be, or see to what was set aside"
    )
    due.add_argument("--dry-run", action="store_true", help="change nothing, only tell")
    due.add_argument("--most", type=amounts.whole_number, default=50, help="so many of --failed")
    add_json(due)
    due.set_defaults(operate=_due)
    what = due.add_mutually_exclusive_group()
    what.add_argument("--on", type=date.fromisoformat, help="up to the end of this day; today")
    what.add_argument(
        "--failed", action="store_true", help="list what was set aside, the latest first"
    )
    what.add_argument("--retry", type=amounts.listed, metavar="N", help="try one of these again")


async def _due(database: Database, options: argparse.Namespace) -> str:
    if options.dry_run and (options.failed or options.retry is not None):
        raise CommandRefused("--dry-run goes with --on only")
    if options.json and not (options.failed or options.dry_run):
        raise CommandRefused("--json goes with --failed and --dry-run only")
    if options.failed:
        found = await actions.in_state(database, "failed", options.most)
        return listed(
            found,
            options,
            line=_failure,
            facts=_failure_facts,
            nothing="nothing was set aside\n",
        )
    if options.retry is not None:
        due = await actions.retry(database, options.retry, edge.clock())
        return f"action {due.due_id} ({due.kind} of account {due.account_id}) is due now\n"
    return await _do(database, options)


async def _do(database: Database, options: argparse.Namespace) -> str:
    now = edge.clock()
    today = berlin_day(now)
    day = options.on or today
    worker = make_worker(options.settings, edge.random_bytes)
    if options.dry_run:
        until = berlin_instant(day + timedelta(days=1), 0)
        return await _foresee(database, worker, options, until, now)
    if day > today:
        raise CommandRefused(f"{day} is still to come: add --dry-run to see what will happen")
    until = min(now, berlin_instant(day + timedelta(days=1), 0))
    lines = []
    while (worked := await worker.work(database, now, until)) is not None:
        lines.append(_line(worked))
    while (tended := await worker.tend(database, now)) is not None:
        lines.append(f"{tended}\n")
    waiting = _waiting(await left_waiting(database, worker, until))
    return ("".join(lines) or "nothing is due\n") + waiting


async def _foresee(
    database: Database, worker: Worker, options: argparse.Namespace, until: datetime, now: datetime
) -> str:
    worked, left = await foretell(database, worker, until, now)
    nothing = "nothing will be due\n"
    said = listed(worked, options, line=_line, facts=_facts, nothing=nothing)
    return said if options.json else said + _waiting(left)


def _waiting(count: int) -> str:
    return f"{count} invoices wait for the seller's data ({PREFIX}SELLER_FILE)\n" if count else ""


def _line(worked: Worked) -> str:
    """One action: when, for whom, what, and what became of it."""
    due, outcome = worked.due, worked.outcome
    moment = formats.moment(due.due_at, "de")
    return f"{moment}  {due.account_id}  {due.kind}  {outcome.state}: {outcome.why}\n"


def _facts(worked: Worked) -> dict[str, Any]:
    due, outcome = worked.due, worked.outcome
    return {
        "due_at": due.due_at,
        "account": due.account_id,
        "kind": due.kind,
        "key": due.key,
        "outcome": outcome.state,
        "why": outcome.why,
    }


def _failure_facts(due: StoredDue) -> dict[str, Any]:
    return {
        "action": due.due_id,
        "due_at": due.due_at,
        "account": due.account_id,
        "kind": due.kind,
        "key": due.key,
        "since": due.settled_at,
        "why": due.why,
        "attempts": due.attempts,
    }


def _failure(due: StoredDue) -> str:
    """One that was set aside: number, when, for whom, what, the error, what it was about."""
    since = formats.moment(due.settled_at, "de") if due.settled_at else ""
    facts = (str(due.due_id), since, str(due.account_id), due.kind, due.why or "", due.key)
    return "  ".join(facts) + f"  {due.attempts} attempts\n"
