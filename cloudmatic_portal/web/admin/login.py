"""An operator comes in, goes, and is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES, SECRETS, SETTINGS
from cloudmatic_portal.domain.errors import FieldsUnfit, OperatorRefused, TooManyAttempts
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import operators
from cloudmatic_portal.services.operators import Choice, Keys, Proof
from cloudmatic_portal.web import clients, cookies, factors, forms, render
from cloudmatic_portal.web.admin import guard
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.places import ADMIN

_FIELDS: Final = ("name", "password", "code")


async def show(request: web.Request) -> web.Response:
    return _page(request, name="", wanted=request.query.get("next", ""))


async def submit(request: web.Request) -> web.Response:
    form = await forms.read(request)
    name, wanted = form.get("name", ""), form.get("next", "")
    missing = [each for each in _FIELDS if not form.get(each, "").strip()]
    if missing:
        return _page(request, name=name, wanted=wanted, missing=missing)
    try:
        token = await _log_in(request, form)
    except OperatorRefused:
        return _page(request, name=name, wanted=wanted, refused=True)
    except TooManyAttempts as error:
        return _page(request, name=name, wanted=wanted, wait=error.seconds)
    return _enter(request, token, guard.page_after(wanted))


async def leave(request: web.Request, _: Operator) -> web.Response:
    await forms.read(request)
    token = cookies.operator_token(request)
    if token is not None:
        await operators.log_out(request.app[DATABASE], token)
    response = web.Response(status=303, headers={"Location": guard.LOGIN})
    cookies.delete_operator(request, response)
    return response


async def show_setup(request: web.Request) -> web.Response:
    """Changes nothing: the factor that is shown is drawn from the link and kept by nobody yet."""
    return await _setup_page(request, request.query.get("token", ""))


async def set_up(request: web.Request) -> web.Response:
    form = await forms.read(request)
    choice = Choice(form.get("token", ""), form.get("password", ""), form.get("code", ""))
    try:
        token = await operators.set_up(
            request.app[DATABASE],
            _keys(request),
            choice,
            now=request.app[CLOCK](),
            random_bytes=request.app[RANDOM_BYTES],
        )
    except FieldsUnfit as error:
        return await _setup_page(request, choice.token, error.faults)
    return _enter(request, token, ADMIN)


async def _log_in(request: web.Request, form: Form) -> str:
    name, password, code = (form.get(each, "") for each in _FIELDS)
    former = cookies.operator_token(request)
    return await operators.log_in(
        request.app[DATABASE],
        _keys(request),
        Proof(name, password, code, clients.network(request), former),
        now=request.app[CLOCK](),
        random_bytes=request.app[RANDOM_BYTES],
    )


def _keys(request: web.Request) -> Keys:
    return Keys(request.app[SECRETS], request.app[SETTINGS].secret)


def _enter(request: web.Request, token: str, location: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": location})
    cookies.set_operator(request, response, token)
    return response


def _page(
    request: web.Request,
    *,
    name: str,
    wanted: str,
    refused: bool = False,
    missing: Sequence[str] = (),
    wait: int = 0,
) -> web.Response:
    return render.form_page(
        request,
        "admin/login.html",
        status=403 if refused else 422 if missing else 200,
        wait=wait,
        name=name,
        next=guard.page_after(wanted),
        refused=refused,
        missing=missing,
    )


async def _setup_page(
    request: web.Request, token: str, faults: Mapping[str, str] | None = None
) -> web.Response:
    now = request.app[CLOCK]()
    invited = await operators.examine_link(request.app[DATABASE], token, now)
    factor = _keys(request).new_factor(token)
    return render.page(
        request,
        "admin/setup.html",
        status=422 if faults else 200,
        invited=invited,
        token=token,
        factor=factors.shown(factor, invited.name),
        faults=faults or {},
    )
