"""Work in the background: again and again until it is stopped, whatever goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

Step = Callable[[], Awaitable[object]]
"""Does a part of the work; what it returns is true as long as there may be more."""

PAUSE_AFTER_FAILURE: Final = 15.0

_logger = logging.getLogger(__name__)


async def repeat(
    *steps: Step,
    pause: float,
    failure: str,
    stop: asyncio.Event,
    nudge: asyncio.Event | None = None,
) -> None:
    """Do each step until it has nothing more to do, every `pause` seconds until `stop` is set.

    With `nudge` also as soon as that is set; set it with `stop`. A step that raises is logged as
    `failure` and done again a little later: a database that is away comes back.
    """
    woken = nudge or stop
    while not stop.is_set():
        # Before looking: what comes meanwhile is looked at in the next round.
        woken.clear()
        rest = pause
        try:
            for step in steps:
                while not stop.is_set() and await step():
                    pass
        except Exception:
            _logger.exception(failure)
            rest = PAUSE_AFTER_FAILURE
        if not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), rest)


class Nudged:
    """What works in the background until `stop`, and looks at once when somebody nudges."""

    def __init__(self) -> None:
        self._wanted = asyncio.Event()
        self._stop = asyncio.Event()

    def nudge(self) -> None:
        """There may be something to do; call it after the transaction."""
        self._wanted.set()

    def stop(self) -> None:
        """Let it end once it has done what it is doing."""
        self._stop.set()
        self._wanted.set()

    async def _repeat(self, step: Step, *, pause: float, failure: str) -> None:
        await repeat(step, pause=pause, failure=failure, stop=self._stop, nudge=self._wanted)
