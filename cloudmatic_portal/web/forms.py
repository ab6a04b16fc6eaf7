"""Read a form: ours, from our own page, in the encoding that we asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from cloudmatic_portal.app_keys import SETTINGS
from cloudmatic_portal.domain.errors import FormRefused, FormUnreadable
from cloudmatic_portal.web import csrf

MAX_BYTES: Final = 16 * 1024
_MAX_FIELDS: Final = 150

Form = MultiDict[str]


async def read(request: web.Request) -> Form:
    """The fields of the form. Raises FormRefused unless it is one of ours, or FormUnreadable."""
    check_origin(request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise FormRefused("content-type")
    form = _parse(await request.read())
    if not csrf.holds(request, form.get(csrf.FIELD, "")):
        raise FormRefused("token")
    return form


def check_origin(request: web.Request) -> None:
    """Raise FormRefused if the form comes from elsewhere. Old browsers send neither header; there
    the form token stands alone.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise FormRefused("sec-fetch-site")
    own = request.app[SETTINGS].origin
    if request.headers.get("Origin", own) != own:
        raise FormRefused("origin")


def _parse(body: bytes) -> Form:
    try:
        text = body.decode("ascii")
        fields = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:
        raise FormRefused("encoding") from error
    # A tab comes along with what is copied from a table; it is no reason to refuse all the rest.
    form = MultiDict((name, value.replace("\t", " ")) for name, value in fields)
    # No field of ours takes control characters, and PostgreSQL takes no NUL.
    if any(ord(sign) < 32 or ord(sign) == 127 for value in form.values() for sign in value):
        raise FormUnreadable("characters")
    return form
