"""PayPal's webhooks."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, PAYPAL_WATCH, WEBHOOKS
from cloudmatic_portal.clients.paypal.webhooks import MAX_BYTES
from cloudmatic_portal.domain.errors import PayPalNotOffered
from cloudmatic_portal.services.paypal import events


async def receive(request: web.Request) -> web.Response:
    """POST: 200 once the event is noted, or was before; PayPal repeats it otherwise.

    There is neither session nor form token: who sends it is proved by its signature, over the very
    bytes that came, before anything of them is read.
    """
    webhooks = request.app.get(WEBHOOKS)
    if webhooks is None:
        raise PayPalNotOffered
    now = request.app[CLOCK]()
    event = await webhooks.read(request.headers, await _body(request), now)
    await events.receive(request.app[DATABASE], event, now)
    request.app[PAYPAL_WATCH].nudge()
    request.app[MAIL_DELIVERY].nudge()
    return web.Response(status=200)


async def _body(request: web.Request) -> bytes:
    """Larger than forms are, and no larger than webhooks are."""
    body = b""
    async for part in request.content.iter_any():
        body += part
        if len(body) > MAX_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_BYTES)
    return body
