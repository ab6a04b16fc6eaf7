"""What happens to every request: language, cookies, errors, headers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from cloudmatic_link.errors import TokenError
from cloudmatic_portal.app_keys import DATABASE, FORM_COOKIE, FORMS_LEAD_TO, LANGUAGE, SETTINGS
from cloudmatic_portal.domain.errors import Overloaded, PortalError
from cloudmatic_portal.web import cookies, errors, i18n
from cloudmatic_portal.web.api import problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_logger = logging.getLogger(__name__)

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With `no-referrer` browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Server": "CloudMatic",
}
_REFUSED_AFTER: Final = 2.0
_RETRY_AFTER: Final = "5"
_HSTS: Final = "max-age=63072000"


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """On every response that is about to be sent."""
    response.headers.update(_HEADERS)
    if (elsewhere := request.get(FORMS_LEAD_TO)) is not None:
        # A browser stops a redirect to an origin that the form's page does not name.
        policy = _POLICY.replace("form-action 'self'", f"form-action 'self' {elsewhere}")
        response.headers["Content-Security-Policy"] = policy
    if request.app[SETTINGS].secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = _caching(request)


@web.middleware
async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Choose the language; keep it, and what form tokens are bound to, in cookies."""
    request[LANGUAGE] = i18n.preferred(request)
    response = await handler(request)
    if (chosen := i18n.chosen(request)) is not None:
        cookies.set_language(request, response, chosen)
    if (value := request.get(FORM_COOKIE)) is not None:
        cookies.set_form_value(request, response, value)
    return response


@web.middleware
async def answer_plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a page of ours, or into a problem for the API."""
    try:
        with request.app[DATABASE].one_visit():
            return await handler(request)
    except Overloaded:
        return await _overloaded(request)
    except (TokenError, PortalError) as error:
        return await _refused(request, error)
    except web.HTTPException as error:
        return _http(request, error)
    except web.RequestPayloadError:
        # The body is not packed as its headers say, or it broke off.
        return _http(request, web.HTTPBadRequest())
    except Exception:
        _logger.exception("%s %s failed", request.method, _place(request))
        return problem.for_status(500) if _is_api(request) else errors.failed(request, 500)


async def _refused(request: web.Request, error: TokenError | PortalError) -> web.StreamResponse:
    _logger.warning("%s %s refused: %s", request.method, _place(request), error.reason)
    if _is_api(request):
        return problem.of(error, bearer="Authorization" in request.headers)
    return await errors.refused(request, error)


async def _overloaded(request: web.Request) -> web.StreamResponse:
    # Who asks again at once would take the processor from those who are served.
    await asyncio.sleep(_REFUSED_AFTER)
    answer = problem.for_status(503) if _is_api(request) else errors.failed(request, 503)
    answer.headers["Retry-After"] = _RETRY_AFTER
    return answer


def _http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        # A redirect is an answer; as a raised one it could carry no cookies.
        return web.Response(status=error.status, headers={"Location": error.headers["Location"]})
    answer = (
        problem.for_status(error.status)
        if _is_api(request)
        else errors.failed(request, error.status)
    )
    if "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer


def _caching(request: web.Request) -> str:
    if request.path.startswith("/static/"):
        # The address changes with the content.
        versioned = "v" in request.query
        return "public, max-age=31536000, immutable" if versioned else "public, no-cache"
    return "no-store"


def _is_api(request: web.Request) -> bool:
    return request.path.startswith("/api/")


def _place(request: web.Request) -> str:
    """The path as it was sent, without the query: a booking link is no business of a log's."""
    return request.rel_url.raw_path
