"""What many ask at the same moment is asked of the database in one statement."""

from __future__ import annotations

import asyncio
import contextlib

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import Overloaded
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.gathering import MOST, Gathering
from tests.integration.portal.test_status_stamps import statements
from tests.integration.portal.world import Portal, enrolled_hub


class Doubled:
    """Numbers are found doubled by the database, odd ones not at all; it can be held up."""

    def __init__(self, statement: str = "SELECT 2 * :number") -> None:
        self.statement = statement
        self.asked: list[list[int]] = []
        self.called, self.free = asyncio.Event(), asyncio.Event()
        self.free.set()

    async def __call__(self, connection: AsyncConnection, numbers: list[int]) -> dict[int, int]:
        self.asked.append(numbers)
        self.called.set()
        found = {
            number: (await connection.execute(text(self.statement), {"number": number})).scalar()
            for number in numbers
            if number % 2 == 0
        }
        await self.free.wait()
        return {number: int(value or 0) for number, value in found.items()}


async def test_what_is_asked_meanwhile_is_asked_together(database: Database) -> None:
    doubled = Doubled()
    gathering = Gathering(database, doubled)
    doubled.free.clear()
    first = asyncio.create_task(gathering.find(2))
    await doubled.called.wait()
    others = [asyncio.create_task(gathering.find(number)) for number in (3, 4, 2, 4)]
    await asyncio.sleep(0)
    doubled.free.set()
    assert await asyncio.gather(first, *others) == [4, None, 8, 4, 8]
    # The 2 again: an answer is never older than its question.
    assert doubled.asked == [[2], [3, 4, 2]]
    assert await gathering.find(6) == 12


async def test_a_statement_is_given_so_many_keys_at_most(database: Database) -> None:
    doubled = Doubled()
    gathering = Gathering(database, doubled)
    numbers = range(0, 6 * MOST, 2)
    assert await asyncio.gather(*map(gathering.find, numbers)) == [2 * each for each in numbers]
    assert [len(each) for each in doubled.asked] == [MOST, MOST, MOST]


async def test_an_error_is_theirs_who_asked(database: Database) -> None:
    doubled = Doubled("SELECT :number FROM nowhere")
    gathering = Gathering(database, doubled)
    failed = await asyncio.gather(gathering.find(2), gathering.find(4), return_exceptions=True)
    assert all(isinstance(each, OperationalError | ProgrammingError) for each in failed)
    assert await gathering.find(5) is None


async def test_who_goes_away_takes_nobodys_answer_along(database: Database) -> None:
    doubled = Doubled()
    gathering = Gathering(database, doubled)
    doubled.free.clear()
    leaving, staying = (asyncio.create_task(gathering.find(2)) for _ in range(2))
    await doubled.called.wait()
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    doubled.free.set()
    assert await staying == 4


async def test_a_full_house_refuses_them_all_also_later_in_a_visit(database: Database) -> None:
    gathering = Gathering(database, Doubled())
    database.most_waiting = 1
    with database.one_visit():
        assert await gathering.find(2) == 4
        database.most_waiting = 0
        refused = await asyncio.gather(gathering.find(2), gathering.find(4), return_exceptions=True)
    assert [type(each) for each in refused] == [Overloaded, Overloaded]


async def test_hubs_that_ask_at_once_share_their_reads(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    known = {"If-None-Match": (await hub.status()).headers["ETag"]}
    with statements() as executed:
        answers = await asyncio.gather(*(hub.status(known) for _ in range(21)))
    assert {each.status for each in answers} == {304}
    assert 1 <= len([each for each in executed if "hub_keys" in each]) < 21
