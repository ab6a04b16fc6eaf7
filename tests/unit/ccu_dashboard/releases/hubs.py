"""A hub that asks for releases: its time, whom it trusts, what it was told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.services import releases
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from cloudmatic_link import signing
from cloudmatic_link.keys import HubKey
from cloudmatic_link.releases import Release
from tests.factories import NOW, hub_key
from tests.unit.ccu_dashboard.portal_server import Reply

ASK = "GET /api/v1/releases/latest"
PUBLISHER, FOLLOWER = hub_key(), hub_key(1)
LONG_AGO = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
TOLD = "version=1.2.3\ndownload=https://downloads.example/cloudmatic-ccu-1.2.3-armv7l.tar.gz\n"


class Time:
    """What a hub's clock and uptime say, and which boot it is."""

    def __init__(self) -> None:
        self.system = NOW
        self.uptime = 100.0
        self.boot = "first"

    def clock(self) -> HubClock:
        """As a process has it that was just started."""
        return HubClock(lambda: self.system, lambda: self.uptime, lambda: self.boot)

    def passes(self, **amount: float) -> None:
        self.system += timedelta(**amount)
        self.uptime += timedelta(**amount).total_seconds()

    def reboot(self, system: datetime) -> None:
        self.system, self.uptime, self.boot = system, 100.0, self.boot + "'"


def trust(hub: Settings, *keys: HubKey) -> None:
    hub.release_keys.write_text(json.dumps([each.public.to_jwk() for each in keys]))


def made_for(hub: Settings, processor: str) -> None:
    hub.architecture.parent.mkdir(parents=True, exist_ok=True)
    hub.architecture.write_text(processor)


def feed(said: Release, key: HubKey = PUBLISHER, date: datetime = NOW) -> Reply:
    return Reply(200, {"feed": signing.sign(said, key)}, {"ETag": f'"{said.version}"'}, date)


def look(hub: Settings, time: Time) -> None:
    releases.look(hub, time.clock(), PortalClient(hub.portal))


def told(hub: Settings) -> str | None:
    return hub.latest.read_text() if hub.latest.exists() else None


def written(hub: Settings) -> list[tuple[str, int]]:
    return sorted((each.name, each.stat().st_ino) for each in hub.state_folder.iterdir())
