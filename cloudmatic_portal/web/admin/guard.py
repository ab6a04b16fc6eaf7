"""Who may see which operator page: each has its roles, in one table, and nothing is without."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlencode

from aiohttp import web

from cloudmatic_portal.app_keys import ADMIN_MENU, CLOCK, DATABASE, OPERATOR
from cloudmatic_portal.domain.errors import OperatorNotAllowed
from cloudmatic_portal.domain.operator import Operator, OperatorSession, Role
from cloudmatic_portal.services import operators
from cloudmatic_portal.web import cookies
from cloudmatic_portal.web.places import ADMIN

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OperatorHandler = Callable[[web.Request, Operator], Awaitable[web.StreamResponse]]

LOGIN: Final = f"{ADMIN}/login"
_PAGES: Final = re.compile(rf"{ADMIN}(/[A-Za-z0-9-]+)*")
"""Where a login may lead to."""


@dataclass(frozen=True, slots=True)
class Page:
    """An address below `/admin`, and the roles that reach it; `menu` is its label there, if any."""

    method: Literal["GET", "POST"]
    path: str
    handler: OperatorHandler
    roles: frozenset[Role]
    menu: str = ""


def routes(pages: Iterable[Page]) -> tuple[web.AbstractRouteDef, ...]:
    """The routes of `pages`, each for its roles only."""
    table = tuple(pages)
    made = {"GET": web.get, "POST": web.post}
    return tuple(made[page.method](page.path, _guarded(page, table)) for page in table)


async def identify(request: web.Request) -> OperatorSession | None:
    """The operator's living session; remembered for the page's head."""
    if OPERATOR not in request:
        token = cookies.operator_token(request)
        now = request.app[CLOCK]()
        request[OPERATOR] = (
            None if token is None else await operators.session(request.app[DATABASE], token, now)
        )
    return request[OPERATOR]


def page_after(wanted: str) -> str:
    """The page that a login leads to which asked for `wanted`."""
    return wanted if _PAGES.fullmatch(wanted) else ADMIN


def _guarded(page: Page, table: tuple[Page, ...]) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        session = await identify(request)
        if session is None:
            raise web.HTTPSeeOther(f"{LOGIN}?{urlencode({'next': request.path})}")
        operator = session.operator
        request[ADMIN_MENU] = tuple(
            (each.path, each.menu) for each in table if each.menu and operator.role in each.roles
        )
        if operator.role not in page.roles:
            raise OperatorNotAllowed(operator.role)
        return await page.handler(request, operator)

    return guarded
