"""Invoices as they were issued, for the customer who got them."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import invoices
from cloudmatic_portal.web.sessions import with_login


@with_login
async def download(request: web.Request, session: Session) -> web.Response:
    number = request.match_info["number"]
    document = await invoices.show(request.app[DATABASE], number, session.account_id)
    return web.Response(
        body=document,
        content_type="application/pdf",
        # The number has been read: it is capitals, digits and hyphens.
        headers={"Content-Disposition": f'attachment; filename="{number.upper()}.pdf"'},
    )
