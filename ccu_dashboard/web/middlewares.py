"""What happens around every handler, from the outside in, in the order of ALL."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, lru_cache
from typing import Final

from aiohttp import web

from ccu_dashboard import app_keys, i18n
from ccu_dashboard.app_keys import Visitor
from ccu_dashboard.domain.errors import DashboardError, NotAllowed, SessionRequired
from ccu_dashboard.web import errors, pages
from ccu_dashboard.web.routes import needed, prefix_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOG: Final = logging.getLogger(__name__)
SESSION_COOKIE: Final = "cloudmatic_sid"
LANGUAGE_COOKIE: Final = "cloudmatic_lang"
_YEAR: Final = 365 * 24 * 3600


@web.middleware
async def place(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep a visitor who came through the relay on its addresses, and all others off them."""
    request[app_keys.PREFIX] = prefix_of(request.path)
    return await handler(request)


@web.middleware
async def language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Choose the language: asked for now, asked for earlier, the browser's, German."""
    asked = i18n.chosen(request.query.get("lang"))
    request[app_keys.LANGUAGE] = (
        asked
        or i18n.chosen(_cookies_of(request).get(LANGUAGE_COOKIE))
        or i18n.negotiate(request.headers.get("Accept-Language", ""))
    )
    response = await handler(request)
    if asked is not None:
        _set_cookie(request, response, LANGUAGE_COOKIE, asked, max_age=_YEAR)
    return response


@web.middleware
async def security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a page load nothing but the hub's own, and send a form nowhere but here and the portal.

    A browser applies `form-action` to the redirect after a form as well, so that the portal must
    be named for "Zugang buchen" to get there.
    """
    response = await handler(request)
    portal = request.app[app_keys.SETTINGS].portal
    response.headers.update(_security_headers(portal, live=bool(request.get(app_keys.LIVE))))
    return response


@cache
def _security_headers(portal: str, *, live: bool) -> Mapping[str, str]:
    # Only a page that waits for something has a script, the one that asks whether it has come.
    scripts = "script-src 'self'; connect-src 'self'; " if live else ""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; img-src 'self'; {scripts}base-uri 'none'; "
            f"form-action 'self' {portal}; frame-ancestors 'self'"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a page that says what happened and what to do."""
    try:
        return await handler(request)
    except DashboardError as error:
        _LOG.info("%s %s: %s %s", request.method, request.path, type(error).__name__, error)
        return _error_page(request, errors.page_of(error))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error_page(request, errors.page_of_status(error.status), error.status)
    except Exception:  # noqa: BLE001  the outermost edge: a user gets a page, the log the cause
        _LOG.exception("%s %s failed", request.method, request.path)
        return _error_page(request, errors.INTERNAL)


@web.middleware
async def session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who has a WebUI session of sufficient level; move its id from address to cookie."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    arrived = request.query.get("sid")
    if arrived is None:
        arrived = f"@{_cookies_of(request).get(SESSION_COOKIE, '')}@"
    sid, user = await request.app[app_keys.SESSIONS].identify(arrived)
    action = needed(request.match_info.handler)
    if action is None or not user.may(action):
        raise NotAllowed(user.level)
    if "sid" in request.query:
        return _without_sid_in_address(request, sid.core)
    request[app_keys.VISITOR] = Visitor(sid, user)
    return await handler(request)


def _cookies_of(request: web.Request) -> Mapping[str, str]:
    return _cookies(request.headers.get("Cookie", ""))


@lru_cache(maxsize=8)
def _cookies(header: str) -> Mapping[str, str]:
    """Names and values as a browser sends them (RFC 6265, 5.4); ours are never quoted. Of two with
    one name the first counts: it was set for the longer path.
    """
    found: dict[str, str] = {}
    for each in header.split(";"):
        name, _, value = each.partition("=")
        found.setdefault(name.strip(), value.strip())
    return found


def _without_sid_in_address(request: web.Request, core: str) -> web.StreamResponse:
    """Answer the first request with the cookie; no form of ours posts a sid in its address."""
    if request.method != "GET":
        raise SessionRequired
    response = web.Response(status=303, headers={"Location": request.path})
    _set_cookie(request, response, SESSION_COOKIE, core)
    return response


def _set_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    max_age: int | None = None,
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=f"{request[app_keys.PREFIX]}/",
        # Set by lighttpd, or by the relay. Whoever else reaches us on this hub fools only himself.
        secure=request.headers.get("X-Forwarded-Proto") == "https",
        httponly=True,
        samesite="Strict",
    )


def _error_page(
    request: web.Request, page: errors.ErrorPage, status: int | None = None
) -> web.Response:
    address = f"{request[app_keys.PREFIX]}/" if page.address == errors.OVERVIEW else page.address
    facts = {"page": page, "address": address}
    response = pages.render(request, "error.html", facts, status=status or page.status)
    if page.retry_seconds is not None:
        response.headers["Retry-After"] = str(page.retry_seconds)
    return response


ALL: Final = (place, language, security_headers, error_pages, session)
