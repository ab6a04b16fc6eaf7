"""What many ask at the same moment is asked of the database in one statement."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import Overloaded
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.storage import gathering
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.gathering import MOST, Gathering
from tests.integration.portal.hubs import enrolled_hub, with_erikas_hub
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.test_status_stamps import statements
from tests.integration.portal.world import NOW, Portal

Numbers = Gathering[int, int]


class Doubled:
    """Numbers are found doubled by the database, odd ones not at all; it can be held up."""

    def __init__(self) -> None:
        self.statement = "SELECT 2 * :number"
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


@pytest.fixture
def doubled() -> Doubled:
    return Doubled()


@pytest.fixture
def gathered(database: Database, doubled: Doubled) -> Numbers:
    return Gathering(database, doubled)


async def test_what_is_asked_meanwhile_is_asked_together(
    doubled: Doubled, gathered: Numbers
) -> None:
    doubled.free.clear()
    first = asyncio.create_task(gathered.find(2))
    await doubled.called.wait()
    others = [asyncio.create_task(gathered.find(number)) for number in (3, 4, 2, 4)]
    await asyncio.sleep(0)
    doubled.free.set()
    assert await asyncio.gather(first, *others) == [4, None, 8, 4, 8]
    # The 2 again: an answer is never older than its question.
    assert doubled.asked == [[2], [3, 4, 2]]
    assert await gathered.find(6) == 12


async def test_a_statement_is_given_so_many_keys_at_most(
    doubled: Doubled, gathered: Numbers
) -> None:
    numbers = range(0, 6 * MOST, 2)
    assert await asyncio.gather(*map(gathered.find, numbers)) == [2 * each for each in numbers]
    assert [len(each) for each in doubled.asked] == [MOST, MOST, MOST]


async def test_an_error_is_theirs_who_asked(doubled: Doubled, gathered: Numbers) -> None:
    doubled.statement = "SELECT :number FROM nowhere"
    failed = await asyncio.gather(gathered.find(2), gathered.find(4), return_exceptions=True)
    assert all(isinstance(each, OperationalError | ProgrammingError) for each in failed)
    assert await gathered.find(5) is None


async def test_who_goes_away_takes_nobodys_answer_along(
    doubled: Doubled, gathered: Numbers
) -> None:
    doubled.free.clear()
    leaving, staying = (asyncio.create_task(gathered.find(2)) for _ in range(2))
    await doubled.called.wait()
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    doubled.free.set()
    assert await staying == 4


async def test_a_full_house_refuses_all_who_ask(database: Database, gathered: Numbers) -> None:
    database.most_waiting = 1
    with database.one_visit():
        assert await gathered.find(2) == 4
        database.most_waiting = 0
        refused = await asyncio.gather(gathered.find(2), gathered.find(4), return_exceptions=True)
    assert [type(each) for each in refused] == [Overloaded, Overloaded]


async def test_a_table_that_is_locked_holds_up_nobody_for_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_PATIENCE", 0.2)
    keys = Gathering(database, stored_hub.find_keys)
    async with database.writing() as connection:
        # SQLite's readers wait for nobody.
        if connection.dialect.name == "postgresql":
            await connection.execute(text("LOCK TABLE hubs IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(Overloaded):
                await keys.find("unknown")
        else:
            assert await keys.find("unknown") is None
    assert await keys.find("unknown") is None


async def test_so_many_may_wait_and_whoever_comes_then_is_refused(
    doubled: Doubled, gathered: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_WAITING", 3)
    doubled.free.clear()
    asking = [asyncio.create_task(gathered.find(2))]
    await doubled.called.wait()
    asking += [asyncio.create_task(gathered.find(number)) for number in (4, 6, 8, 4)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await gathered.find(10)
    doubled.free.set()
    assert await asyncio.gather(*asking) == [4, 8, 12, 16, 8]


async def test_who_was_answered_is_served_to_the_end(database: Database, gathered: Numbers) -> None:
    database.most_waiting = 1
    with database.one_visit():
        assert await gathered.find(2) == 4
        database.most_waiting = 0
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1


async def test_each_key_is_found_with_its_own_hub_and_account(database: Database) -> None:
    numbers = range(7001, 7001 + MOST)
    await add_accounts(database, *numbers)
    async with database.writing() as connection:
        for number in numbers:
            await stored_hub.add_key(connection, key_of(number))
    for count in (0, 1, 2, 3, 5, MOST):
        wanted = {key_of(number).key_id: key_of(number) for number in numbers[:count]}
        async with database.reading() as connection:
            found = await stored_hub.find_keys(connection, [*wanted, "unknown" * 6 + "k"])
        assert {key: replace(each, stamps=(None, None)) for key, each in found.items()} == wanted


def key_of(number: int) -> HubKey:
    return HubKey(
        key_id=f"{number:043}",
        public_key=bytes(28) + number.to_bytes(4, "big"),
        serial=f"SERIAL{number}",
        account_id=number,
        user_name=f"customer{number}",
        created_at=NOW,
    )


async def test_hubs_that_ask_at_once_share_reads_and_each_hears_of_its_own_account(
    portal: Portal,
) -> None:
    mine = await enrolled_hub(portal)
    others = await with_erikas_hub(portal)
    with statements() as executed:
        answers = await asyncio.gather(*(each.status() for each in (mine, others) * 10))
    told = [json.loads(each.text)["account"]["id"] for each in answers]
    assert told == ["4711", "4712"] * 10
    # Of the first reads of all 20; the second ones are with the rest of the status.
    first = [each for each in executed if "hub_keys" in each and each.startswith("SELECT")]
    assert len(first) - 20 < 20
