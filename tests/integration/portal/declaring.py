"""Declare as customers do, and let the worker look at it."""

from __future__ import annotations

from datetime import date

from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import declarations, subscriptions
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import subscribe
from tests.integration.portal.world import BANK, Answer, Browser, Portal, random_bytes

MAX = {"name": "Max Muster", "email": "max@muster.example"}
CANCEL = {**MAX, "contract": "Abo", "identification": "4711", "cancellation": "ordinary"}
WORKER = Worker(House(Rules(), BANK), random_bytes)


async def subscriber(portal: Portal, browser: Browser) -> Browser:
    """Let the browser be maxmuster's, with a subscription of Connect that is paid for a month."""
    await subscribe(portal, browser)
    await Postbox(portal).empty()
    return browser


async def declare(browser: Browser, kind: str = "cancel", **typed: str) -> Answer:
    address = f"/{kind}-contract"
    facts = CANCEL if kind == "cancel" else MAX
    return await send(browser, await browser.get(address), address, {**facts, **typed})


async def tend(portal: Portal) -> list[str]:
    done = []
    while (one := await WORKER.tend(portal.database, portal.clock.now)) is not None:
        if one.startswith("declaration"):
            done.append(one.partition(": ")[2])
    return done


async def state_of(portal: Portal) -> list[str]:
    standing = await subscriptions.of_account(portal.database, 4711)
    return [each.subscription.state for each in standing]


async def listed(portal: Portal) -> list[tuple[str, int | None, date | None]]:
    found = await declarations.search(portal.database, state=None, most=9)
    return [(each.state, each.account_id, each.deadline) for each in found]
