"""The demo system in a thread of its own, so that browser tests can be plain, blocking code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from tests.demo.system import System, running_system

_PATIENCE_SECONDS: Final = 90.0
T = TypeVar("T")


class RunningSystem:
    """`with RunningSystem(folder, today) as running: running.system…`. PayPal is a sandbox."""

    system: System

    def __init__(self, folder: Path, today: date) -> None:
        self._folder = folder
        self._today = today
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` where the system runs, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        self._context = running_system(self._folder, today=self._today, paypal=True)
        self.system = self.do(self._context.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self.do(self._context.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
