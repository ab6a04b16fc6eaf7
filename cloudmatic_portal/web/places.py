"""Two address spaces with the same pages: a login's, and that of a booking-only session.

A third one, below `/admin`, is the operators'.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

BOOKING: Final = "/booking"
ADMIN: Final = "/admin"
WEBHOOK_PATH: Final = "/api/paypal/webhook"
"""Where PayPal sends its webhooks; entered at PayPal by the operator."""
MAIL_ENTRY_PATH: Final = "/entry/mail"
"""Where the links in mails about the end of a package lead."""


def base(request: web.Request) -> str:
    """What the addresses begin with that this visitor may go on to."""
    return BOOKING if request.path.startswith(f"{BOOKING}/") else ""


def is_admin(request: web.Request) -> bool:
    """Whether the address is one of the operators'."""
    return request.path == ADMIN or request.path.startswith(f"{ADMIN}/")


def see(request: web.Request, page: str) -> web.Response:
    """Go on to `page` (`cart`, `orders/K7Q-X4M-P9R`), in the same address space."""
    return web.Response(status=303, headers={"Location": f"{base(request)}/{page}"})
