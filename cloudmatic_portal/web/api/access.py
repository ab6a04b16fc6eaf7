"""Who has access until when, for gateways."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, SETTINGS
from cloudmatic_portal.domain import gateway as rules
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.errors import GatewayRefused, RequestMalformed
from cloudmatic_portal.domain.gateway import Feed
from cloudmatic_portal.services import gateways
from cloudmatic_portal.web.api import conditional

PATH: Final = "/api/v1/access"

_BEARER: Final = re.compile(r"[Bb]earer ([!-~]{1,200})")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_USUAL: Final = 1000


async def show(request: web.Request) -> web.Response:
    """GET: what changed after `since`, signed, with an ETag; or 304."""
    bearer = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if bearer is None:
        raise GatewayRefused
    now = request.app[CLOCK]()
    database = request.app[DATABASE]
    credentials = await gateways.identify(database, request.app[SETTINGS].secret, bearer[1])
    since, most = _count(request, "since", 0, 10**18), _count(request, "limit", _USUAL, rules.MOST)
    if most == 0:
        raise RequestMalformed("limit")
    body = json.dumps(_document(await gateways.feed(database, since, most, now))).encode("ascii")
    response = conditional.unless_known(request, body)
    if response.status == 200:
        number = f"feed-{response.etag.value}" if response.etag else "feed"
        response.headers.update(rules.signed_headers(credentials, number, now, body))
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response


def _count(request: web.Request, name: str, usual: int, most: int) -> int:
    text = request.query.get(name)
    if text is None:
        return usual
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise RequestMalformed(name)
    return int(text)


def _document(feed: Feed) -> dict[str, Any]:
    return {
        "cursor": feed.cursor,
        "more": feed.more,
        "accounts": [
            {"account_id": each.account_id, "periods": [_period(part) for part in each.periods]}
            for each in feed.accounts
        ],
    }


def _period(period: AccessPeriod) -> dict[str, Any]:
    """Days of Berlin's calendar, and the same as instants: `until` is when it is over."""
    return {
        "product": period.product,
        "first_day": str(period.first_day),
        "last_day": str(period.last_day),
        "from": berlin_instant(period.first_day, 0).isoformat(),
        "until": berlin_instant(period.last_day + timedelta(days=1), 0).isoformat(),
    }
