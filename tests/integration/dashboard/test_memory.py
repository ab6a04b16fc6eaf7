"""The service shares a small machine with the house."""

from __future__ import annotations

import pytest

from benchmarks.status_page import TARGET_IDLE_MB, pss
from tests.integration.dashboard.conftest import PREFIX, Dashboard

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_service_that_waits_for_a_click_stays_small(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    for _ in range(20):
        assert (await hub.ask(PREFIX, sid=sid)).status == 200
    assert pss(hub.addon.pid) <= TARGET_IDLE_MB
