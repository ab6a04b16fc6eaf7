"""Every address of the dashboard, with what its visitor must be allowed to do."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from ccu_dashboard.domain.session import Action
from ccu_dashboard.settings import PREFIX
from ccu_dashboard.web import booking, overview

ROUTES: Final = (
    ("GET", f"{PREFIX}/", overview.show, Action.SEE),
    ("POST", f"{PREFIX}/book", booking.book, Action.BOOK),
    ("GET", f"{PREFIX}/book", overview.back, Action.SEE),
)


def needed(handler: object) -> Action | None:
    """What `handler`'s visitor must be allowed to do; None for a handler that is not ours."""
    return next((action for _, _, ours, action in ROUTES if ours is handler), None)


def set_up(app: web.Application) -> None:
    for method, path, handler, _ in ROUTES:
        app.router.add_route(method, path, handler)
