"""The products; also the plain way in from a hub that cannot sign a link."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.services import catalogue
from cloudmatic_portal.web import login, render
from cloudmatic_portal.web.sessions import with_glance


@with_glance
async def show(request: web.Request) -> web.Response:
    today = berlin_day(request.app[CLOCK]())
    packages = await catalogue.products(request.app[DATABASE], today)
    wanted = request.query.get("product")
    chosen = next((package for package in packages if package.code == wanted), None)
    here = "products" if chosen is None else f"products?product={chosen.code}"
    return render.page(
        request,
        "products/show.html",
        packages=packages,
        chosen=chosen,
        today=today,
        login_address=login.address(here),
    )
