"""Who may try again, and when. The rules are in `domain/throttle.py`.

`admit` before a secret is compared, `succeeded` after it if it was right. The attempt is counted
beforehand, so that a thousand at once do not slip through together. Where attempts wait for each
other anyway, `check` before and `failed` after a wrong one cost less.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import TooManyAttempts
from cloudmatic_portal.domain.throttle import Attempt, Tally
from cloudmatic_portal.storage import attempt as stored
from cloudmatic_portal.storage.database import Database


async def admit(database: Database, attempt: Attempt, now: datetime) -> None:
    """Count the attempt as failed, or raise TooManyAttempts and leave the tallies as they are."""
    # Whoever has to wait costs no writing transaction.
    async with database.reading() as connection:
        await check(connection, attempt, now)
    async with database.writing() as connection:
        tallies = await _lock(connection, attempt, now)
        _refuse(tallies.values(), now)
        await _count(connection, attempt, tallies, now)


async def check(connection: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """Raise TooManyAttempts if the attempt comes too early. Counts nothing."""
    found = await stored.find(connection, [each.subject for each in attempt.counters()])
    _refuse(found.values(), now)


async def failed(connection: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """Count an attempt that was not counted beforehand."""
    await _count(connection, attempt, await _lock(connection, attempt, now), now)


async def failures(connection: AsyncConnection, attempt: Attempt, now: datetime) -> int:
    """How often attempts under that name, or with that device, have failed lately."""
    counters = [each for each in attempt.counters() if each.scope in {"name", "device"}]
    found = await stored.find(connection, [each.subject for each in counters])
    recent = (
        found[each.subject].failures
        for each in counters
        if each.subject in found and now - found[each.subject].last_at < each.rule.memory
    )
    return max(recent, default=0)


async def succeeded(connection: AsyncConnection, attempt: Attempt, now: datetime) -> None:
    """Take back what `admit` counted, within the transaction of what succeeded.

    Whoever knows the secret has a clean slate, here and on this device. What others failed to do,
    in the same network or with the same name, stays: a success must not make guessing cheaper.
    """
    tallies = await _lock(connection, attempt, now)
    for counter in attempt.counters():
        left = tallies[counter.subject].less(now)
        if left.failures == 0 or counter.scope in {"here", "device"}:
            await stored.remove(connection, counter.subject)
        else:
            await stored.put(connection, counter.subject, left)


async def _lock(connection: AsyncConnection, attempt: Attempt, now: datetime) -> dict[bytes, Tally]:
    subjects = [each.subject for each in attempt.counters()]
    return await stored.lock(connection, attempt.purpose, subjects, now)


async def _count(
    connection: AsyncConnection, attempt: Attempt, tallies: dict[bytes, Tally], now: datetime
) -> None:
    for counter in attempt.counters():
        tally = tallies[counter.subject].more(counter.rule, now)
        await stored.put(connection, counter.subject, tally)
    await stored.forget_old(connection, now)


def _refuse(tallies: Iterable[Tally], now: datetime) -> None:
    seconds = max((tally.seconds_left(now) for tally in tallies), default=0)
    if seconds > 0:
        raise TooManyAttempts(seconds)
