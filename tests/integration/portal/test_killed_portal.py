"""The portal itself is killed at random instants while customers buy: they wait, no more.

Two of `cloudmatic-portal serve`, with pages, worker and mails, share one database and are killed
(SIGKILL) and started again; so is `cloudmatic-portal pay`. Customers insist, as people do: they
send the same form again until somebody answers. `CLOUDMATIC_KILLS` says how often at least.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from yarl import URL

from cloudmatic_portal.cli import edge
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import DOCUMENTS
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    access_periods,
    due_actions,
    ledger_entries,
    mails,
    orders,
)
from tests.demo.network import free_port
from tests.integration.portal import balanced, killable
from tests.integration.portal.mail_server import MailServer, mail_server
from tests.integration.portal.pages import send
from tests.integration.portal.passing_days import PassingDays
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.shopping import put
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import BANK, PASSWORD, Answer, Browser

KILLS = int(os.environ.get("CLOUDMATIC_KILLS", "12"))
ACCOUNTS = range(20_000, 20_004)
PATIENCE = 300.0
PRICE = "4,50"
_UNHEARD = 255

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([killable.__name__])


class Portals:
    """Two of them; `url` is any one's address. Dead ones are started again."""

    origin = "http://localhost:8000"

    def __init__(self, settings: dict[str, str], dice: random.Random) -> None:
        self.settings, self.dice = settings, dice
        self.ports = [free_port(), free_port()]
        self.running = [self._start(port) for port in self.ports]
        self.killed = 0

    def url(self, path: str) -> URL:
        return URL(f"http://127.0.0.1:{self.dice.choice(self.ports)}").join(URL(path))

    def start(self, *words: str) -> Any:
        process = _context.Process(target=killable.command, args=(self.settings, *words))
        process.start()
        return process

    def _start(self, port: int) -> Any:
        return self.start("serve", "--host", "127.0.0.1", "--port", str(port))

    async def kill_now_and_then(self) -> None:
        while self.killed < KILLS:
            place = self.dice.randrange(2)
            # Some are killed before they are up, but not so many that nobody ever is.
            if self.dice.random() < 0.7:
                await self._until_up(self.ports[place])
            await asyncio.sleep(self.dice.uniform(0, 2))
            assert self.running[place].is_alive()
            await self.kill(self.running[place])
            self.running[place] = self._start(self.ports[place])

    async def _until_up(self, port: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)

    async def kill(self, process: Any) -> None:
        process.kill()
        self.killed += 1
        await asyncio.to_thread(process.join)

    def end(self) -> None:
        for each in self.running:
            each.kill()
            each.join()


class Customer:
    """Buys one package after the other, each once, and lets it be paid."""

    def __init__(self, portals: Portals, browser: Browser, account: int) -> None:
        self.portals, self.browser, self.account = portals, browser, account
        self.ordered: list[str] = []

    async def shop(self) -> None:
        await self.insist(lambda: self.browser.log_in(f"customer{self.account}"), 303)
        while self.portals.killed < KILLS or not self.ordered:
            await self.insist(lambda: put(self.browser, kind="single", quantity="1"), 303)
            page = await self.insist(lambda: self.browser.get("/checkout"), 200)
            # The same form, until there is an answer: it may have been bought long since.
            bought = await self.insist(self._press(page), 303)
            self.ordered.append(bought.location.rpartition("/")[2].replace("-", ""))
            await self.pay(self.ordered[-1])

    def _press(self, page: Answer) -> Callable[[], Awaitable[Answer]]:
        return lambda: send(self.browser, page, "/checkout", {"method": "transfer"})

    async def insist(self, act: Callable[[], Awaitable[Answer]], status: int) -> Answer:
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    answer = await act()
                    if answer.status == 429:
                        # A login that was cut off counts as an attempt.
                        await asyncio.sleep(int(answer.headers["Retry-After"]))
                        continue
                    assert answer.status == status, answer.words
                    return answer
                await asyncio.sleep(0.05)

    async def pay(self, reference: str) -> None:
        """The operator books what has arrived, and tries again if that was cut off."""
        words = ("pay", reference, PRICE, "--source", f"bank {reference}")
        while True:
            paying = self.portals.start(*words)
            if self.portals.dice.random() < 0.3:
                await asyncio.sleep(self.portals.dice.uniform(0, 0.5))
                await self.portals.kill(paying)
            else:
                await asyncio.to_thread(paying.join)
                # 255: `start` in this thread heard first how it ended, and told nobody.
                if paying.exitcode != _UNHEARD:
                    assert paying.exitcode in {0, 1}
                    return


async def add_customers(database: Database) -> None:
    """Each with a subscription that is to be ordered anew, as soon as anybody works."""
    secret = await Secrets(64).hash(PASSWORD)
    await add_accounts(database, *ACCOUNTS)
    async with database.writing() as connection:
        for number in ACCOUNTS:
            await stored_account.change_password(connection, number, secret)
    before = PassingDays(database, berlin_day(edge.clock()) - timedelta(days=33))
    for number in ACCOUNTS:
        await before.book_and_pay("connect", 1, "subscription", account=number)


