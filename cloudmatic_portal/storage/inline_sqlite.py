"""SQLite on the event loop's own thread.

The usual driver, aiosqlite, hands each statement to a thread and back, three or four times: some
300 µs for what SQLite does in 20. Within one of our transactions nothing waits, however: a writing
one holds the lock from its `BEGIN IMMEDIATE` on, and in WAL mode a reading one never waits for a
writer. What does wait, for the lock and for the disk, is `BEGIN IMMEDIATE` and `COMMIT`, and only
these two leave the event loop. `python -m benchmarks.checkout` tells what it is worth.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
DRIVER: Final = "sqlite+inline"

Result = TypeVar("Result")


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> _Cursor:
        execute = super().execute
        if sql == BEGIN_WRITING:
            await_(_elsewhere(lambda: execute(sql, parameters)))
        else:
            execute(sql, parameters)
            await_(_nothing())
        return self

    def executemany(self, sql: str, parameters: Any, /) -> _Cursor:
        super().executemany(sql, parameters)
        await_(_nothing())
        return self

    async def _async_soft_close(self) -> None:
        """SQLAlchemy calls it when all rows are fetched; there is nothing to wait for."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        commit = super().commit
        await_(_elsewhere(commit))


class InlineDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's SQLite with the standard library's `sqlite3`, for an AsyncEngine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: Any) -> type[AsyncAdaptedQueuePool]:  # noqa: ARG003
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: Any) -> Any:
        args, options = super().create_connect_args(url)
        # One task at a time uses it, on the event loop's thread but for the two that wait.
        return args, {**options, "check_same_thread": False, "factory": _Connection}


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


registry.register("sqlite.inline", __name__, InlineDialect.__name__)
