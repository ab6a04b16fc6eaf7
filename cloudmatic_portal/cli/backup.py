"""`cloudmatic-portal backup` and `restore`, of a SQLite database, and `after-restore` of any."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from cloudmatic_portal.cli import edge
from cloudmatic_portal.domain.invoice import InvoiceNumber
from cloudmatic_portal.services import restored
from cloudmatic_portal.services.restored import Settled
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import backup
from cloudmatic_portal.storage.backup import BackupUnusable
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.kept import learn
from cloudmatic_portal.storage.schema import knows, migrate

_STEP: Final = 10


class BackupRefused(Exception):
    """A backup that was not made or not restored; the message says why, and what to do."""


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    making = commands.add_parser("backup", help="copy the SQLite database while it is used")
    making.add_argument("file", type=Path, help="a new file")
    making.set_defaults(apart=_backup)
    restoring = commands.add_parser("restore", help="go back to a copy that `backup` has made")
    restoring.add_argument("file", type=Path)
    restoring.set_defaults(apart=_restore)
    settling = commands.add_parser(
        "after-restore", help="needed once after PostgreSQL was restored by its own means"
    )
    settling.set_defaults(operate=_after_restore)
    for each in (restoring, settling):
        each.add_argument(
            "--last-invoice",
            dest="last",
            type=_invoice_number,
            action="append",
            default=[],
            metavar="NUMBER",
            help="the last one that was issued, of each series: RE-2026-000017",
        )


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """Run the command and print what it did. Raises BackupRefused."""
    database = _file(settings)
    try:
        sys.stdout.write(await options.apart(database, options))
    except BackupUnusable as error:
        raise BackupRefused(f"{options.file}: {error}") from error
    except OSError as error:
        raise BackupRefused(f"{error.filename or options.file}: {error.strerror}") from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise BackupRefused(f"nothing has changed: {error}") from error


def _file(settings: Settings) -> Path:
    url = parse_url(settings.database)
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise BackupRefused("PostgreSQL has its own means: pg_dump and pg_restore")
    return Path(url.database)


def _invoice_number(text: str) -> InvoiceNumber:
    number = InvoiceNumber.read(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as RE-2026-000017")
    return number


async def _backup(database: Path, options: argparse.Namespace) -> str:
    await asyncio.to_thread(backup.copy, database, options.file, _Shown())
    return f"{options.file}: {options.file.stat().st_size} bytes, whole\n"


async def _restore(database: Path, options: argparse.Namespace) -> str:
    """What was there before is kept beside it: a restoration may be the mistake."""
    revision = await asyncio.to_thread(backup.revision_of, options.file)
    if not knows(revision):
        raise BackupUnusable(
            f"it has revision {revision}, which a newer version of the portal made"
        )
    if await asyncio.to_thread(backup.in_use, database):
        raise BackupRefused(
            f"{database} is in use: stop the portal, its workers and every other command first, or "
            "what they do meanwhile would be lost"
        )
    kept = await _keep(database)
    prepared = database.with_name(f"{database.name}.restoring")
    try:
        settled = await _prepare(prepared, kept, options)
        await asyncio.to_thread(backup.restore, prepared, database, _Shown())
    finally:
        await asyncio.to_thread(backup.remove, prepared)
    before = f"; what was there before is in {kept}" if kept else ""
    return f"restored{before}\n{_told(settled)}now run `cloudmatic-portal check`\n"


async def _keep(database: Path) -> Path | None:
    if not await asyncio.to_thread(database.exists):
        return None
    # To the microsecond: whoever restores twice in a second loses neither.
    kept = database.with_name(f"{database.name}.before-{edge.clock():%Y%m%dT%H%M%S.%fZ}")
    try:
        await asyncio.to_thread(backup.copy, database, kept, _Shown())
    except BackupUnusable as error:
        raise BackupRefused(
            f"{database}, whose place it would take: {error}. Move it away with its -wal and -shm "
            "and restore once more, with --last-invoice"
        ) from error
    return kept


async def _prepare(prepared: Path, kept: Path | None, options: argparse.Namespace) -> Settled:
    """A copy of the copy as it is to be used: of this version, and knowing what has happened."""
    await asyncio.to_thread(backup.remove, prepared)
    await asyncio.to_thread(backup.copy, options.file, prepared, _Shown())
    opened = Database(parse_url(str(prepared)))
    try:
        await migrate(opened)
        waiting = await asyncio.to_thread(learn, prepared, kept) if kept else frozenset()
        settled = await restored.settle(opened, options.last, waiting)
    finally:
        await opened.close()
    await asyncio.to_thread(backup.revision_of, prepared)
    return settled


async def _after_restore(database: Database, options: argparse.Namespace) -> str:
    return _told(await restored.settle(database, options.last))


def _told(settled: Settled) -> str:
    lines = []
    if settled.numbers:
        numbers = ", ".join(map(str, settled.numbers))
        lines.append(f"the next invoices come after {numbers}")
    else:
        lines.append("no invoice is known; the next ones begin anew")
    lines.append(
        "if later ones were issued, do this once more with --last-invoice NUMBER, before the "
        "portal starts"
    )
    if settled.doubted:
        lines.append(
            f"{settled.doubted} mails that waited may have left: `mails --state uncertain`"
        )
    return "".join(f"{line}\n" for line in lines)


class _Shown:
    """Every tenth part, where somebody is looking."""

    def __init__(self) -> None:
        self._next = _STEP

    def __call__(self, done: int, total: int) -> None:
        share = 100 * done // total if total else 100
        if share >= self._next and sys.stderr.isatty():
            sys.stderr.write(f"\r{share} %" + ("\n" if share == 100 else ""))
            sys.stderr.flush()
            self._next = share + _STEP
