"""Bank statements: look at what importing one would do, and import it.

An import is a row of short transactions. Each one stores some lines together with what they paid,
so whoever is killed in between has lost nothing, and bringing the file again goes on from there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.clients import bank_files
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import StatementForeign
from cloudmatic_portal.domain.matching import REMEMBERED
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.statement import BankFile, KnownLine, source_of
from cloudmatic_portal.services import payments
from cloudmatic_portal.services.payments import Share
from cloudmatic_portal.services.statement_plan import Plan, PlannedLine
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.database import Database, lock_statements
from cloudmatic_portal.storage.statement import Imported, NewLine

AT_ONCE: Final = 100
"""Lines of one transaction: customers whose payments are among them wait for its end."""
LOOKED_AT_ONCE: Final = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as somebody brought it; its name is for people only."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """What importing one file would do, line by line in the file's order.

    `imported` says when the very same file was brought before.
    """

    file: BankFile
    lines: tuple[PlannedLine, ...]
    imported: Imported | None

    @property
    def counts(self) -> Counter[str]:
        return Counter("known" if line.known else line.state for line in self.lines)

    @property
    def received(self) -> Money:
        """The sum of what would be booked."""
        return _received(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImported:
    """What became of one file: how many lines were known, booked, left open, or ignored."""

    file: BankFile
    statement_id: int
    counts: Counter[str]
    received: Money


async def read(upload: Upload, own: Sequence[str]) -> tuple[BankFile, ...]:
    """The files in an upload. `own` are the IBANs that customers pay to, the usual one first.

    Raises StatementUnreadable, or StatementForeign for a statement of another account.
    """
    files = await asyncio.to_thread(bank_files.read, upload.data, upload.name)
    return tuple(_of_ours(file, own) for file in files)


async def preview(
    database: Database,
    upload: Upload,
    own: Sequence[str],
    now: datetime,
    progress: Progress | None = None,
) -> tuple[FilePreview, ...]:
    """What an import would do and why, as things stand; nothing is changed.

    Raises StatementUnreadable or StatementForeign.
    """
    files = await read(upload, own)
    total = sum(len(file.lines) for file in files)
    found: list[FilePreview] = []
    taken: dict[int, int] = {}
    seen: list[KnownLine] = []
    async with database.reading() as connection:
        for file in files:
            plan = Plan(file, taken=taken, seen=seen)
            lines: list[PlannedLine] = []
            for positions in plan.chunks(LOOKED_AT_ONCE):
                lines += await plan.lines_at(connection, positions, berlin_day(now))
                _tell(progress, sum(len(each.lines) for each in found) + len(lines), total)
            before = await stored_statement.imported(connection, file.digest)
            lines.sort(key=lambda each: each.position)
            found.append(FilePreview(file=file, lines=tuple(lines), imported=before))
            # The next file of an archive finds them stored when it is imported.
            seen += plan.remembered(lines)
    return tuple(found)


async def run(
    database: Database,
    upload: Upload,
    own: Sequence[str],
    now: datetime,
    progress: Progress | None = None,
) -> tuple[FileImported, ...]:
    """Import the files of an upload, one after the other.

    Nothing is booked unless all of it can be read. Raises StatementUnreadable or StatementForeign.
    """
    files = await read(upload, own)
    total = sum(len(file.lines) for file in files)
    done = 0
    imported = []
    for file in files:
        plan = Plan(file)
        counts: Counter[str] = Counter()
        received = Money(0)
        for positions in plan.chunks(AT_ONCE):
            async with database.writing() as connection:
                await lock_statements(connection)
                # With the first lines: whoever is killed before them has imported nothing.
                statement_id = await stored_statement.begin(connection, file, now)
                lines = await _import(connection, plan, statement_id, positions, now)
            counts += Counter("known" if each.known else each.state for each in lines)
            received += _received(lines)
            done += len(lines)
            _tell(progress, done, total)
        async with database.writing() as connection:
            statement_id = await stored_statement.begin(connection, file, now)
            await stored_statement.finish(connection, statement_id, now)
        imported.append(
            FileImported(file=file, statement_id=statement_id, counts=counts, received=received)
        )
    return tuple(imported)


async def _import(
    connection: AsyncConnection,
    plan: Plan,
    statement_id: int,
    positions: Sequence[int],
    now: datetime,
) -> tuple[PlannedLine, ...]:
    # What was planned before is booked now, and in the database.
    plan.taken.clear()
    lines = await plan.lines_at(connection, positions, berlin_day(now))
    for each in lines:
        if each.known is not None:
            await _learn(connection, each, each.known)
    fresh = [each for each in lines if each.known is None]
    if fresh:
        await stored_statement.add(connection, statement_id, _rows(fresh), now)
    # Several accounts in one transaction are taken in the order of their ids.
    for each in sorted(fresh, key=lambda line: _account(line) or 0):
        if each.state == "booked":
            await _book(connection, each, now)
    return lines


async def _learn(connection: AsyncConnection, line: PlannedLine, known: KnownLine) -> None:
    told = line.key if known.bank_key is None else None
    opening = line.line.statement if not known.statement else ""
    if told is not None or opening:
        await stored_statement.learn(connection, known.line_id, told, opening)


async def _book(connection: AsyncConnection, planned: PlannedLine, now: datetime) -> None:
    line = planned.line
    source = source_of(planned.identity)
    if planned.returns is not None:
        amount = Money(-line.amount.cents, line.amount.currency)
        original = planned.returns.source
        await payments.take_back(connection, original, amount, "return_debit", source, now)
        return
    if planned.match is None or planned.match.account_id is None:
        raise ValueError("a line that is booked has an account")
    account_id = planned.match.account_id
    shares = [Share(claim.order_id, claim.amount) for claim in planned.match.claims]
    payment = Payment(line.amount, line.day, source)
    await payments.book_within(connection, account_id, payment, shares, now)
    if line.iban and planned.match.reason in REMEMBERED:
        await stored_statement.remember_payer(connection, line.iban, account_id, now)


def _rows(fresh: Iterable[PlannedLine]) -> list[NewLine]:
    return [
        NewLine(
            position=each.position,
            line=each.line,
            identity=each.identity,
            bank_key=each.key,
            state=each.state,
            reason=each.reason,
            account_id=_account(each),
            returns=each.returns.line_id if each.returns else None,
        )
        for each in fresh
    ]


def _account(planned: PlannedLine) -> int | None:
    if planned.returns is not None:
        return planned.returns.account_id
    if planned.match is None or not planned.match.booked:
        return None
    return planned.match.account_id


def _of_ours(file: BankFile, own: Sequence[str]) -> BankFile:
    """The file, with our usual account where it names none; refused if it is of another one."""
    statements = []
    for statement in file.statements:
        account = statement.account or (own[0] if own else "")
        if account not in own:
            raise StatementForeign(file.name, statement.account or None)
        lines = statement.lines
        if not statement.account:
            lines = tuple(replace(line, account=account) for line in lines)
        statements.append(replace(statement, account=account, lines=lines))
    return replace(file, statements=tuple(statements))


def _received(lines: Iterable[PlannedLine]) -> Money:
    booked = [each for each in lines if each.state == "booked" and each.line.incoming]
    return Money(sum(each.line.amount.cents for each in booked))


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