@contextmanager
def portals(settings: dict[str, str]) -> Iterator[Portals]:
    seed = os.environ.get("CLOUDMATIC_SEED")
    running = Portals(settings, random.Random(seed))  # noqa: S311 - to be repeated
    try:
        yield running
    finally:
        running.end()


@asynccontextmanager
async def customers(running: Portals) -> AsyncIterator[list[Customer]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [
            Customer(running, await stack.enter_async_context(Browser(running)), account)
            for account in ACCOUNTS
        ]


@pytest.mark.fault(
    "process killed",
    "web processes and commands killed while customers buy: each order, payment and mail once",
)
async def test_nothing_is_lost_and_nothing_doubled(
    database: Database,
    database_url: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    await add_customers(database)
    async with mail_server() as post_office:
        settings = environment(tmp_path, database_url) | {
            "CLOUDMATIC_PORTAL_SAMPLE_TEXTS": "1",
            "CLOUDMATIC_PORTAL_SMTP": f"smtp://localhost:{post_office.port}",
            "CLOUDMATIC_PORTAL_BANK_HOLDER": BANK.holder,
            "CLOUDMATIC_PORTAL_BANK_IBAN": BANK.iban,
            "CLOUDMATIC_PORTAL_BANK_BIC": BANK.bic,
        }
        del settings["CLOUDMATIC_PORTAL_MAIL_FOLDER"]
        with portals(settings) as running:
            async with customers(running) as buying, asyncio.TaskGroup() as tasks:
                tasks.create_task(running.kill_now_and_then())
                for each in buying:
                    tasks.create_task(each.shop())
            async with asyncio.timeout(PATIENCE):
                while await waiting(database):  # noqa: ASYNC110 - other processes work
                    await asyncio.sleep(0.2)
        assert running.killed >= KILLS
        record_property("tried", running.killed)
        await check(database, buying, post_office)


async def waiting(database: Database) -> int:
    """How many mails and actions are still due."""
    # Nobody is named who sells, so invoices go on waiting.
    others = due_actions.c.kind.not_in(sorted(DOCUMENTS))
    due = (due_actions.c.state == "waiting", due_actions.c.due_at <= edge.clock(), others)
    async with database.reading() as connection:
        queued = await connection.scalar(select(func.count()).where(mails.c.state == "queued"))
        late = await connection.scalar(select(func.count()).where(*due))
    return int(queued or 0) + int(late or 0)


async def check(database: Database, buying: list[Customer], post_office: MailServer) -> None:
    await balanced.check(database)
    async with database.reading() as connection:
        for each in buying:
            mine = orders.c.account_id == each.account
            rows = (
                await connection.execute(select(orders).where(mine).order_by(orders.c.id))
            ).all()
            first, *later = rows
            bought = [row for row in later if row.cart_revision is not None]
            renewals = [row for row in later if row.cart_revision is None]
            assert [row.reference for row in bought] == each.ordered
            assert {row.state for row in (first, *bought)} == {"active"}
            # Whoever bought before any worker came has it ordered after that.
            assert len(renewals) + await _turns(connection, each.account) == 1
            assert all((row.state, row.paid_cents) == ("open", 0) for row in renewals)
            await _check_money_and_days(connection, each.account, [first, *bought], len(renewals))
            kinds = select(mails.c.kind, func.count()).where(mails.c.account_id == each.account)
            told = dict(map(tuple, await connection.execute(kinds.group_by(mails.c.kind))))
            paid = len(bought) + 1
            wanted = {"order_confirmation": paid, "order_active": paid}
            assert told == wanted | ({"order_renewed": 1} if renewals else {})
        states = select(mails.c.state, func.count()).group_by(mails.c.state)
        counts = dict(map(tuple, await connection.execute(states)))
    assert counts.keys() <= {"sent", "sending", "uncertain"}
    taken = Counter(str(message["Message-ID"]) for _, _, message in post_office.taken)
    assert set(taken.values()) == {1}
    assert counts["sent"] <= len(taken) <= sum(counts.values())


async def _turns(connection: Any, account: int) -> int:
    """How many renewals of the account wait for their turn."""
    mine = (due_actions.c.account_id == account, due_actions.c.kind == "renewal")
    waiting = (*mine, due_actions.c.state == "waiting", due_actions.c.number == 1)
    query = select(func.count()).where(*waiting)
    return int((await connection.execute(query)).scalar_one())


async def _check_money_and_days(
    connection: Any, account: int, paid: list[Any], graces: int
) -> None:
    arrived = (ledger_entries.c.account_id == account, ledger_entries.c.kind == "payment")
    found = await connection.execute(select(ledger_entries.c.order_id).where(*arrived))
    assert Counter(row.order_id for row in found) == Counter(row.id for row in paid)
    assert all(row.paid_cents == row.total_cents for row in paid)
    table = access_periods
    query = select(table).where(table.c.account_id == account).order_by(table.c.first_day)
    periods = list(await connection.execute(query))
    assert len({row.order_item for row in periods if row.order_item}) == len(paid)
    assert len([row for row in periods if row.grace_for]) == graces
    for one, next_one in pairwise(periods):
        assert one.last_day < next_one.first_day
