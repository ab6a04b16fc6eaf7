"""Keeps the system variable of the WebUI in step, where it is wanted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from ccu_dashboard.clients.logic_engine import LogicEngine
from ccu_dashboard.domain.account import Unreadable
from ccu_dashboard.domain.errors import EngineUnavailable
from ccu_dashboard.domain.signal import days_left, may_be_right
from ccu_dashboard.services.clock import BERLIN, HubClock
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import signal_switch

_LOG: Final = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 3600.0
"""A clock that is set meanwhile moves midnight."""


@dataclass(frozen=True, slots=True)
class SignalState:
    """`days` is what the variable says, None if there is none of ours.

    `foreign`: somebody else's variable has the name, and is left alone. `unsure`: this hub does not
    know at the moment, and the variable stays as it is: "no access" said for a moment would start
    whatever the owner has made of it.
    """

    on: bool
    days: int | None
    foreign: bool
    unsure: bool


class Signal:
    """The variable; what it says now is its `state`."""

    def __init__(self, settings: Settings, clock: HubClock, engine: LogicEngine) -> None:
        self._settings = settings
        self._clock = clock
        self._engine = engine
        self._wanted = asyncio.Event()
        self._applying = asyncio.Lock()
        self._known = False
        self.days: int | None = None
        self.foreign = self.unsure = False

    @property
    def on(self) -> bool:
        return signal_switch.load(self._settings.file)

    @property
    def state(self) -> SignalState:
        return SignalState(self.on, self.days, self.foreign, self.unsure)

    def nudge(self) -> None:
        """Something has changed that may matter."""
        self._wanted.set()

    async def switch(self, *, on: bool) -> None:
        """Want the variable, or no longer. Raises OSError, EngineUnavailable."""
        signal_switch.save(self._settings.file, on=on)
        await self.apply()
        if self.foreign:
            signal_switch.save(self._settings.file, on=False)

    async def apply(self) -> None:
        """Make the variable as it should be today. Raises EngineUnavailable."""
        async with self._applying:
            if not self.on:
                await self._remove()
                return
            days = self._days(await overview(self._settings, self._clock.today()))
            self.unsure = days is None
            if days is not None and (not self._known or days != self.days):
                self.foreign = not await self._engine.tell_days(days)
                self.days, self._known = (None if self.foreign else days), not self.foreign

    def _days(self, shown: Overview) -> int | None:
        clock = self._clock
        dated = clock.by_portal or (clock.is_set and may_be_right(clock.now(), shown.told_at))
        if not dated or isinstance(shown.account, Unreadable):
            return None
        return days_left(shown.status, shown.packages, shown.today)

    async def run(self) -> None:
        """Apply at the start, at midnight, and whenever nudged; ended by cancelling it."""
        while True:
            self._wanted.clear()
            try:
                await self.apply()
                seconds = min(_until_midnight(self._clock.now()), _LONGEST_SECONDS)
            except (EngineUnavailable, OSError) as error:
                _LOG.info("system variable: %s", error)
                seconds = _RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), seconds)

    async def _remove(self) -> None:
        if not self._known or self.days is not None:
            await self._engine.remove_days()
        self.days, self._known = None, True


def _until_midnight(now: datetime) -> float:
    """Seconds until the next day begins in Berlin, and one more."""
    tomorrow = now.astimezone(BERLIN).date() + timedelta(days=1)
    return (datetime.combine(tomorrow, time(), BERLIN) - now).total_seconds() + 1
