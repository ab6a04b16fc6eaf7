"""Ask PayPal what it could not tell, and tell it what we want, in the background."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.domain.errors import PayPalError
from cloudmatic_portal.services.background import Nudged
from cloudmatic_portal.services.paypal import agreements, checkouts, events
from cloudmatic_portal.storage import paypal_agreement as stored_agreement
from cloudmatic_portal.storage import paypal_checkout as stored_checkout
from cloudmatic_portal.storage.database import Database

_PAUSE: Final = 5.0

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


class PayPalWatch(Nudged):
    """Looks every few seconds, and at once when somebody nudges."""

    async def run(self, database: Database, paypal: PayPal, clock: Callable[[], datetime]) -> None:
        """Look until `stop` is called. A database that is away is asked again later."""
        await self._repeat(
            lambda: look(database, paypal, clock()),
            pause=_PAUSE,
            failure="PayPal cannot be looked after",
        )
