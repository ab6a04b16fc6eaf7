"""The products; also the plain way in from a hub that cannot sign a link."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import ProductNotSold
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import catalogue
from cloudmatic_portal.web import login, render
from cloudmatic_portal.web.sessions import with_booking, with_glance


@with_glance
async def show_mine(request: web.Request) -> web.Response:
    return await page(request, wanted=request.query.get("product"))


@with_booking
async def show_booking(request: web.Request, _: Session) -> web.Response:
    return await page(request)


async def page(
    request: web.Request, *, wanted: str | None = None, refused: ProductNotSold | None = None
) -> web.Response:
    """All products. `wanted` is what a hub sent the customer for, `refused` what is not sold."""
    today = berlin_day(request.app[CLOCK]())
    products = await catalogue.products(request.app[DATABASE], today)
    chosen = next((product for product in products if product.code == wanted), None)
    here = "products" if chosen is None else f"products?product={chosen.code}"
    return render.page(
        request,
        "products/show.html",
        status=410 if refused else 200,
        products=products,
        chosen=chosen,
        refused=refused,
        today=today,
        login_address=login.address(here),
    )
