"""A running hub and a client that follows no redirects by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from tests.simulated_ccu.account_files import Case, account_files
from tests.simulated_ccu.ccu import SimulatedCcu
from tests.simulated_ccu.file_system import SimulatedFileSystem, lay
from tests.simulated_ccu.logic_engine import LogicEngine

TODAY = date(2026, 11, 23)


@pytest.fixture
def fs(tmp_path: Path) -> SimulatedFileSystem:
    """A laid tree, nothing running."""
    return lay(tmp_path / "ccu", account_files(Case.LINKED, TODAY))


@pytest.fixture
async def ccu(tmp_path: Path) -> AsyncIterator[SimulatedCcu]:
    """The whole hub, running."""
    async with SimulatedCcu(tmp_path / "ccu", today=TODAY) as running:
        yield running


@pytest.fixture
async def engine() -> AsyncIterator[LogicEngine]:
    """Only the logic engine, running."""
    running = LogicEngine()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session
