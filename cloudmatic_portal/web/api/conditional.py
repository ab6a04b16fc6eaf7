"""Answers that are not sent again to whoever has them (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib

from aiohttp import web


def unless_known(request: web.Request, body: bytes) -> web.Response:
    """The JSON `body` with its ETag, or 304."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    known = request.if_none_match or ()
    if any(each.value in {tag, "*"} for each in known):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type="application/json")
    response.etag = tag
    return response
