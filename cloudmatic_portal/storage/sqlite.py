"""SQLite on the event loop's own thread.

The usual driver, aiosqlite, hands each statement to a thread and back, three or four times: some
300 µs for what SQLite does in 20. Within one of our transactions nothing waits, however: a writing
one holds the lock from its `BEGIN IMMEDIATE` on, and in WAL mode a reading one never waits for a
writer. What does wait, for the lock and for the disk, leaves the event loop: a `BEGIN IMMEDIATE`
that finds another process writing, and the `COMMIT` of what was written.
`python -m benchmarks.checkout` tells what it is worth.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from typing import Any, Final, Self, TypeVar

from sqlalchemy import URL, Connection, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_

DRIVER: Final = "sqlite+inline"

_READERS: Final = 8
_BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

Result = TypeVar("Result")


def readers(url: URL, patience: float) -> AsyncEngine:
    """An engine whose connections cannot write. `patience` is in seconds."""
    connect = {"factory": _Connection, "timeout": patience}
    return _engine(url, _READERS, patience, "BEGIN", connect, (*PRAGMAS, "query_only = ON"))


def writer(url: URL, patience: float) -> AsyncEngine:
    """An engine with one connection: writers of this process queue for it in order.

    For a writer of another process they wait up to `patience` (seconds).
    """

    class Writer(_Writer):
        busy_timeout = round(patience * 1000)

    connect = {"factory": Writer, "timeout": 0}
    return _engine(url, 1, patience, _BEGIN_WRITING, connect, PRAGMAS)


def _engine(
    url: URL,
    size: int,
    patience: float,
    begin: str,
    connect: dict[str, Any],
    pragmas: tuple[str, ...],
) -> AsyncEngine:
    # One task at a time uses a connection, on the event loop's thread but for what waits.
    # `isolation_level` None keeps the driver from beginning by its own rules.
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        hide_parameters=True,
        connect_args=connect | {"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def begin_as_the_owners(_: object, __: object, address: list[Any], ___: object) -> None:
        _make_private(address[0])

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Whoever opens the file first may have it to itself for a moment.
        connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        if begin == _BEGIN_WRITING:
            connection.execute("PRAGMA busy_timeout = 0")

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _make_private(file: str) -> None:
    """Make the file, if there is none, readable by its owner alone; SQLite's others follow it.

    One that is there is not even opened: closing it would end the locks that this process holds
    (https://www.sqlite.org/howtocorrupt.html, section 2.2). Its mode is the operator's.
    """
    # If it cannot be made, SQLite says so in its own words.
    with contextlib.suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        super().execute(sql, parameters)
        await_(_nothing())
        return self

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        super().executemany(sql, parameters)
        await_(_nothing())
        return self

    async def _async_soft_close(self) -> None:
        """SQLAlchemy calls it when all rows are fetched; there is nothing to wait for."""


class _Connection(sqlite3.Connection):
    """For SQLAlchemy, which asks for cursors. `execute` is the plain one, on any thread."""

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return super().cursor().execute(sql, parameters)

    def close(self) -> None:
        # Whoever was cancelled may have left a cursor behind, in a traceback that somebody keeps.
        # SQLite closes only after the last one is gone, and until then a transaction would stay
        # open, with its lock.
        if self.in_transaction:
            super().rollback()
        super().close()


class _WritingCursor(_Cursor):
    connection: _Writer

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            if sql != _BEGIN_WRITING or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        await_(_elsewhere(self.connection.wait_to_begin))
        return self


class _Writer(_Connection):
    busy_timeout = 0
    """Milliseconds."""

    def cursor(self, factory: Any = _WritingCursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        await_(_elsewhere(super().commit))

    def wait_to_begin(self) -> None:
        """Begin writing as soon as whoever writes now is done."""
        self.execute(f"PRAGMA busy_timeout = {self.busy_timeout}")
        try:
            self.execute(_BEGIN_WRITING)
        finally:
            self.execute("PRAGMA busy_timeout = 0")


async def _nothing() -> None:
    """SQLAlchemy refuses a driver that awaits nothing in a statement: it takes it for a mistake."""


async def _elsewhere(work: Callable[[], Result]) -> Result:
    """Let a thread do it; whoever gives up waiting still waits until the connection is free."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


class InlineDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite with the standard library's `sqlite3`, for an AsyncEngine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[AsyncAdaptedQueuePool]:  # noqa: ARG003
        return AsyncAdaptedQueuePool


registry.register("sqlite.inline", __name__, InlineDialect.__name__)
