"""Answers that are not sent again to whoever has them (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib

from aiohttp import web


def unless_known(request: web.Request, body: bytes) -> web.Response:
    """The JSON `body` with its ETag, or 304."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    return answer(None if known(request) & {tag, "*"} else body, tag)


def known(request: web.Request) -> frozenset[str]:
    """The ETags of what the client has."""
    return frozenset(each.value for each in request.if_none_match or ())


def answer(body: bytes | None, tag: str) -> web.Response:
    """The JSON `body` with its ETag, or 304 if there is none."""
    if body is None:
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type="application/json")
    response.etag = tag
    return response
