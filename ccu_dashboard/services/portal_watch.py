"""Keeps the portal's word fresh in the background of the service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.schedule import HURRIED_PAUSE, HURRY_SECONDS, NEAR_PAUSE
from ccu_dashboard.services import child
from ccu_dashboard.services.child import ChildFailed
from ccu_dashboard.services.clock import HubClock

_LOG: Final = logging.getLogger(__name__)
_REFRESH: Final = ("status", "--refresh", "--json")

_INTERRUPTED: Final = Contact(Outcome.NOT_LINKED, "interrupted")
_ANSWERED: Final = frozenset({Outcome.HEARD, Outcome.PAIRING})
_BREATH: Final = 1.0
_LOOK: Final = 30.0
"""Seconds for which an order counts as looked at after each look."""

_VISIT_GAP: Final = 300.0

FIRST_RETRY_PAUSE: Final = 30.0
LONGEST_RETRY_PAUSE: Final = 3600.0

_BOOTING: Final = 300.0
"""Seconds of uptime within which a start is the boot's."""

_BOOT_SPREAD: Final = 600.0


def first_pause(uptime: float, spread: float) -> float:
    """Seconds until the first question of a hub that has a status; `spread` is random, 0 to 1.

    After a power cut all hubs of a city boot within a minute. Whoever looks at the page, or clicks,
    does not wait for it.
    """
    return _BOOT_SPREAD * spread if uptime < _BOOTING else 0.0


def pause(failures: int, spread: float, told: float | None = None) -> float:
    """Seconds until the next attempt after `failures` in a row; `spread` is random, 0 to 1.

    `told` is what the last attempt said: when it is worth while after a success, and how long the
    portal wants to be left alone after a failure. The spread of a fifth keeps hubs apart that all
    came back from the same power cut.
    """
    if failures == 0:
        base = NEAR_PAUSE if told is None else told
    else:
        # A portal that is gone for weeks must not let the power grow beyond what a float holds.
        base = min(LONGEST_RETRY_PAUSE, FIRST_RETRY_PAUSE * 2 ** min(failures - 1, 20))
        # Nobody comes back before the time that the portal has named.
        base = max(base, (told or 0.0) / 0.9)
    return base * (0.9 + 0.2 * spread)


class PortalWatch:
    """Runs the refresh as a child process now and then; `last` is how the last one went."""

    def __init__(self, clock: HubClock) -> None:
        self._clock = clock
        self._wanted = asyncio.Event()
        self._asked_at = -math.inf
        self._hurried_until = -math.inf
        self._attended_since = self._attended_at = -math.inf
        self._asking: asyncio.Task[Contact] | None = None
        self.last: Contact | None = None
        self.told: Callable[[], None] = lambda: None
        """Called after each question, whatever came of it."""

    def nudge(self) -> None:
        """Ask soon: somebody looks at a page and the portal does not know the linked account.

        Not oftener than a first retry would come, however often the page is looked at.
        """
        if self._clock.elapsed - self._asked_at >= FIRST_RETRY_PAUSE:
            self._wanted.set()

    def want(self) -> None:
        """Ask now: somebody has clicked at something that only the portal can do."""
        self._wanted.set()

    def hurry(self, seconds: float = HURRY_SECONDS) -> None:
        """Ask every few seconds for a while: a booking or its payment is under way."""
        if not self.hurried:
            self._wanted.set()
        self._hurried_until = max(self._hurried_until, self._clock.elapsed + seconds)

    def attend(self) -> None:
        """Somebody looks at an order that waits: hurry as long as that goes on, but not for ever.

        A page that is left open loads itself again and again. A new visit begins anew.
        """
        now = self._clock.elapsed
        if now - self._attended_at > _VISIT_GAP:
            self._attended_since = now
        self._attended_at = now
        if now - self._attended_since < HURRY_SECONDS:
            self.hurry(_LOOK)

    async def interrupt(self) -> None:
        """End a question that is under way, and forget how the last one went."""
        self.last = None
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait([self._asking])

    @property
    def hurried(self) -> bool:
        return self._clock.elapsed < self._hurried_until

    async def run(self, *, known: bool = False) -> None:
        """Refresh for ever; ended by cancelling it. `known` is a hub that has a status."""
        if known:
            spread = random.random()  # noqa: S311  spreads load, protects nothing
            await self._rest(first_pause(self._clock.elapsed, spread))
        failures = 0
        while True:
            contact = await self.refresh()
            failures = 0 if contact.outcome in _ANSWERED else failures + 1
            spread = random.random()  # noqa: S311  spreads load, protects nothing
            seconds = pause(failures, spread, contact.pause)
            if failures == 0 and (self.hurried or contact.outcome is Outcome.PAIRING):
                seconds = self._soon(contact)
            await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        """Until then, or until somebody wants to know."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), seconds)

    async def _ask(self) -> Contact:
        self._asking = asyncio.create_task(_run_refresh())
        # Not awaited itself: whoever interrupts it must not end this watch.
        try:
            await asyncio.wait([self._asking])
        except asyncio.CancelledError:
            self._asking.cancel()
            await asyncio.wait([self._asking])
            raise
        if self._asking.cancelled():
            return _INTERRUPTED
        return self._asking.result()

    def _soon(self, contact: Contact) -> float:
        """The pause while somebody waits before the page: counted from the last question's begin,
        but a pairing's from its end, which is what the portal counts (RFC 8628, section 3.5).
        """
        if contact.outcome is Outcome.PAIRING:
            return contact.pause or HURRIED_PAUSE
        took = self._clock.elapsed - self._asked_at
        return max(_BREATH, HURRIED_PAUSE - took)

    async def refresh(self) -> Contact:
        """Ask the portal once and take over its clock."""
        self._asked_at = self._clock.elapsed
        self._wanted.clear()
        contact = await self._ask()
        if contact is _INTERRUPTED:
            return contact
        if contact.portal_time is not None:
            self._clock.set_by_portal(contact.portal_time, contact.elapsed)
        if self.last is None or self.last.outcome is not contact.outcome:
            _LOG.info("portal: %s %s", contact.outcome, contact.reason)
        self.last = contact
        self.told()
        return contact


async def _run_refresh() -> Contact:
    try:
        return _parse(await child.run(*_REFRESH))
    except ChildFailed as error:
        return Contact(Outcome.FAILED, error.cause)
    except (ValueError, KeyError, TypeError):
        return Contact(Outcome.FAILED, "refresh")


def _parse(document: Any) -> Contact:
    contact = document["contact"]
    portal_time = contact["portal_time"]
    return Contact(
        outcome=Outcome(contact["outcome"]),
        reason=str(contact["reason"]),
        portal_time=portal_time and datetime.fromisoformat(portal_time),
        elapsed=contact["elapsed"],
        pause=None if contact.get("pause") is None else float(contact["pause"]),
    )
