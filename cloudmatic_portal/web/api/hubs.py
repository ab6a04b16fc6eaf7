"""Enrolment and status of hubs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from cloudmatic_link.orders import OpenOrder
from cloudmatic_link.status import HubStatus
from cloudmatic_link.strict_json import read_object
from cloudmatic_portal.app_keys import CLOCK, DATABASE, HUB_KEYS, SECRETS, SETTINGS
from cloudmatic_portal.domain.errors import RequestMalformed
from cloudmatic_portal.services import enrolment, hub_status, hubs
from cloudmatic_portal.services.enrolment import EnrolmentRequest
from cloudmatic_portal.services.secrets import MAX_LENGTH
from cloudmatic_portal.web import clients
from cloudmatic_portal.web.api import conditional, problem
from cloudmatic_portal.web.qr import picture

MAX_BYTES: Final = 8 * 1024
_MEMBERS: Final = frozenset({"public_key", "proof", "user_key"})
_BEARER: Final = re.compile(r"[Bb]earer ([!-~]+)")


async def enrol(request: web.Request) -> web.Response:
    """POST: 201 for a key that is new here, 200 for one that is not."""
    enrolled = await enrolment.enrol(
        request.app[DATABASE],
        request.app[SECRETS],
        _enrolment(await _json(request)),
        audience=request.app[SETTINGS].origin,
        network=clients.network(request),
        now=request.app[CLOCK](),
    )
    return web.json_response({"key_id": enrolled.key_id}, status=201 if enrolled.new else 200)


async def show_status(request: web.Request) -> web.Response:
    """GET: the hub status, or 304 if the hub has it."""
    token, now = _bearer(request), request.app[CLOCK]()
    if token is None:
        return problem.for_status(401)
    settings = request.app[SETTINGS]
    told = await hub_status.status(
        request.app[DATABASE],
        request.app[HUB_KEYS],
        token,
        known=conditional.known(request),
        audience=settings.origin,
        bank=settings.bank,
        now=now,
    )
    await hubs.note_contact(request.app[DATABASE], told.key, now)
    body = None if told.status is None else _body(told.status)
    response = conditional.answer(body, told.tag)
    # For this hub alone, and never used without asking whether it still holds.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response


async def leave(request: web.Request) -> web.Response:
    """DELETE: the hub is known no more; 204."""
    token = _bearer(request)
    if token is None:
        return problem.for_status(401)
    now = request.app[CLOCK]()
    audience = request.app[SETTINGS].origin
    await hubs.leave(request.app[DATABASE], token, audience=audience, now=now)
    return web.Response(status=204)


def _body(status: HubStatus) -> bytes:
    drawn = replace(status, orders=tuple(map(_with_picture, status.orders)))
    return json.dumps(drawn.to_json()).encode("ascii")


def _with_picture(order: OpenOrder) -> OpenOrder:
    return replace(order, qr=picture(order.girocode)) if order.girocode else order


def _bearer(request: web.Request) -> str | None:
    found = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    return found[1] if found else None


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BYTES)
    body = await request.read()
    if len(body) > MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BYTES)
    try:
        return read_object(body)
    except ValueError as error:
        raise RequestMalformed("body") from error


def _enrolment(document: dict[str, Any]) -> EnrolmentRequest:
    """Read the members strictly; what a later hub may add is ignored."""
    if not isinstance(document.get("public_key"), dict):
        raise RequestMalformed("public_key")
    for member in ("proof", "user_key"):
        value = document.get(member)
        if not isinstance(value, str) or not 0 < len(value) <= 4 * MAX_LENGTH:
            raise RequestMalformed(member)
    return EnrolmentRequest(**{member: document[member] for member in _MEMBERS})
