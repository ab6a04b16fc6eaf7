"""Do what is due: one action at a time, each in a transaction of its own.

The row stays locked until its work is committed with it. Whoever dies in between has done nothing,
and somebody else does it. Any number of workers may run at once, on as many machines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain.due import Due, DueKind, Outcome, next_attempt
from cloudmatic_portal.services import (
    background,
    declarations,
    invoices,
    orders,
    privacy,
    reminders,
    renewal,
    retention,
)
from cloudmatic_portal.services.invoices import Office
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage.database import Database, lost

_PAUSE: Final = 5.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worked:
    """An action and what became of it."""

    due: Due
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Worker:
    """What doing an action needs besides the database and the time."""

    house: House
    random_bytes: RandomBytes
    office: Office | None = None
    """Without it invoices are left waiting."""

    async def work(
        self, database: Database, now: datetime, until: datetime | None = None
    ) -> Worked | None:
        """Do what has been due longest at `now`, or at `until` if that is given; None: nothing.

        One that fails is tried again later, and set aside after some attempts; the rest goes on.
        """
        async with database.reading() as connection:
            if not await stored_due.any_due(connection, until or now, self.leaves):
                return None
        due: Due | None = None
        try:
            async with database.writing() as connection:
                due = await stored_due.take(connection, until or now, self.leaves)
                return None if due is None else await self.do(connection, due, now)
        except Exception as error:
            if due is None or lost(error):
                raise
            return await self._failed(database, due, error, now)

    async def tend(self, database: Database, now: datetime) -> str | None:
        """Do one thing that is nobody's due action, and tell what it was; None: nothing."""
        examined = await declarations.examine_next(database, now)
        if examined is not None:
            return f"declaration {examined.number}: {examined.outcome}"
        return "old data forgotten" if await retention.sweep(database, now) else None

    async def run(
        self, database: Database, clock: Callable[[], datetime], stop: asyncio.Event
    ) -> None:
        """Do what is due until `stop` is set. A database that is away is asked again later."""
        if self.leaves:
            _logger.warning("no invoices are issued: the settings do not say who the seller is")
        await background.repeat(
            lambda: self.work(database, clock()),
            lambda: self.tend(database, clock()),
            pause=_PAUSE,
            failure="what is due cannot be done",
            stop=stop,
        )

    async def foresee(
        self, connection: AsyncConnection, until: datetime, now: datetime
    ) -> AsyncIterator[Worked]:
        """Do all that will be due up to `until`, each at its time or `now` if that has passed.

        Whoever only wants to know rolls the transaction back.
        """
        while (due := await stored_due.take(connection, until, self.leaves)) is not None:
            at = max(due.due_at, now)
            try:
                async with connection.begin_nested():
                    worked = await self.do(connection, due, at)
            except Exception as error:  # noqa: BLE001 - it is what the operator wants to know
                why = type(error).__name__
                await stored_due.postpone(connection, due, None, why, at)
                worked = Worked(due, Outcome("failed", why))
            yield worked

    async def do(self, connection: AsyncConnection, due: Due, now: datetime) -> Worked:
        """Do an action that is held, within the caller's transaction."""
        outcome = await self._actions()[due.kind](connection, due, now)
        await stored_due.settle(connection, due, outcome, now)
        return Worked(due, outcome)

    def _actions(
        self,
    ) -> dict[DueKind, Callable[[AsyncConnection, Due, datetime], Awaitable[Outcome]]]:
        return {
            "renewal": self._renew,
            "reminder_early": self._remind,
            "reminder_last": self._remind,
            "payment_note": self._note,
            "order_expiry": orders.expire,
            "kept_data_over": privacy.forget,
            "invoice": self._issue,
            "credit_note": self._take_back,
        }

    @property
    def leaves(self) -> frozenset[DueKind]:
        """What nobody can do until the operator has said who the seller is; nothing is lost."""
        return rules.DOCUMENTS if self.office is None else frozenset()

    async def _issue(self, connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
        return await invoices.issue(connection, due, self._seller(), now)

    async def _take_back(self, connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
        return await invoices.take_back(connection, due, self._seller(), now)

    def _seller(self) -> Office:
        if self.office is None:
            raise LookupError("the settings do not say who the seller is")
        return self.office

    async def _renew(self, connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
        return await renewal.renew(connection, due, self.house, now, self.random_bytes)

    async def _remind(self, connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
        return await reminders.remind(connection, due, now, self.random_bytes)

    async def _note(self, connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
        return await renewal.note(connection, due, self.house, now)

    async def _failed(
        self, database: Database, due: Due, error: Exception, now: datetime
    ) -> Worked:
        _logger.error("action %d (%s) failed", due.due_id, due.key, exc_info=error)
        again = next_attempt(due.attempts + 1, now)
        # Its own words may repeat what is nobody's business; the log has them.
        why = type(error).__name__
        async with database.writing() as connection:
            await stored_due.postpone(connection, due, again, why, now)
        return Worked(due, Outcome("failed" if again is None else "waiting", why))


async def left_waiting(database: Database, worker: Worker, until: datetime) -> int:
    """How many actions are due up to `until` that `worker` leaves waiting."""
    async with database.reading() as connection:
        return await _left_waiting(connection, worker, until)


async def foretell(
    database: Database, worker: Worker, until: datetime, now: datetime
) -> tuple[tuple[Worked, ...], int]:
    """What will be done up to `until`, and how much will be left waiting; nothing is changed."""
    async with database.writing() as connection:
        worked = [each async for each in worker.foresee(connection, until, now)]
        waiting = await _left_waiting(connection, worker, until)
        await connection.rollback()
    return tuple(worked), waiting


async def _left_waiting(connection: AsyncConnection, worker: Worker, until: datetime) -> int:
    return await stored_due.count(connection, until, worker.leaves) if worker.leaves else 0
