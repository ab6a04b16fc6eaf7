"""The customer's billing address."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.billing import BillingAddress, prefix
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.domain.vat import HOME
from cloudmatic_portal.services import billing
from cloudmatic_portal.web import countries, forms, i18n, places, render
from cloudmatic_portal.web.sessions import with_login


@with_login
async def show(request: web.Request, session: Session) -> web.Response:
    found = await billing.find(request.app[DATABASE], session.account_id)
    return _page(request, found or BillingAddress.tidied({"country": HOME}))


@with_login
async def save(request: web.Request, session: Session) -> web.Response:
    form = dict(await forms.read(request))
    try:
        address = BillingAddress.typed(form)
    except FieldsUnfit as error:
        return _page(request, BillingAddress.tidied(form), faults=error.faults)
    now = request.app[CLOCK]()
    await billing.save(request.app[DATABASE], session.account_id, address, now)
    return places.see(request, "dashboard")


def _page(
    request: web.Request, address: BillingAddress, *, faults: Mapping[str, str] | None = None
) -> web.Response:
    return render.page(
        request,
        "billing/show.html",
        status=422 if faults else 200,
        address=address,
        countries=countries.choices(i18n.language_of(request)),
        prefix=prefix(address.country),
        faults=faults or {},
    )
