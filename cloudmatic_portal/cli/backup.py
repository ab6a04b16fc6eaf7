"""`cloudmatic-portal backup` and `restore`, of a SQLite database."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any, Final

from cloudmatic_portal.cli import edge
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import backup
from cloudmatic_portal.storage.backup import BackupUnusable
from cloudmatic_portal.storage.database import parse_url
from cloudmatic_portal.storage.schema import knows

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


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """Run the command and print what it did. Raises BackupRefused."""
    database = _file(settings)
    try:
        sys.stdout.write(await asyncio.to_thread(options.apart, database, options.file))
    except BackupUnusable as error:
        raise BackupRefused(f"{options.file}: {error}") from error
    except OSError as error:
        raise BackupRefused(f"{error.filename or options.file}: {error.strerror}") from error


def _file(settings: Settings) -> Path:
    url = parse_url(settings.database)
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise BackupRefused("PostgreSQL has its own means: pg_dump and pg_restore")
    return Path(url.database)


def _backup(database: Path, to: Path) -> str:
    backup.copy(database, to, _Shown())
    return f"{to}: {to.stat().st_size} bytes, whole\n"


def _restore(database: Path, file: Path) -> str:
    """What was there before is kept beside it: a restoration may be the mistake."""
    revision = backup.revision_of(file)
    if not knows(revision):
        raise BackupUnusable(
            f"it has revision {revision}, which a newer version of the portal made"
        )
    kept = None
    if database.exists():
        stamp = f"{edge.clock():%Y%m%dT%H%M%SZ}"
        kept = database.with_name(f"{database.name}.before-{stamp}")
        backup.copy(database, kept, _Shown())
    backup.restore(file, database, _Shown())
    before = f"; what was there before is in {kept}" if kept else ""
    return f"restored{before}\nnow run `cloudmatic-portal migrate`, then `check`\n"


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
