"""One attempt to hear from the portal, and what an enrolled hub remembers before it."""

from __future__ import annotations

import os

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.contact import Contact
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.status import refresh
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from tests.factories import ACCOUNT_ID, NOW, TODAY, hub_status, period

STATUS = hub_status(period(TODAY, TODAY))


def ask(hub: Settings, clock: HubClock | None = None) -> Contact:
    clock = clock or HubClock(lambda: NOW, lambda: 50.0)
    return refresh(hub, clock, PortalClient(hub.portal, hub.ca_bundle), os.urandom)


def enrolment(hub: Settings) -> Enrolment:
    key = hub_key.load_or_create(hub.hub_key)
    return Enrolment(hub.portal, ACCOUNT_ID, key.key_id)


def remember(hub: Settings) -> PortalMemory:
    memory = PortalMemory(enrolment(hub), STATUS, '"one"', NOW)
    status_cache.save(hub.status, memory)
    return memory
