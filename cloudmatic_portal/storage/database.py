"""Where SQLite and PostgreSQL differ; beside it only their constraints (`ddl.py`) do.

Transactions are either reading or writing, and it is said beforehand which:

- Reading sees one state of the database throughout and cannot write: PostgreSQL is told so per
  transaction (REPEATABLE READ, READ ONLY), SQLite per connection (`query_only`), which is why
  SQLite has a second pool.
- Writing takes its lock at the start on SQLite (`BEGIN IMMEDIATE`). A transaction that reads
  first and asks for the lock later is refused at once when another one wrote in between, and no
  busy timeout helps. PostgreSQL writes in READ COMMITTED and locks rows.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    MetaData,
    TypeDecorator,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from cloudmatic_portal.domain.errors import Overloaded
from cloudmatic_portal.storage import sqlite

CONNECTIONS: Final = 15
"""To PostgreSQL, at most, of one process. All are kept: what goes beyond a pool is connected anew
for each transaction, which costs PostgreSQL a process and more than the transaction does.
"""

BUSY_TIMEOUT: Final = 30
"""Seconds that a writer waits for another process to finish writing (SQLite)."""

_FRESH: Final = 5.0
"""Seconds for which what has answered is taken to be alive, a connection or all of the database."""
_USED: Final = "used"
_SCHEMA_LOCK: Final = 4711
_STATEMENTS_LOCK: Final = 4712

_NAMES: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
metadata: Final = MetaData(naming_convention=_NAMES)
"""All tables, for queries. Databases are made by the migrations, never from this."""


class DatabaseUnusable(Exception):
    """The address given is not one of a database that the portal can use."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Naive ones are refused on the way in; on the way out it is always UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        # SQLite forgets the zone; what was stored was UTC.
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Database:
    """The portal's database: hand out transactions, nothing else.

    `most_waiting`: so many may wait for a connection; whoever comes then is refused (Overloaded),
    instead of letting all wait longer and longer. None: everybody waits. Within `one_visit` only
    the first connection is refused: what has been begun is finished. `had_at`: when one was had
    last, by the monotonic clock.
    """

    most_waiting: int | None = None
    had_at = -math.inf
    _waiting = 0

    def __init__(self, url: URL, *, most_waiting: int | None = None) -> None:
        self.most_waiting = most_waiting
        if url.get_backend_name() == "sqlite":
            self._readers = sqlite.readers(url, BUSY_TIMEOUT)
            self._writers = sqlite.writer(url, BUSY_TIMEOUT)
            self._glances = self._readers
        else:
            # Errors are logged, and parameters may open an account to whoever reads them.
            self._writers = create_async_engine(
                url, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=0
            )
            _ask_after_idling(self._writers)
            self._readers = self._writers.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._glances = self._writers.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def patient(self) -> Database:
        """The same connections, for those of this process who would rather wait."""
        other = copy(self)
        other.most_waiting = None
        return other

    @property
    def busy(self) -> bool:
        """Whether enough wait, and connections were had a moment ago all the same."""
        return self._full and time.monotonic() - self.had_at < _FRESH

    @property
    def _full(self) -> bool:
        return self.most_waiting is not None and self._waiting >= self.most_waiting

    @contextmanager
    def one_visit(self) -> Iterator[None]:
        """For all that one visitor asks of the database at once."""
        token = _VISIT.set(_Visit())
        try:
            yield
        finally:
            _VISIT.reset(token)

    def visit_has_begun(self) -> None:
        """Somebody else's connection has served this visitor, too."""
        if visit := _VISIT.get():
            visit.begun = True

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one consistent state and cannot write."""
        async with self._connected(self._readers) as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def glancing(self) -> AsyncIterator[AsyncConnection]:
        """For a single statement that reads; PostgreSQL is not told to begin and to commit."""
        async with self._connected(self._glances) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block, or rolls back on any exception."""
        async with self._connected(self._writers) as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            with self._queue(_VISIT.get()):
                connection = await stack.enter_async_context(engine.connect())
            yield connection

    @contextmanager
    def _queue(self, visit: _Visit | None) -> Iterator[None]:
        if self._full and not (visit and visit.begun):
            raise Overloaded
        self._waiting += 1
        try:
            yield
            self.had_at = time.monotonic()
            if visit:
                visit.begun = True
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writers.dispose()


@dataclass(slots=True)
class _Visit:
    """`begun`: a connection was there for it."""

    begun: bool = False


_VISIT: Final[ContextVar[_Visit | None]] = ContextVar("visit", default=None)


@dataclass(slots=True)
class Changes:
    """`made`: whether any row was inserted, changed or deleted."""

    made: bool = False


@contextmanager
def watched(connection: AsyncConnection) -> Iterator[Changes]:
    """Tell whether the statements of the block change anything."""
    changes = Changes()

    def look(*facts: Any) -> None:
        context = facts[4]
        wrote = context.isinsert or context.isupdate or context.isdelete
        # A row that is told back counts, though the driver knows of none; 0 is none for certain.
        changes.made |= wrote and context.cursor.rowcount != 0

    event.listen(connection.sync_connection, "after_cursor_execute", look)
    try:
        yield changes
    finally:
        event.remove(connection.sync_connection, "after_cursor_execute", look)


def parse_url(address: str) -> URL:
    """Read a SQLAlchemy URL, or the path of a SQLite file. Raises DatabaseUnusable."""
    if "://" not in address:
        return URL.create(sqlite.DRIVER, database=str(Path(address)))
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise DatabaseUnusable("not a database URL") from error
    drivers = {"sqlite": sqlite.DRIVER, "postgresql": "postgresql+asyncpg"}
    driver = drivers.get(url.get_backend_name())
    if driver is None:
        raise DatabaseUnusable("only SQLite and PostgreSQL are known")
    if driver.startswith("sqlite") and url.database in {None, "", ":memory:"}:
        raise DatabaseUnusable("SQLite needs a file: every connection has a memory of its own")
    return url.set(drivername=driver)


def violates(error: IntegrityError, constraint: str, columns: str) -> bool:
    """Whether `error` is about `constraint`, which SQLite knows by its `columns` only.

    `columns` is written as SQLite does: `table.column` or `table.a, table.b`.
    """
    message = str(error.orig)
    return f'"{constraint}"' in message or message.endswith(f"UNIQUE constraint failed: {columns}")


def lost(error: Exception) -> bool:
    """Whether `error` is the connection's, and no fault of what was asked."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def lock_schema(connection: Connection) -> None:
    """Let one process at a time change the schema; released with the transaction."""
    # SQLite's writing transactions exclude each other anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))


async def lock_statements(connection: AsyncConnection) -> None:
    """Let one process at a time import bank statements; released with the transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_STATEMENTS_LOCK})"))


def _ask_after_idling(engine: AsyncEngine) -> None:
    """Before a connection that has idled is used again, ask whether it still answers.

    SQLAlchemy's `pool_pre_ping` asks every time, which is a tenth of a short transaction.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get(_USED, 0.0) < _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The pool takes the next connection then, and makes a new one if none answers.
            raise DisconnectionError from error
