"""Pages that wait for something look for it by themselves: with a small script, or by reloading."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys
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


def mark(watch: PortalWatch, shown: Overview) -> str | None:
    """What the page is compared with later; None if it waits for nothing."""
    waits = isinstance(shown.pairing, Wanted | Open) or watch.hurried
    return shown.mark if waits else None
