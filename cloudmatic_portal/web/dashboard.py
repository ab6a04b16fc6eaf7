"""The customer's dashboard."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import billing, invoices, subscriptions
from cloudmatic_portal.services.overview import overview
from cloudmatic_portal.web import render
from cloudmatic_portal.web.sessions import with_login
from cloudmatic_portal.web.timeline import timeline


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    today = berlin_day(request.app[CLOCK]())
    mine = await overview(request.app[DATABASE], session.account_id, today)
    return render.page(
        request,
        "dashboard/show.html",
        overview=mine,
        timeline=timeline(mine),
        standings=await subscriptions.of_account(request.app[DATABASE], session.account_id),
        invoices=await invoices.of_account(request.app[DATABASE], session.account_id),
        billing=await billing.find(request.app[DATABASE], session.account_id),
    )
