"""Keeps the portal's word fresh in the background of the service."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE
from datetime import datetime
from typing import Final

from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.services.clock import HubClock

_LOG: Final = logging.getLogger(__name__)
_REFRESH: Final = ("-m", "ccu_dashboard", "status", "--refresh", "--json")
_PATIENCE_SECONDS: Final = 120.0

HEARD_PAUSE: Final = 3 * 3600.0
FIRST_RETRY_PAUSE: Final = 30.0
LONGEST_RETRY_PAUSE: Final = 3600.0


def pause(failures: int, spread: float) -> float:
    """Seconds until the next attempt after `failures` in a row; `spread` is random, 0 to 1.

    The spread of a fifth keeps hubs apart that all came back from the same power cut.
    """
    if failures == 0:
        base = HEARD_PAUSE
    else:
        # A portal that is gone for weeks must not let the power grow beyond what a float holds.
        base = min(LONGEST_RETRY_PAUSE, FIRST_RETRY_PAUSE * 2 ** min(failures - 1, 20))
    return base * (0.9 + 0.2 * spread)


class PortalWatch:
    """Runs the refresh as a child process now and then; `last` is how the last one went."""

    def __init__(self, clock: HubClock) -> None:
        self._clock = clock
        self.last: Contact | None = None

    async def run(self) -> None:
        """Refresh for ever; ended by cancelling it."""
        failures = 0
        while True:
            contact = await self.refresh()
            failures = 0 if contact.outcome is Outcome.HEARD else failures + 1
            spread = random.random()  # noqa: S311  spreads load, protects nothing
            await asyncio.sleep(pause(failures, spread))

    async def refresh(self) -> Contact:
        """Ask the portal once and take over its clock."""
        contact = await _run_refresh()
        if contact.portal_time is not None:
            self._clock.set_by_portal(contact.portal_time, contact.elapsed)
        if self.last is None or self.last.outcome is not contact.outcome:
            _LOG.info("portal: %s %s", contact.outcome, contact.reason)
        self.last = contact
        return contact


async def _run_refresh() -> Contact:
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *_REFRESH, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:
        # The hub is short of memory or processes; that passes, and the watch must go on.
        return Contact(Outcome.FAILED, error.strerror or "start")
    try:
        output, _ = await asyncio.wait_for(child.communicate(), _PATIENCE_SECONDS)
        return _parse(output)
    except (TimeoutError, ValueError, KeyError, TypeError):
        return Contact(Outcome.FAILED, "refresh")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _parse(output: bytes) -> Contact:
    contact = json.loads(output)["contact"]
    portal_time = contact["portal_time"]
    return Contact(
        outcome=Outcome(contact["outcome"]),
        reason=str(contact["reason"]),
        portal_time=portal_time and datetime.fromisoformat(portal_time),
        elapsed=contact["elapsed"],
    )
