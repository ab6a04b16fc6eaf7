"""Copies of a SQLite database while it is used, and back again."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

_PAGES_AT_ONCE: Final = 2000
_PATIENCE: Final = 30.0

Progress = Callable[[int, int], None]
"""Told now and then: pages done, pages in all."""


class BackupUnusable(Exception):
    """A copy that is not a whole database of the portal's; the message says what is wrong."""


def copy(database: Path, to: Path, progress: Progress) -> None:
    """Copy the database into the new file `to`, as it is at one moment, readable by its owner.

    Others may read and write meanwhile. The file has its name only once it is whole and on the
    disk. Raises FileExistsError, OSError or BackupUnusable.
    """
    if to.exists():
        raise FileExistsError(17, "there is a file of that name", str(to))
    part = to.with_name(f".{to.name}.part")
    remove(part)
    part.touch(mode=0o600)
    try:
        with closing(_open(database)) as source, closing(sqlite3.connect(part)) as target:
            # One look at the database for all steps; else each write of others begins it anew.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target, pages=_PAGES_AT_ONCE, progress=_told(progress), sleep=0.0)
            # A copy in one file, which may be moved about by itself.
            target.execute("PRAGMA journal_mode = DELETE")
        revision_of(part)
        _flush(part)
        part.rename(to)
    except sqlite3.OperationalError as error:
        # The disk is full, or fails: that says nothing of the database.
        raise OSError(errno.EIO, f"it could not be copied: {error}", str(to)) from error
    except sqlite3.Error as error:
        raise BackupUnusable(f"it cannot be read as a whole: {error}") from error
    finally:
        remove(part)
    _flush(to.parent)


def restore(backup: Path, database: Path, progress: Progress) -> None:
    """Put the content of `backup` in the place of the database's, in one transaction.

    Raises OSError or sqlite3.Error; nothing is changed then.
    """
    with closing(_open(backup)) as source:
        database.touch(mode=0o600, exist_ok=True)
        with closing(sqlite3.connect(database, timeout=_PATIENCE)) as target:
            source.backup(target, pages=-1, progress=_told(progress))
            target.execute("PRAGMA journal_mode = WAL")


def in_use(database: Path) -> bool:
    """Whether somebody else has the database open, a portal or a command.

    Whoever leaves WAL mode must be alone (https://www.sqlite.org/wal.html, "persistence of WAL
    mode"); the next one to open it enters that mode again.
    """
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=0)) as opened:
        try:
            opened.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.DatabaseError as error:
            # Damage is for others to tell.
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def remove(database: Path) -> None:
    """Remove a database that nobody has open, if there is one, with what SQLite lays beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(f"{database.name}{ending}").unlink(missing_ok=True)


def revision_of(backup: Path) -> str:
    """The revision of the schema in a copy that is whole. Raises BackupUnusable or OSError."""
    try:
        with closing(_open(backup)) as opened:
            problem = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if problem != "ok":
                raise BackupUnusable(f"it is damaged: {problem}")
            if opened.execute("PRAGMA foreign_key_check").fetchone():
                raise BackupUnusable("it is damaged: a row refers to another one that is missing")
            row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BackupUnusable(f"it is no database of the portal: {error}") from error
    if row is None:
        raise BackupUnusable("it is no database of the portal")
    return str(row[0])


def _open(file: Path) -> sqlite3.Connection:
    """Open for reading; a name that is mistyped must not become an empty database."""
    if not file.is_file():
        raise FileNotFoundError(2, "there is no such file", str(file))
    address = f"{file.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=_PATIENCE)


def _told(progress: Progress) -> Callable[[int, int, int], None]:
    return lambda _, remaining, total: progress(total - remaining, total)


def _flush(file: Path) -> None:
    number = os.open(file, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
