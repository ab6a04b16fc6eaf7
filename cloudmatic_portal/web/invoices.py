"""Invoices as they were issued, for the customer who got them."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.domain.errors import InvoiceUnknown
from cloudmatic_portal.domain.invoice import InvoiceNumber
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import invoices
from cloudmatic_portal.web.sessions import with_login


@with_login
async def download(request: web.Request, session: Session) -> web.Response:
    number = _number(request)
    document = await invoices.show(request.app[DATABASE], number, session.account_id)
    return web.Response(
        body=document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{number}.pdf"'},
    )


def _number(request: web.Request) -> str:
    """Capitals, digits and hyphens, to be written into a header. Raises InvoiceUnknown."""
    text = request.match_info["number"]
    number = InvoiceNumber.read(text)
    # Nothing around it: here nobody has typed it.
    if number is None or str(number) != text.upper():
        raise InvoiceUnknown(text)
    return str(number)
