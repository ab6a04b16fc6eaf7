"""The hub's idea of the time. A CCU boots without a clock, and its time may be years off."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")
"""Booking periods are calendar days there (DESIGN.md, section 2)."""

_EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No hub runs this program earlier; a clock that says so was never set."""


def system_time() -> datetime:
    return datetime.now(UTC)


def since_boot() -> float:
    """Seconds since the hub booted; the same in every process and never set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """A name that this boot has and no other; empty if the kernel does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


class HubClock:
    """The portal's clock, carried on by this hub's uptime; before that, the hub's own clock."""

    def __init__(
        self,
        system: Callable[[], datetime] = system_time,
        elapsed: Callable[[], float] = since_boot,
        boot: Callable[[], str] = this_boot,
    ) -> None:
        self._system = system
        self._elapsed = elapsed
        self._boot = boot
        self._portal_at_boot: datetime | None = None

    def set_by_portal(self, portal_time: datetime, elapsed: float | None = None) -> None:
        """From now on go by the portal, whose clock said `portal_time` at uptime `elapsed`."""
        at = self._elapsed() if elapsed is None else elapsed
        self._portal_at_boot = portal_time - timedelta(seconds=at)

    @property
    def elapsed(self) -> float:
        return self._elapsed()

    @property
    def boot(self) -> str:
        return self._boot()

    @property
    def by_portal(self) -> bool:
        """Whether the portal was heard since this process started."""
        return self._portal_at_boot is not None

    @property
    def is_set(self) -> bool:
        """Whether `now` can be believed."""
        return self.by_portal or self._system() >= _EARLIEST

    @property
    def error(self) -> timedelta | None:
        """How far the hub's own clock is ahead of the portal's; None if that is not known."""
        return None if self._portal_at_boot is None else self._system() - self.now()

    def now(self) -> datetime:
        """The time in UTC, as well as this hub knows it."""
        if self._portal_at_boot is None:
            return self._system()
        return self._portal_at_boot + timedelta(seconds=self._elapsed())

    def today(self) -> date:
        return self.now().astimezone(BERLIN).date()
