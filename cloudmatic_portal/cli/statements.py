"""The operator's commands for bank statements: import them, and decide what they leave open."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, as_json, listed
from cloudmatic_portal.clients.bank_files import MOST_BYTES, numbers
from cloudmatic_portal.domain.errors import StatementUnreadable
from cloudmatic_portal.domain.matching import Suggestion
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.statement import BankFile, BankLine
from cloudmatic_portal.services import statements, work_list
from cloudmatic_portal.services.statement_plan import PlannedLine
from cloudmatic_portal.services.statements import Progress, Upload
from cloudmatic_portal.services.work_list import Choice, Task
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats
from cloudmatic_portal.web.admin.words import LINE_REASONS

_TOLD_EVERY: Final = 1_000


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    importing = commands.add_parser("import-statement", help="book what a bank statement says")
    importing.add_argument("files", type=Path, nargs="+", metavar="FILE", help="or a ZIP of them")
    importing.add_argument("--dry-run", action="store_true", help="tell what it would do")
    add_json(importing)
    importing.add_argument(
        "--account", action="append", default=[], help="IBAN that is ours, besides the one set"
    )
    importing.set_defaults(operate=_import)
    waiting = commands.add_parser("work-list", help="bank lines that wait for you")
    waiting.add_argument("--most", type=amounts.whole_number, default=50)
    waiting.add_argument("--after", type=amounts.listed, default=0, help="those behind this line")
    add_json(waiting)
    waiting.set_defaults(operate=_work_list)
    assigning = commands.add_parser("assign", help="say what a bank line is for")
    assigning.add_argument("line", type=amounts.listed, help="its number in the work list")
    assigning.add_argument(
        "parts",
        nargs="*",
        type=_choice,
        metavar="NUMBER[=AMOUNT]",
        help="an order's number, a subscription's, or account:ID for its balance",
    )
    assigning.add_argument(
        "--takes-back", type=amounts.listed, metavar="LINE", help="the line it takes back"
    )
    assigning.set_defaults(operate=_assign)
    ignoring = commands.add_parser("ignore-line", help="take a bank line off the work list")
    ignoring.add_argument("line", type=amounts.listed)
    ignoring.add_argument("--reason", required=True)
    ignoring.set_defaults(operate=_ignore)


async def _import(database: Database, options: argparse.Namespace) -> str:
    own = _own(options)
    uploads = [await asyncio.to_thread(_upload, path) for path in options.files]
    # Nothing is booked unless all of it can be read.
    for upload in uploads:
        await statements.read(upload, own)
    said: list[Any] = []
    for upload in uploads:
        progress = _progress(upload.name)
        if options.dry_run:
            seen = await statements.preview(database, upload, own, edge.clock(), progress)
            said += [_described(each.file, each.counts, each.received, each.lines) for each in seen]
        else:
            done = await statements.run(database, upload, own, edge.clock(), progress)
            said += [_described(each.file, each.counts, each.received) for each in done]
    if options.json:
        return as_json(said)
    return "".join(map(_told, said))


async def _work_list(database: Database, options: argparse.Namespace) -> str:
    found = await work_list.tasks(database, edge.clock(), after=options.after, most=options.most)
    return listed(found, options, line=_task_lines, facts=_task, nothing="nothing waits\n")


async def _assign(database: Database, options: argparse.Namespace) -> str:
    now = edge.clock()
    if options.takes_back is not None:
        await work_list.take_back(database, options.line, options.takes_back, now)
        return f"line {options.line} takes back line {options.takes_back}\n"
    booked = await work_list.assign(database, options.line, options.parts, now)
    said = ""
    for each in booked:
        if each.order is None:
            said += f"account {each.account_id} has {_money(each.balance)} more\n"
            continue
        said += f"order {each.order.number} of account {each.account_id} is {each.order.state}"
        said += " now" if each.activated else ""
        said += f"; too much: {_money(each.balance)}\n" if each.balance.cents else "\n"
    return said


async def _ignore(database: Database, options: argparse.Namespace) -> str:
    await work_list.ignore(database, options.line, options.reason, edge.clock())
    return f"line {options.line} is off the list\n"


def _own(options: argparse.Namespace) -> list[str]:
    """The accounts that are ours, the one that customers pay to first."""
    bank = options.settings.bank
    given = [numbers.iban(each) or each for each in options.account]
    return list(dict.fromkeys(([bank.iban] if bank else []) + given))


def _upload(path: Path) -> Upload:
    if path.stat().st_size > MOST_BYTES:
        raise StatementUnreadable(path.name, f"larger than {MOST_BYTES // 1024 // 1024} MB")
    return Upload(name=path.name, data=path.read_bytes())


def _progress(name: str) -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if total > _TOLD_EVERY and (done - told >= _TOLD_EVERY or done == total):
            told = done
            sys.stderr.write(f"{name}: {done} of {total} lines\n")
            sys.stderr.flush()

    return tell


def _described(
    file: BankFile, counts: Counter[str], received: Money, lines: Sequence[PlannedLine] = ()
) -> dict[str, Any]:
    days = file.days
    return {
        "file": file.name,
        "format": file.form,
        "accounts": list(file.accounts),
        "from": days and days[0].isoformat(),
        "until": days and days[1].isoformat(),
        "booked": counts["booked"],
        "open": counts["open"],
        "ignored": counts["ignored"],
        "known": counts["known"],
        "pending": file.pending,
        "received_cents": received.cents,
        "lines": list(map(_planned, lines)),
    }


def _planned(planned: PlannedLine) -> dict[str, Any]:
    match = planned.match
    claims = match.claims if match else ()
    return {
        **_facts(planned.line),
        "state": "known" if planned.known else planned.state,
        "why": planned.reason,
        "account": match.account_id if match else None,
        "orders": [
            {"number": each.candidate and each.candidate.number, "cents": each.amount.cents}
            for each in claims
        ],
        "suggestions": list(map(_suggestion, match.suggestions)) if match else [],
    }


def _facts(line: BankLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "day": line.day.isoformat(),
        "cents": line.amount.cents,
        "currency": line.amount.currency,
        "payer": line.payer,
        "iban": line.iban,
        "text": line.text,
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.stored.line_id,
        "file": task.stored.file,
        **_facts(task.stored.line),
        "why": task.stored.reason,
        "suggestions": list(map(_suggestion, task.suggestions)),
        "takes_back": [each.line_id for each in task.originals],
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    candidate = suggestion.candidate
    return {
        "account": suggestion.account_id,
        "number": candidate and candidate.number,
        "due_cents": candidate and candidate.due.cents,
        "why": suggestion.why,
        "amount_agrees": suggestion.agrees,
    }


def _told(said: dict[str, Any]) -> str:
    received = _money(Money(said["received_cents"]))
    lines = "".join(map(_told_line, said["lines"]))
    pending = f", {said['pending']} not booked by the bank yet" if said["pending"] else ""
    return (
        f"{lines}{said['file']} ({said['format']}): {said['booked']} booked ({received}), "
        f"{said['open']} for the work list, {said['ignored']} ignored, "
        f"{said['known']} known already{pending}\n"
    )


def _told_line(line: dict[str, Any]) -> str:
    orders = " ".join(each["number"] or f"account {line['account']}" for each in line["orders"])
    return (
        f"{line['line']:>6}  {line['day']}  {_money(Money(line['cents'], line['currency']))}  "
        f"{line['state']}  {orders}{'  ' if orders else ''}{LINE_REASONS[line['why']]}  "
        f"{line['payer']}: {line['text']}\n"
    )


def _task_lines(task: Task) -> str:
    line = task.stored.line
    first = (
        f"{task.stored.line_id}  {line.day}  {_money(line.amount)}  {line.payer}  {line.iban}  "
        f"“{line.text}”  {LINE_REASONS[task.stored.reason]}\n"
    )
    likely = "".join(map(_likely, task.suggestions))
    originals = "".join(
        f"    --takes-back {each.line_id}  {each.line.day}  {each.line.payer}\n"
        for each in task.originals
    )
    return first + likely + originals


def _likely(suggestion: Suggestion) -> str:
    candidate = suggestion.candidate
    agrees = ", the amount agrees" if suggestion.agrees else ""
    if candidate is None:
        return f"    account:{suggestion.account_id}  {LINE_REASONS[suggestion.why]}\n"
    return (
        f"    {candidate.number}  account {suggestion.account_id}  due {_money(candidate.due)}  "
        f"{LINE_REASONS[suggestion.why]}{agrees}\n"
    )


def _choice(text: str) -> Choice:
    found = work_list.read_choice(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not NUMBER, NUMBER=24,00 or account:4711")
    return found


def _money(amount: Money) -> str:
    return formats.money(amount, "de")
