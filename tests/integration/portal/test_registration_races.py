"""Many who register at once, or again and again: one account each, and no flood of mails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.registration import MAILS_PER_ADDRESS, account_id
from cloudmatic_portal.storage.tables import (
    access_periods,
    accounts,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.test_registration import (
    confirm,
    link_for,
    new_accounts,
    register,
)
from tests.integration.portal.world import (
    Browser,
    Portal,
    random_bytes,
)


async def several_links(
    portal: Portal, browser: Browser, changes: Callable[[int], dict[str, str]]
) -> list[str]:
    postbox = Postbox(portal)
    links = [await link_for(browser, postbox, **changes(number)) for number in range(3)]
    assert len(set(links)) == 3
    return links


@pytest.fixture
async def crowd(portal: Portal) -> AsyncIterator[list[Browser]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Browser(portal)) for _ in range(9)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            lambda number: {"user_name": f"neumann {number}"},
            "Es gibt schon ein Konto mit dieser E-Mail-Adresse",
        ),
        (
            lambda number: {"email": f"nora{number}@neumann.example", "user_name": "Neu.Mann"},
            "Der Benutzername ist inzwischen vergeben",
        ),
    ],
)
async def test_of_those_who_race_for_an_address_or_a_name_one_gets_an_account(
    portal: Portal,
    browser: Browser,
    crowd: list[Browser],
    changes: Callable[[int], dict[str, str]],
    words: str,
) -> None:
    links = await several_links(portal, browser, changes)
    answers = await asyncio.gather(
        *(confirm(each, links[number % 3]) for number, each in enumerate(crowd))
    )
    statuses = [each.status for each in answers]
    assert statuses.count(303) == 1
    # The same link again is used up; another one has lost the race.
    assert sorted(set(statuses)) == [303, 409, 410]
    assert all(words in each.words for each in answers if each.status == 409)
    [number] = await new_accounts(portal)
    async with portal.database.reading() as connection:
        periods = select(access_periods.c.id).where(access_periods.c.account_id == number)
        assert len(list(await connection.execute(periods))) == 1


async def test_nobody_floods_a_strangers_mailbox(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    for number in range(5):
        assert (await register(browser, user_name=f"neumann {number}")).status == 303
        assert (await register(browser, email="max@muster.example")).status == 303
    letters = await postbox.empty()
    recipients = [letter.recipient for letter in letters]
    assert recipients.count("nora@neumann.example") == MAILS_PER_ADDRESS
    assert recipients.count("max@muster.example") == 1
    answers = [await register(browser) for _ in range(2)]
    assert [each.status for each in answers] == [303, 429]
    assert answers[1].headers["Retry-After"] == "60"
    assert 'value="neumann"' in answers[1].text


async def test_a_cloudmatic_id_that_is_taken_is_not_given_out_again(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    taken, free = bytes(8), bytes([0] * 7 + [1])
    async with portal.database.writing() as connection:
        change = update(accounts).where(accounts.c.user_name == "erikamuster")
        row = (await connection.execute(select(accounts).where(accounts.c.id == 4712))).one()
        values = row._asdict() | {"id": account_id(taken)}
        values |= {"user_name_folded": "x", "email_folded": "x@x"}
        await connection.execute(accounts.insert().values(values))
        await connection.execute(change.values(language="de"))
    numbers = [taken, taken, free]

    def few_numbers(count: int) -> bytes:
        return numbers.pop(0) if count == 8 else random_bytes(count)

    app = make_app(portal.settings, clock=portal.clock, random_bytes=few_numbers)
    async with TestServer(app) as server:
        other = replace(portal, server=server)
        async with Browser(other) as fresh:
            assert (await confirm(fresh, link)).status == 303
    assert account_id(free) in await new_accounts(portal)
    assert numbers == []
