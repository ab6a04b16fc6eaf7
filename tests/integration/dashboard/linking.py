"""What an administrator clicks and sees, and what the portal is taken to have said."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ccu_dashboard.storage import hub_key, own_link, status_cache
from ccu_dashboard.storage.own_link import OwnLink
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory, Refusal
from cloudmatic_link.status import HubStatus
from tests.integration.dashboard.conftest import PORTAL, PREFIX, Dashboard, Page
from tests.scanning import scan_rows


async def click(hub: Dashboard, sid: str, path: str, **form: str) -> Page:
    token = (await hub.ask(f"{PREFIX}leave", sid=sid)).text.split('name="form" value="')[1]
    data = {"form": token.split('"')[0]} | form
    return await hub.ask(PREFIX + path, sid=sid, method="POST", data=data)


def words(page: Page) -> str:
    main = page.text.split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def remember(hub: Dashboard, status: HubStatus | None, refusal: str | None = None) -> None:
    """As if the portal had said so."""
    file = hub.addon.state / "status.json"
    if refusal is not None:
        memory = PortalMemory(refusal=Refusal(PORTAL, "4711", refusal))
    else:
        key = hub_key.load_or_create(hub.addon.state / "hub_key.pem")
        enrolment = Enrolment(PORTAL, "4711", key.key_id)
        memory = PortalMemory(enrolment, status, '"e"', datetime.now(UTC))
    status_cache.save(file, memory)
    hub.addon.hand_over()


def link(hub: Dashboard) -> None:
    key = hub_key.load_or_create(hub.addon.state / "hub_key.pem")
    state = hub.addon.state
    own_link.save(state / "link.json", OwnLink(PORTAL, "4711", "maxmuster", key.key_id))
    hub.addon.hand_over()


def scanned(page: Page) -> str:
    """What a camera reads off the page's code."""
    size = int(re.findall(r'viewBox="-4 -4 (\d+) \d+"', page.text)[0]) - 8
    rows = [["0"] * size for _ in range(size)]
    path = re.findall(r'<path d="([^"]+)"', page.text)[0]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for step in range(int(length)):
            rows[int(y)][int(x) + step] = "1"
    return scan_rows(["".join(row) for row in rows])
