"""Webhooks: whether gateways hear of changes, and what PayPal has told."""

from __future__ import annotations

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.errors import GatewayUnknown
from cloudmatic_portal.domain.gateway import NAME, Gateway
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.domain.paypal import EVENT_STATES
from cloudmatic_portal.services import desk, gateways
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.web.admin import acting, words
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.i18n import N_


async def show(request: web.Request, _: Operator) -> web.Response:
    database, wanted = request.app[DATABASE], request.query.get("state", "")
    state = next((each for each in EVENT_STATES if each == wanted), None)
    return page(
        request,
        "webhooks.html",
        gateways=await gateways.standing(database),
        state=state,
        states=EVENT_STATES,
        found=await events.search(database, state=state, most=desk.MOST_LISTED),
    )


async def examine_retry(request: web.Request) -> Question:
    gateway = await _gateway(request)
    why = gateway.last_error or "–"
    status = words.answered(why)
    return Question(
        title=N_("Tell gateway %(name)s at once?"),
        sentence=N_("At the last attempt the answer was %(why)s. It is tried again now.")
        if status
        else N_("The last attempt was in vain because of: %(why)s. It is tried again now."),
        button=N_("Tell it at once"),
        back="/admin/webhooks",
        facts={"name": gateway.name, "why": status or why},
    )


async def retry(request: web.Request, operator: Operator, why: str) -> None:
    gateway = await _gateway(request)
    about = f"gateway {gateway.name}"
    audited = acting.audited(
        request, operator, "retry gateway", about, why=why, detail=gateway.last_error
    )
    await gateways.tell_again(audited, gateway.name, request.app[CLOCK]())


async def _gateway(request: web.Request) -> Gateway:
    """The gateway that the address names. Raises GatewayUnknown."""
    name = request.match_info["name"]
    if not NAME.fullmatch(name):
        raise GatewayUnknown(name)
    return await gateways.find(request.app[DATABASE], name)
