"""A hub whose program trusts the publisher, and the time there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccu_dashboard.settings import Settings
from tests.factories import release
from tests.unit.ccu_dashboard.portal_server import Portal
from tests.unit.ccu_dashboard.releases.hubs import (
    PUBLISHER,
    Time,
    feed,
    made_for,
    trust,
)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def hub(settings: Settings, portal: Portal, tmp_path: Path) -> Settings:
    """A CCU3 whose program trusts the publisher."""
    hub = replace(settings, portal=portal.url, release_keys=tmp_path / "release_keys.json")
    trust(hub, PUBLISHER)
    made_for(hub, "armv7l\n")
    portal.replies = [feed(release())]
    return hub
