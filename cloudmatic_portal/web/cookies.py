"""The portal's cookies: their names, how they are set, and what of them is believed.

All are HttpOnly and SameSite=Lax (a Strict login could not be seen on the way in from a hub);
over https they are Secure and named `__Host-…`, so that no other host of the domain can set them.
An operator's is Strict and goes to `/admin` only, and so has to be a `__Secure-…`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import SETTINGS
from cloudmatic_portal.domain import device
from cloudmatic_portal.domain.operator import LIMITS as OPERATOR_LIMITS
from cloudmatic_portal.domain.second_factor import STEP_LIFETIME
from cloudmatic_portal.domain.session import LIMITS, SessionKind
from cloudmatic_portal.web import places

SESSION_COOKIES: Final[dict[SessionKind, str]] = {"login": "cm_session", "booking": "cm_booking"}
FORM: Final = "cm_form_"
"""What the names of form cookies begin with; the first signs of the value follow."""
DEVICE: Final = "cm_device_"
"""What the names of device cookies begin with; the CloudMatic-ID follows."""
LANGUAGE: Final = "cm_lang"
OPERATOR: Final = "cm_operator"
STEP: Final = "cm_step"
"""Of a login that still wants the second factor."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ACCOUNT: Final = re.compile(r"[1-9][0-9]{0,9}")
_TELLING: Final = 8
_YEAR: Final = timedelta(days=365)


def session_token(request: web.Request, kind: SessionKind) -> str | None:
    return _token(request, SESSION_COOKIES[kind])


def set_session(
    request: web.Request, response: web.StreamResponse, kind: SessionKind, token: str
) -> None:
    _set(request, response, SESSION_COOKIES[kind], token, LIMITS[kind].absolute)


def delete_session(request: web.Request, response: web.StreamResponse, kind: SessionKind) -> None:
    _set(request, response, SESSION_COOKIES[kind], "", timedelta(0))


def operator_token(request: web.Request) -> str | None:
    value = request.cookies.get(_operator_name(request), "")
    return value if _TOKEN.fullmatch(value) else None


def set_operator(request: web.Request, response: web.StreamResponse, token: str) -> None:
    _set_operator(request, response, token, OPERATOR_LIMITS.absolute)


def delete_operator(request: web.Request, response: web.StreamResponse) -> None:
    _set_operator(request, response, "", timedelta(0))


def step_token(request: web.Request) -> str | None:
    return _token(request, STEP)


def set_step(request: web.Request, response: web.StreamResponse, token: str) -> None:
    _set(request, response, STEP, token, STEP_LIFETIME)


def delete_step(request: web.Request, response: web.StreamResponse) -> None:
    _set(request, response, STEP, "", timedelta(0))


def form_values(request: web.Request) -> list[str]:
    """What forms of this browser may be bound to: one value, or more after parallel tabs."""
    prefix = _name(request, FORM)
    values = (text for name, text in request.cookies.items() if name.startswith(prefix))
    return [text for text in values if _TOKEN.fullmatch(text)]


def set_form_value(request: web.Request, response: web.StreamResponse, value: str) -> None:
    """Keep `value` in a cookie of its own name, which replaces no other tab's."""
    _set(request, response, f"{FORM}{value[:_TELLING]}", value, None)


def devices(request: web.Request) -> dict[int, str]:
    """What the browser holds as proof that it has logged in before, by CloudMatic-ID; unchecked."""
    prefix = _name(request, DEVICE)
    named = ((name.removeprefix(prefix), text) for name, text in request.cookies.items())
    return {int(name): text for name, text in named if _ACCOUNT.fullmatch(name)}


def set_device(
    request: web.Request, response: web.StreamResponse, account_id: int, value: str
) -> None:
    _set(request, response, f"{DEVICE}{account_id}", value, device.LIFETIME)


def language(request: web.Request) -> str | None:
    return request.cookies.get(_name(request, LANGUAGE))


def set_language(request: web.Request, response: web.StreamResponse, value: str) -> None:
    _set(request, response, LANGUAGE, value, _YEAR)


def _name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if request.app[SETTINGS].secure else name


def _operator_name(request: web.Request) -> str:
    return f"__Secure-{OPERATOR}" if request.app[SETTINGS].secure else OPERATOR


def _set_operator(
    request: web.Request, response: web.StreamResponse, token: str, lifetime: timedelta
) -> None:
    response.set_cookie(
        _operator_name(request),
        token,
        max_age=int(lifetime.total_seconds()),
        path=places.ADMIN,
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].secure,
    )


def _token(request: web.Request, name: str) -> str | None:
    value = request.cookies.get(_name(request, name), "")
    return value if _TOKEN.fullmatch(value) else None


def _set(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    lifetime: timedelta | None,
) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=None if lifetime is None else int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].secure,
    )
