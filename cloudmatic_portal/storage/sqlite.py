"""SQLite on the event loop's own thread.

The usual driver, aiosqlite, hands each statement to a thread and back, three or four times: some
300 µs for what SQLite does in 20. Within one of our transactions nothing waits, however: a writing
one holds the lock from its `BEGIN IMMEDIATE` on, and in WAL mode a reading one never waits for a
writer. What does wait, for the lock and for the disk, leaves the event loop: a `BEGIN IMMEDIATE`
that finds another process writing, and the `COMMIT` of what was written. So a statement needs no
greenlet either, in which SQLAlchemy lets other drivers wait: half of what it costs.
`python -m benchmarks.checkout` tells what it is worth.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, CursorResult, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection
from sqlalchemy.util import await_

DRIVER: Final = "sqlite+inline"

_READERS: Final = 8
PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

Result = TypeVar("Result")


def readers(url: URL, patience: float) -> AsyncEngine:
    """An engine whose connections cannot write. `patience` is in seconds."""
    connect = {"factory": _Connection, "timeout": patience}
    return _engine(url, _READERS, patience, connect, (*PRAGMAS, "query_only = ON"))


def writer(url: URL, patience: float) -> AsyncEngine:
    """An engine with one connection: writers of this process queue for it in order.

    For a writer of another process they wait up to `patience` (seconds).
    """

    class Writer(_Writer):
        busy_timeout = round(patience * 1000)

    connect = {"factory": Writer, "timeout": 0}
    return _engine(url, 1, patience, connect, (*PRAGMAS, "busy_timeout = 0"))


def _engine(
    url: URL,
    size: int,
    patience: float,
    connect: dict[str, Any],
    pragmas: tuple[str, ...],
) -> AsyncEngine:
    # One task at a time uses a connection, on the event loop's thread but for what waits.
    # `isolation_level` None keeps the driver from beginning by its own rules.
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        hide_parameters=True,
        connect_args=connect | {"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Whoever opens the file first may have it to itself for a moment.
        connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return _Engine(engine)


def _make_private(file: str) -> None:
    """Make the file, if there is none, readable by its owner alone; SQLite's others follow it.

    One that is there is not even opened: closing it would end the locks that this process holds
    (https://www.sqlite.org/howtocorrupt.html, section 2.2). Its mode is the operator's.
    """
    # If it cannot be made, SQLite says so in its own words.
    with contextlib.suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


class _Connection(sqlite3.Connection):
    BEGIN = "BEGIN DEFERRED"

    def begin(self) -> None:
        self.execute(self.BEGIN)

    def close(self) -> None:
        # Whoever was cancelled may have left a cursor behind, in a traceback that somebody keeps.
        # SQLite closes only after the last one is gone, and until then a transaction would stay
        # open, with its lock.
        if self.in_transaction:
            super().rollback()
        super().close()


class _Writer(_Connection):
    BEGIN = "BEGIN IMMEDIATE"
    busy_timeout = 0
    """Milliseconds."""

    def begin(self) -> None:
        try:
            self.execute(self.BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await_(_elsewhere(self._wait_to_begin))

    def commit(self) -> None:
        await_(_elsewhere(super().commit))

    def _wait_to_begin(self) -> None:
        """Begin writing as soon as whoever writes now is done."""
        self.execute(f"PRAGMA busy_timeout = {self.busy_timeout}")
        try:
            self.execute(self.BEGIN)
        finally:
            self.execute("PRAGMA busy_timeout = 0")


async def _elsewhere(work: Callable[[], Result]) -> Result:
    """Let a thread do it; whoever gives up waiting still waits until the connection is free."""
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


class _AtOnce(AsyncConnection):
    """Whose statements are done at once, without the greenlet in which others wait for theirs."""

    __slots__ = ()

    async def execute(
        self, statement: Any, parameters: Any = None, *, execution_options: Any = None
    ) -> CursorResult[Any]:
        return self._sync.execute(statement, parameters, execution_options=execution_options)

    async def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> CursorResult[Any]:
        return self._sync.exec_driver_sql(statement, parameters, execution_options)

    @property
    def _sync(self) -> Connection:
        if self.sync_connection is None:
            raise InvalidRequestError("the connection has not been started")
        return self.sync_connection


class _Engine(AsyncEngine):
    __slots__ = ()

    def connect(self) -> AsyncConnection:
        return _AtOnce(self)


class InlineDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite with the standard library's `sqlite3`, for an AsyncEngine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    # Overridden and not listened to: as soon as an engine has one listener, SQLAlchemy looks for
    # more of them at each statement.
    def connect(self, *address: Any, **options: Any) -> DBAPIConnection:
        _make_private(address[0])
        return super().connect(*address, **options)

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        begun: Any = dbapi_connection.dbapi_connection
        begun.begin()

    @classmethod
    def get_pool_class(cls, url: URL) -> type[AsyncAdaptedQueuePool]:  # noqa: ARG003
        return AsyncAdaptedQueuePool


registry.register("sqlite.inline", __name__, InlineDialect.__name__)
