""" "Zugang buchen" and "Anderes Paket": a fresh link at the click."""

from __future__ import annotations

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.domain.booking import SignedLink
from ccu_dashboard.services.overview import overview
from ccu_dashboard.web import pages, posts


async def book(request: web.Request) -> web.Response:
    form = await posts.checked(request)
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    shown = await overview(settings, clock.today())
    target = request.app[app_keys.BOOKING].target(shown, form.get("product", ""))
    watch = request.app[app_keys.PORTAL_WATCH]
    # Soon there may be an order, and soon after it a payment.
    watch.hurry()
    if isinstance(target, SignedLink):
        # A response, not an exception: the address must not get into a log by way of a traceback.
        return web.Response(status=303, headers={"Location": target.address})
    watch.nudge()
    facts = {"target": target, "shown": shown, "contact": watch.last}
    return pages.render(request, "plain_link.html", facts)
