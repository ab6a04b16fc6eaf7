"""Every address of the operators, and who reaches it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from cloudmatic_portal.domain.operator import ROLES, Role
from cloudmatic_portal.web.admin import audit, login, overview
from cloudmatic_portal.web.admin.guard import LOGIN, Page, routes
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.places import ADMIN

EVERYBODY: Final[frozenset[Role]] = frozenset(ROLES)
SUPPORT: Final[frozenset[Role]] = frozenset({"support", "admin"})
ACCOUNTING: Final[frozenset[Role]] = frozenset({"accounting", "admin"})
ADMINS: Final[frozenset[Role]] = frozenset({"admin"})

PAGES: Final = (
    Page("GET", ADMIN, overview.show, EVERYBODY, N_("Overview")),
    Page("GET", f"{ADMIN}/audit", audit.show, ADMINS, N_("Audit log")),
    Page("POST", f"{ADMIN}/logout", login.leave, EVERYBODY),
)

ADMIN_ROUTES: Final[tuple[web.AbstractRouteDef, ...]] = (
    # Before there is an operator to ask for a role.
    web.get(LOGIN, login.show),
    web.post(LOGIN, login.submit),
    web.get(f"{ADMIN}/setup", login.show_setup),
    web.post(f"{ADMIN}/setup", login.set_up),
    *routes(PAGES),
)
