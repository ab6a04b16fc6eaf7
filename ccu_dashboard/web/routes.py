"""Every address of the dashboard, with what its visitor must be allowed to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from ccu_dashboard.domain.session import Action
from ccu_dashboard.settings import PREFIX, RELAY_PREFIX
from ccu_dashboard.web import booking, diagnostics, leave, live, overview, pair, signal

ROUTES: Final = (
    ("GET", "/", overview.show, Action.SEE),
    ("POST", "/book", booking.book, Action.BOOK),
    ("GET", "/book", overview.back, Action.SEE),
    ("GET", "/state", live.state, Action.SEE),
    ("POST", "/pair", pair.begin, Action.ADMINISTER),
    ("POST", "/pair/stop", pair.stop, Action.ADMINISTER),
    ("POST", "/signal", signal.switch, Action.ADMINISTER),
    ("GET", "/leave", leave.ask, Action.ADMINISTER),
    ("POST", "/leave/unlink", leave.unlink, Action.ADMINISTER),
    ("POST", "/leave/erase", leave.erase, Action.ADMINISTER),
    ("POST", "/return", leave.come_back, Action.ADMINISTER),
    ("GET", "/diagnostics", diagnostics.show, Action.ADMINISTER),
    ("POST", "/diagnostics", diagnostics.check, Action.ADMINISTER),
)
"""Below PREFIX, and below RELAY_PREFIX."""

_NEEDED: Final[Mapping[object, Action]] = {handler: action for _, _, handler, action in ROUTES}


def needed(handler: object) -> Action | None:
    """What `handler`'s visitor must be allowed to do; None for a handler that is not ours."""
    return _NEEDED.get(handler)


def prefix_of(path: str) -> str:
    """Under which of the two prefixes a request for `path` came, and its answer's links lie."""
    return RELAY_PREFIX if f"{path}/".startswith(f"{RELAY_PREFIX}/") else PREFIX


def set_up(app: web.Application) -> None:
    for prefix in (PREFIX, RELAY_PREFIX):
        for method, path, handler, _ in ROUTES:
            app.router.add_route(method, prefix + path, handler)
