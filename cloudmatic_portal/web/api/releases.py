"""The add-on's latest release, for hubs that ask once a day."""

from __future__ import annotations

import json

from aiohttp import web

from cloudmatic_link.api import FEED_MEMBER
from cloudmatic_portal.app_keys import RELEASE_FEED
from cloudmatic_portal.web.api import conditional


async def show_latest(request: web.Request) -> web.Response:
    """GET: the signed feed, or 304 if the hub has it."""
    feed = await request.app[RELEASE_FEED].latest()
    response = conditional.unless_known(request, json.dumps({FEED_MEMBER: feed}).encode("ascii"))
    # The same for everybody, and never used without asking whether it still holds.
    response.headers["Cache-Control"] = "public, no-cache"
    return response
