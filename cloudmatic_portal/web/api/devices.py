"""The device flow (RFC 8628) for hubs that have no account yet."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from cloudmatic_link import pairing as agreed
from cloudmatic_link.api import CODE_FIELD, PAIR_PATH
from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_link.pairing import Invitation
from cloudmatic_link.strict_json import read_object
from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES, SETTINGS
from cloudmatic_portal.domain.errors import FormExpected, RequestMalformed
from cloudmatic_portal.domain.pairing import LIFETIME, Pairing
from cloudmatic_portal.services import pairing
from cloudmatic_portal.services.pairing import PairingRequest
from cloudmatic_portal.web import clients
from cloudmatic_portal.web.qr import picture

MAX_BYTES: Final = 8 * 1024
_MAX_FIELDS: Final = 20
_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


async def begin(request: web.Request) -> web.Response:
    """POST: a code for the customer, and one for the hub (section 3.2)."""
    form = await _form(request)
    device_code, begun = await pairing.begin(
        request.app[DATABASE],
        _request(form),
        audience=request.app[SETTINGS].origin,
        network=clients.network(request),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
    )
    return web.json_response(_invitation(request, device_code, begun).to_json())


async def ask(request: web.Request) -> web.Response:
    """POST: has the customer confirmed? (section 3.4)"""
    form = await _form(request)
    if form.get("grant_type") != agreed.GRANT_TYPE:
        raise RequestMalformed("grant_type")
    confirmed = await pairing.ask(
        request.app[DATABASE],
        _member(form, "device_code", agreed.DEVICE_CODE),
        _assertion(form),
        audience=request.app[SETTINGS].origin,
        now=request.app[CLOCK](),
    )
    return web.json_response(confirmed.to_json())


def _invitation(request: web.Request, device_code: str, begun: Pairing) -> Invitation:
    address = f"{request.app[SETTINGS].origin}{PAIR_PATH}"
    complete = f"{address}?{urlencode({CODE_FIELD: begun.code})}"
    return Invitation(
        device_code=device_code,
        user_code=begun.code,
        verification_uri=address,
        verification_uri_complete=complete,
        expires_in=int(LIFETIME.total_seconds()),
        interval=begun.interval,
        qr=picture(complete),
    )


async def _form(request: web.Request) -> dict[str, str]:
    if request.content_type != _MEDIA_TYPE:
        raise FormExpected
    body = await request.read()
    if len(body) > MAX_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BYTES)
    try:
        fields = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise RequestMalformed("body") from error
    form = dict(fields)
    # RFC 6749, section 3.1: no parameter more than once.
    if len(form) != len(fields):
        raise RequestMalformed("body")
    return form


def _request(form: dict[str, str]) -> PairingRequest:
    try:
        public_key = read_object(form.get("public_key", "").encode("utf-8"))
    except ValueError as error:
        raise RequestMalformed("public_key") from error
    wanted = int(_member(form, "account", ACCOUNT_ID)) if "account" in form else None
    return PairingRequest(public_key, _assertion(form), wanted)


def _assertion(form: dict[str, str]) -> str:
    if form.get("client_assertion_type") != agreed.ASSERTION_TYPE:
        raise RequestMalformed("client_assertion_type")
    return form.get("client_assertion", "")


def _member(form: dict[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = form.get(name, "")
    if not pattern.fullmatch(value):
        raise RequestMalformed(name)
    return value
