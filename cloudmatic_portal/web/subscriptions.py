"""A subscription's pages: pause, resume, change, cancel; each asks once more before it does it."""

from __future__ import annotations

import re
from typing import Any, Final, Literal, get_args

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, SETTINGS
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import BookingRefused
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import standing_order, subscriptions
from cloudmatic_portal.web import forms, girocode, places, render
from cloudmatic_portal.web.sessions import Handler, with_login

Step = Literal["pause", "resume", "cancel"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_PLAN: Final = re.compile(r"([a-z][a-z0-9-]{0,31}):([1-9][0-9]?)")


def ask(step: Step) -> Handler:
    """The page that asks before `step` is done. Changes nothing."""

    async def _ask(request: web.Request, session: Session) -> web.Response:
        standing, _ = await _find(request, session)
        return render.page(request, "subscriptions/ask.html", step=step, standing=standing)

    return with_login(_ask)


def do(step: Step) -> Handler:
    async def _do(request: web.Request, session: Session) -> web.Response:
        await forms.read(request)
        database, number = request.app[DATABASE], _number(request)
        if step == "pause":
            await subscriptions.pause(database, session.account_id, number)
        elif step == "resume":
            now = request.app[CLOCK]()
            await subscriptions.resume(database, session.account_id, number, now)
        else:
            now = request.app[CLOCK]()
            await subscriptions.cancel(database, session.account_id, number, now)
        return places.see(request, "dashboard")

    return with_login(_do)


@with_login
async def show_change(request: web.Request, session: Session) -> web.Response:
    return await _page(request, session)


@with_login
async def change(request: web.Request, session: Session) -> web.Response:
    plan = _PLAN.fullmatch((await forms.read(request)).get("plan", ""))
    if plan is None:
        return await _page(request, session, status=422, missing=True)
    try:
        await subscriptions.change(
            request.app[DATABASE],
            session.account_id,
            _number(request),
            plan[1],
            int(plan[2]),
            request.app[CLOCK](),
        )
    except BookingRefused as refused:
        return await _page(request, session, status=409, refused=refused)
    return places.see(request, "dashboard")


@with_login
async def show_standing_order(request: web.Request, session: Session) -> web.Response:
    """The sheet to print, or to lay beside the bank's page."""
    sheet = await standing_order.sheet(
        request.app[DATABASE],
        session.account_id,
        _number(request),
        berlin_day(request.app[CLOCK]()),
    )
    bank = request.app[SETTINGS].bank
    amount = sheet.standing_order.amount
    return render.page(
        request,
        "subscriptions/standing_order.html",
        sheet=sheet,
        bank=bank,
        girocode=girocode.svg(bank, amount, sheet.reference) if bank else None,
        session=session,
    )


async def _page(
    request: web.Request, session: Session, *, status: int = 200, **facts: Any
) -> web.Response:
    standing, packages = await _find(request, session)
    today = berlin_day(request.app[CLOCK]())
    return render.page(
        request,
        "subscriptions/change.html",
        status=status,
        standing=standing,
        plans=[(each, term) for each in packages for term in each.terms_on(today)],
        **{"missing": False, "refused": None, **facts},
    )


async def _find(request: web.Request, session: Session) -> Any:
    return await subscriptions.find(request.app[DATABASE], session.account_id, _number(request))


def _number(request: web.Request) -> int:
    number = request.match_info["number"]
    if not _NUMBER.fullmatch(number):
        raise web.HTTPNotFound
    return int(number)
