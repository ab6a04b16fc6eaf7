"""Ask PayPal what it could not tell, and tell it what we want, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.domain.errors import PayPalError
from cloudmatic_portal.services.paypal import agreements, checkouts, events
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage.database import Database

_PAUSE: Final = 5.0
_PAUSE_AFTER_FAILURE: Final = 15.0

_logger = logging.getLogger(__name__)


async def look(database: Database, paypal: PayPal, now: datetime) -> int:
    """Look once at what is due; return how much that was.

    Each is claimed in a transaction of its own by putting off its next look, so that others do not
    look as well, and somebody does if whoever claimed it dies.
    """
    returned = await events.take_back_what_waits(database, now)
    async with database.writing() as connection:
        attempts = await stored_checkout.claim(connection, now)
    async with database.writing() as connection:
        bonds = await stored_agreement.claim(connection, now)
    for attempt in attempts:
        await _try("order", checkouts.settle(database, paypal, attempt, now), attempt)
    for bond in bonds:
        await _try("agreement", agreements.sync(database, paypal, bond, now), bond)
    return returned + len(attempts) + len(bonds)


async def _try(what: str, work: Awaitable[None], number: int) -> None:
    """One that fails must not stop the others; it is looked at again at its next time."""
    try:
        await work
    except PayPalError as error:
        _logger.warning("PayPal: %s %d: %s %s", what, number, error.reason, error)
    except Exception:
        _logger.exception("PayPal: %s %d failed", what, number)


class PayPalWatch:
    """Looks every few seconds, and at once when somebody nudges."""

    def __init__(self) -> None:
        self._wanted = asyncio.Event()
        self._stopping = False

    def nudge(self) -> None:
        """There may be something to look at; call it after the transaction."""
        self._wanted.set()

    def stop(self) -> None:
        self._stopping = True
        self._wanted.set()

    async def run(self, database: Database, paypal: PayPal, clock: Callable[[], datetime]) -> None:
        """Look until `stop` is called. A database that is away is asked again later."""
        while not self._stopping:
            self._wanted.clear()
            pause = _PAUSE
            try:
                while not self._stopping and await look(database, paypal, clock()):
                    pass
            except Exception:
                _logger.exception("PayPal cannot be looked after")
                pause = _PAUSE_AFTER_FAILURE
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), pause)
