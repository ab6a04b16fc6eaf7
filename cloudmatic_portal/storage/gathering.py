"""What many ask of the database at the same moment, asked in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from contextvars import Context
from itertools import islice
from typing import Final, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import Overloaded
from cloudmatic_portal.storage.database import Database

MOST: Final = 64
"""Keys in one statement."""

MOST_WAITING: Final = 16 * MOST
"""Keys that wait for a statement: a second or two at full load."""

_PATIENCE: Final = 10.0
"""Seconds that a statement gets. Everybody waits behind it, and other connections may be well."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Find = Callable[[AsyncConnection, list[K]], Awaitable[Mapping[K, V]]]
"""One statement that reads; keys that have no value are left out of what it returns."""


class Gathering(Generic[K, V]):
    """Finds values by their keys. While a statement is under way, questions gather for the next
    one: no answer is older than its question, and nobody waits for others to come.
    """

    def __init__(self, database: Database, find: Find[K, V]) -> None:
        self._database = database
        self._find = find
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key: K) -> V | None:
        """The value of `key`. Raises what the statement raises, and Overloaded."""
        answer = self._waiting.get(key)
        if answer is None:
            if len(self._waiting) >= MOST_WAITING:
                raise Overloaded
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            # In a context of its own: it asks for all, not as a part of the first one's visit.
            self._asking = asyncio.create_task(self._ask(), context=Context())
        # One that goes away takes nobody's answer along.
        found = await asyncio.shield(answer)
        self._database.visit_has_begun()
        return found

    async def _ask(self) -> None:
        while self._waiting:
            asked = {key: self._waiting.pop(key) for key in list(islice(self._waiting, MOST))}
            try:
                async with asyncio.timeout(_PATIENCE), self._database.glancing() as connection:
                    found = await self._find(connection, list(asked))
            except TimeoutError:
                _fail(asked.values(), Overloaded())
            except Exception as error:  # noqa: BLE001 - theirs who asked
                _fail(asked.values(), error)
            else:
                for key, answer in asked.items():
                    answer.set_result(found.get(key))
            finally:
                # If this was cancelled itself.
                for answer in asked.values():
                    answer.cancel()


def _fail(answers: Iterable[asyncio.Future[V | None]], error: Exception) -> None:
    for answer in answers:
        answer.set_exception(error)
        # All who asked may have gone away.
        answer.exception()
