"""Which sessions a request brings, and who may pass without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from cloudmatic_portal.app_keys import BOOKING, CLOCK, DATABASE, LOGIN
from cloudmatic_portal.domain.errors import SessionEnded
from cloudmatic_portal.domain.session import Session, SessionKind
from cloudmatic_portal.services import sessions
from cloudmatic_portal.web import cookies

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SessionHandler = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]


async def identify(request: web.Request, kind: SessionKind) -> Session | None:
    """The living session of that kind that the browser holds; remembered for the page's head."""
    key = LOGIN if kind == "login" else BOOKING
    if key not in request:
        request[key] = await _find(request, kind)
    return request[key]


def with_login(handler: SessionHandler) -> Handler:
    """Let `handler` see logged-in customers only; others are led to the login, and back."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        session = await _in_use(request, "login")
        if session is None:
            raise web.HTTPSeeOther(f"/login?next={request.path.removeprefix('/')}")
        return await handler(request, session)

    return guarded


def with_booking(handler: SessionHandler) -> Handler:
    """Let `handler` see booking-only sessions, whoever is logged in. Raises SessionEnded."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        session = await _in_use(request, "booking")
        if session is None:
            raise SessionEnded
        return await handler(request, session)

    return guarded


def with_glance(handler: Handler) -> Handler:
    """Let a public page show who is logged in."""

    @wraps(handler)
    async def glancing(request: web.Request) -> web.StreamResponse:
        await identify(request, "login")
        return await handler(request)

    return glancing


async def _in_use(request: web.Request, kind: SessionKind) -> Session | None:
    session = await identify(request, kind)
    token = cookies.session_token(request, kind)
    if session is not None and token is not None:
        now = request.app[CLOCK]()
        await sessions.keep_alive(request.app[DATABASE], token, session, now)
    return session


async def _find(request: web.Request, kind: SessionKind) -> Session | None:
    token = cookies.session_token(request, kind)
    if token is None:
        return None
    return await sessions.find(request.app[DATABASE], kind, token, request.app[CLOCK]())
