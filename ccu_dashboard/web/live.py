"""Pages that wait for something look for it by themselves: with a small script, or by reloading."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.domain.account import Linked
from ccu_dashboard.domain.pairing import Open, Wanted
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.services.portal_watch import PortalWatch


async def state(request: web.Request) -> web.Response:
    """The mark of what the overview would show now; another one means that it has changed."""
    shown = await overview(request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK].today())
    look_after(request.app[app_keys.PORTAL_WATCH], shown)
    return web.Response(text=shown.mark)


def look_after(watch: PortalWatch, shown: Overview) -> None:
    """As long as somebody looks at an open order, ask for its payment every few seconds."""
    if shown.orders and shown.enrolled:
        watch.attend()


@dataclass(frozen=True, slots=True)
class Live:
    """What a page is compared with later: at once if it `waits` for something, else as soon as
    somebody goes to book in another tab.
    """

    mark: str
    waits: bool


def live(watch: PortalWatch, shown: Overview) -> Live | None:
    """None: there is nothing to wait for, now or later."""
    waits = isinstance(shown.pairing, Wanted | Open) or watch.hurried
    bookable = isinstance(shown.account, Linked)
    return Live(shown.mark, waits) if waits or bookable else None
