"""All checks of `doctor`, run in the background of the service and kept for the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ccu_dashboard.domain.finding import Finding
from ccu_dashboard.services import child
from ccu_dashboard.services.child import ChildFailed


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, with the facts that support asks for first, at `made_at` (UTC)."""

    findings: tuple[Finding, ...]
    facts: dict[str, str]
    made_at: datetime


class Diagnosis:
    """The last report; a page never waits for one."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.failed: str | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._running is not None and not self._running.done()

    def start(self) -> None:
        """Check everything anew, unless that is being done."""
        if not self.running:
            self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def forget(self) -> None:
        """Know nothing, not even what is being found out just now."""
        await self.stop()
        self.report = self.failed = None

    async def _run(self) -> None:
        try:
            self.report = _parse(await child.run("doctor", "--json"))
            self.failed = None
        except (ChildFailed, ValueError, KeyError, TypeError, AttributeError) as error:
            self.failed = str(error) or type(error).__name__


def to_json(report: Report) -> str:
    """As the command line prints it for the service."""
    document = {
        "findings": [each.to_json() for each in report.findings],
        "facts": report.facts,
        "made_at": report.made_at.isoformat(),
    }
    return json.dumps(document)


def _parse(document: dict[str, Any]) -> Report:
    return Report(
        tuple(map(Finding.from_json, document["findings"])),
        {str(name): str(value) for name, value in document["facts"].items()},
        datetime.fromisoformat(document["made_at"]),
    )
