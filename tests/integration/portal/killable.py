"""Processes for `test_killed`: workers with a clock of the test's own, and one that buys and pays.

They come from a fork server that has everything imported, so that one is at work in a moment.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import os
import signal
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from typing import Any, Final

import uvloop
from sqlalchemy.exc import DBAPIError

from cloudmatic_link.claims import BookingKind
from cloudmatic_portal.cli import edge, worker
from cloudmatic_portal.clients.mailer import SmtpServer
from cloudmatic_portal.domain.errors import PaymentBookedBefore
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.services import cart, orders, payments
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from tests.integration.portal.purchases import buy, fill
from tests.integration.portal.world import BANK, TODAY

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the processes work, and the buyer for whom."""

    url: str
    mail_port: int
    buyers: range


class Killable:
    """A worker or the buyer; `name` is which."""

    def __init__(self, place: Place, name: str) -> None:
        self.place = place
        self.name = name
        self.ready = _CONTEXT.Event()
        self.process: ForkServerProcess | None = None

    def start(self, now: datetime) -> None:
        what = _buyer if self.name == "buyer" else _worker
        # A new one each time: whoever was killed may have held the lock of the old one.
        self.ready = _CONTEXT.Event()
        arguments = (self.place, now, self.ready)
        self.process = _CONTEXT.Process(target=what, args=arguments, daemon=True)
        self.process.start()

    def kill(self) -> bool:
        """`kill -9`; whether it was still running, as a worker has to be."""
        return self._end(signal.SIGKILL) == -signal.SIGKILL

    def stop(self) -> int | None:
        """Ask it to end; return its status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int | None:
        assert self.process is not None
        assert self.process.pid is not None
        if self.process.exitcode is None:
            os.kill(self.process.pid, number)
        self.process.join(_PATIENCE)
        return self.process.exitcode


class _Output(io.StringIO):
    """Takes the word `READY`."""

    def __init__(self, ready: Event) -> None:
        super().__init__()
        self._ready = ready

    def write(self, words: str, /) -> int:
        # The handler of SIGTERM follows at once; the event loop gets to this after it.
        asyncio.get_running_loop().call_soon(self._ready.set)
        return len(words)


def prepare() -> None:
    """Let the fork server import what the processes need."""
    _CONTEXT.set_forkserver_preload([__name__])


def _worker(place: Place, now: datetime, ready: Event) -> None:
    """The very command, with a clock that stands at `now`."""
    edge.clock = lambda: now
    sys.stdout = _Output(ready)
    settings = Settings(
        origin="http://localhost:8000",
        database=place.url,
        secret=b"nobody fills in forms here",
        smtp=SmtpServer("localhost", place.mail_port, "none"),
        bank=BANK,
    )
    _run(_work(settings))


async def _work(settings: Settings) -> None:
    database = Database(parse_url(settings.database))
    await worker._work(database, argparse.Namespace(settings=settings))
    await database.close()


def _buyer(place: Place, now: datetime, ready: Event) -> None:
    ready.set()
    _run(_buy_all(place, now))


def _run(work: Coroutine[Any, Any, None]) -> None:
    # As the command line does it.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _buy_all(place: Place, now: datetime) -> None:
    """Go on where the one before was killed, as a customer does who comes back."""
    database = Database(parse_url(place.url))
    for account_id in place.buyers:
        while True:
            try:
                await _buy(database, account_id, now)
                break
            except DBAPIError:
                # The server has cut the connection; whether that was after the commit is unknown.
                await asyncio.sleep(0.01)
    await database.close()


async def _buy(database: Database, account_id: int, now: datetime) -> None:
    made = await orders.search(database, account_id=account_id, state=None, most=2)
    if made and made[0].state == "active":
        return
    if made:
        reference = made[0].reference
    else:
        agreed = await cart.show(database, account_id, now)
        if not agreed.lines:
            kind: BookingKind = "subscription" if account_id % 2 else "single"
            agreed = await fill(database, account_id, kind=kind, now=now)
        reference = await buy(database, agreed, account_id, now=now)
        made = await orders.search(database, account_id=account_id, state=None, most=2)
    paid = Payment(made[0].total.gross, TODAY, f"statement of {account_id}")
    try:
        await payments.book(database, reference, paid, now)
    except PaymentBookedBefore as error:
        raise AssertionError("money that was booked has not made the order active") from error
