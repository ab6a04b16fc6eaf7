"""Form tokens: proof that a form was made by us, for this browser and the session it shows.

The browser is told apart by a cookie. Two tabs that are opened at once, neither with a cookie yet,
get two; as each has a name of its own, the browser keeps both, and the forms of both tabs hold.
(A booking link would not do in the cookie's place: whoever has a hub has links, for their own
account, and could slip a form with one of them under somebody else's click.)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final, Literal

from aiohttp import web

from cloudmatic_link.api import ENTRY_PATH
from cloudmatic_portal.app_keys import FORM_COOKIE, RANDOM_BYTES, SETTINGS
from cloudmatic_portal.domain.session import SessionKind
from cloudmatic_portal.services.sessions import new_token
from cloudmatic_portal.web import cookies, places
from cloudmatic_portal.web.places import MAIL_ENTRY_PATH

FIELD: Final = "form_token"


def issue(request: web.Request) -> str:
    """The token for a form on the page that `request` asks for."""
    return _sign(request, _browser(request))


def holds(request: web.Request, token: str) -> bool:
    """Whether `token` was issued to this browser, with the session that it still has."""
    if not token.isascii():
        return False
    values = cookies.form_values(request)
    return any(hmac.compare_digest(_sign(request, value), token) for value in values)


def _browser(request: web.Request) -> str:
    """What tells this browser apart; a new one is set as a cookie with the answer."""
    if values := cookies.form_values(request):
        return values[0]
    if FORM_COOKIE not in request:
        request[FORM_COOKIE] = new_token(request.app[RANDOM_BYTES])
    return request[FORM_COOKIE]


def _sign(request: web.Request, value: str) -> str:
    kind, session = _session(request)
    message = "\0".join(("form", value, kind, session or "")).encode("ascii")
    digest = hmac.digest(request.app[SETTINGS].secret, message, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _session(request: web.Request) -> tuple[SessionKind | Literal["operator"], str | None]:
    """The session that a form of this page belongs to, and its token if there is one."""
    if places.is_admin(request):
        return "operator", cookies.operator_token(request)
    kind: SessionKind = "booking" if request.path.startswith("/booking/") else "login"
    # On the way in from a hub or mail a login has no say: one coming or going spoils nothing.
    entering = request.path in {ENTRY_PATH, MAIL_ENTRY_PATH}
    return kind, None if entering else cookies.session_token(request, kind)
