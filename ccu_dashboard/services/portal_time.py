"""Requests to a portal that checks times, from a hub that may not know the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from ccu_dashboard.domain.errors import PortalRefused
from ccu_dashboard.services.clock import HubClock

CLOCK_REASONS: Final = frozenset({"expired", "not-yet-valid"})

T = TypeVar("T")


def with_the_portals_clock(clock: HubClock, request: Callable[[], T]) -> T:
    """Run `request`; if the portal finds our clock wrong, set it by its answer and try again."""
    try:
        return request()
    except PortalRefused as error:
        if error.reason not in CLOCK_REASONS or error.portal_time is None:
            raise
        clock.set_by_portal(error.portal_time)
        return request()
