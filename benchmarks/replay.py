"""What the libraries alone need for what checkouts have asked of the database.

Whole checkouts are recorded once, statement by statement, on a database of their own. Copies of it
as it was before are then asked the same by the bare driver, or by SQLAlchemy in the portal's
transactions, in which the statements are finished texts: nothing is worked out, and of ours there
is only how a database is reached. All numbers that a database draws come out alike, as everything
happens in the same order; so one database is asked one thing at a time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import asyncpg  # type: ignore[import-untyped]
import uvloop
from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.sqlite import PRAGMAS

By = Literal["driver", "sqlalchemy"]
Ask = Callable[[Sequence["Asked"]], Awaitable[None]]

_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_READINGS: Final = frozenset({_READING, "BEGIN DEFERRED"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement with its parameters, or with many sets of them."""

    statement: str
    parameters: Any = ()
    many: bool = False


@contextmanager
def recorded() -> Iterator[list[Asked]]:
    """What is asked of any database meanwhile, by one task."""
    asked: list[Asked] = []

    def begin(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            reads = connection.get_execution_options().get("postgresql_readonly")
            asked.append(Asked(_READING if reads else "BEGIN"))
        else:
            driver: Any = connection.connection.dbapi_connection
            asked.append(Asked(driver.BEGIN))

    def execute(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        sets = [*map(_plain, parameters)] if many else _plain(parameters)
        asked.append(Asked(statement, sets, many))

    def commit(_: Connection) -> None:
        asked.append(Asked("COMMIT"))

    listeners: dict[str, Callable[..., Any]] = {
        "begin": begin,
        "before_cursor_execute": execute,
        "commit": commit,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield asked
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def _plain(parameters: Iterable[Any]) -> tuple[Any, ...]:
    """Fit to be handed to another process."""
    return tuple(bytes(each) if isinstance(each, memoryview) else each for each in parameters)


def seconds(databases: Sequence[Sequence[str]], asked: Sequence[Asked], by: By) -> float:
    """How long it takes until all `databases` have been asked everything: a process for each group
    of addresses, in which all are asked at once.
    """
    context = multiprocessing.get_context("forkserver")
    start, done = context.Barrier(len(databases) + 1), context.Barrier(len(databases) + 1)
    running = [
        context.Process(target=_process, args=(group, asked, by, start, done))
        for group in databases
    ]
    for process in running:
        process.start()
    start.wait()
    began = time.perf_counter()
    done.wait()
    lasted = time.perf_counter() - began
    for process in running:
        process.join()
        if process.exitcode:
            raise RuntimeError("a replay has failed")
    return lasted


def _process(group: Sequence[str], asked: Sequence[Asked], by: By, start: Any, done: Any) -> None:
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_ask_all(group, asked, by, start))
        done.wait()
    except BaseException:
        start.abort()
        done.abort()
        raise


async def _ask_all(group: Sequence[str], asked: Sequence[Asked], by: By, start: Any) -> None:
    asks = [await _asking(each, by) for each in group]
    start.wait()
    await asyncio.gather(*(ask(asked) for ask in asks))


async def _asking(url: str, by: By) -> Ask:
    if by == "sqlalchemy":
        return await _sqlalchemy(url)
    return await (_postgresql(url) if "://" in url else _sqlite(url))


async def _sqlalchemy(url: str) -> Ask:
    database = Database(parse_url(url))
    async with database.reading(), database.writing():
        """Be connected, as the bare drivers are before the time is taken."""

    async def ask(asked: Sequence[Asked]) -> None:
        rest = iter(asked)
        for begin in rest:
            reads = begin.statement in _READINGS
            async with database.reading() if reads else database.writing() as connection:
                await _ask_until_commit(connection, rest)
        await database.close()

    return ask


async def _ask_until_commit(connection: AsyncConnection, rest: Iterator[Asked]) -> None:
    for each in rest:
        if each.statement == "COMMIT":
            return
        parameters = list(each.parameters) if each.many else each.parameters
        answer = await connection.exec_driver_sql(each.statement, parameters)
        if answer.returns_rows:
            answer.all()


async def _sqlite(file: str) -> Ask:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")

    async def ask(asked: Sequence[Asked]) -> None:
        for each in asked:
            if each.many:
                connection.executemany(each.statement, each.parameters)
            else:
                connection.execute(each.statement, each.parameters).fetchall()
        connection.close()

    return ask


async def _postgresql(url: str) -> Ask:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))

    async def ask(asked: Sequence[Asked]) -> None:
        for each in asked:
            if each.many:
                await connection.executemany(each.statement, each.parameters)
            elif each.statement in {"BEGIN", "COMMIT", _READING}:
                await connection.execute(each.statement)
            else:
                await connection.fetch(each.statement, *each.parameters)
        await connection.close()

    return ask
