"""Declarations while somebody else is at work on them, or on their account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.services import declarations, ending
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import declaration as stored
from cloudmatic_portal.storage import personal
from tests.integration.portal.declaring import (
    declare,
    listed,
    state_of,
    subscriber,
    tend,
)
from tests.integration.portal.purchases import buy, fill
from tests.integration.portal.world import Browser, Portal


@pytest.fixture
async def owner(portal: Portal, browser: Browser) -> Browser:
    return await subscriber(portal, browser)


async def test_a_declaration_that_cannot_be_examined_does_not_keep_others_waiting(
    portal: Portal, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = ending.find

    async def broken(*facts: Any) -> object:
        if "kaputt" in repr(facts):
            raise ZeroDivisionError
        return await usual(*facts)

    monkeypatch.setattr(ending, "find", broken)
    await declare(owner, contract="kaputt")
    await declare(owner)
    assert await tend(portal) == [
        "it could not be examined; see the log",
        "CloudMatic Connect cancelled, ends 2027-01-24",
    ]


async def test_two_workers_examine_each_declaration_once(portal: Portal, owner: Browser) -> None:
    await declare(owner)
    async with portal.database.writing() as connection:
        held = await stored.take(connection)
        assert held is not None
        if connection.dialect.name == "postgresql":
            assert await declarations.examine_next(portal.database, portal.clock.now) is None
    assert len(await tend(portal)) == 1


async def test_whoever_holds_the_account_does_not_wait_for_its_declaration(
    portal: Portal, owner: Browser
) -> None:
    """The account comes first: a deletion holds it, and wants its letters then."""
    await declare(owner)
    async with portal.database.writing() as connection:
        account = await stored_account.lock(connection, 4711)
        assert account is not None
        examining = asyncio.create_task(
            declarations.examine_next(portal.database, portal.clock.now)
        )
        await asyncio.wait({examining}, timeout=1)
        await personal.conceal(connection, account, portal.clock.now, date(2034, 12, 31))
    await examining
    await tend(portal)
    # Nobody has that address any more.
    assert await listed(portal) == [("open", 4711, None)]
    assert await state_of(portal) == ["active"]


async def test_two_customers_who_name_each_others_orders_wait_for_nobody(portal: Portal) -> None:
    theirs = await buy(portal.database, await fill(portal.database, 4712), 4712)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=theirs)
    async with portal.database.writing() as connection:
        assert await stored_account.lock(connection, 4712) is not None
        examined = asyncio.create_task(declarations.examine_next(portal.database, portal.clock.now))
        done, _ = await asyncio.wait({examined}, timeout=2)
        # SQLite has one writer anyway.
        assert bool(done) == (connection.dialect.name == "postgresql")
    found = await examined
    assert found is not None
    assert found.outcome == "no order is named for certain"


async def test_what_somebody_else_has_settled_meanwhile_is_not_opened_again(
    portal: Portal, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker fails with it and lets it go; another one does it; the first one notes that."""
    await declare(owner)
    usual, begun = ending.find, portal.database.writing

    async def broken(*_: object) -> object:
        raise ZeroDivisionError

    @asynccontextmanager
    async def second_thoughts() -> AsyncIterator[AsyncConnection]:
        if ending.find is broken and taken:
            monkeypatch.setattr(ending, "find", usual)
            await declarations.examine_next(portal.database, portal.clock.now)
        taken.append(True)
        async with begun() as connection:
            yield connection

    taken: list[bool] = []
    monkeypatch.setattr(ending, "find", broken)
    monkeypatch.setattr(portal.database, "writing", second_thoughts)
    assert await declarations.examine_next(portal.database, portal.clock.now) is None
    assert await listed(portal) == [("settled", 4711, None)]
    assert await state_of(portal) == []
