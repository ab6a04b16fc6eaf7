"""Cancel a contract, withdraw from one: no login, one page, one button, and a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, RANDOM_BYTES
from cloudmatic_portal.domain.declaration import (
    CANCELLATION_KINDS,
    LONGEST,
    Content,
    Declaration,
    DeclarationKind,
)
from cloudmatic_portal.domain.errors import FieldsUnfit, TooManyAttempts
from cloudmatic_portal.services import declarations
from cloudmatic_portal.web import clients, forms, i18n, render
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.sessions import Handler, identify, with_glance

PATHS: Final[dict[DeclarationKind, str]] = {
    "cancellation": "/cancel-contract",
    "withdrawal": "/withdraw-contract",
}
RECEIPT: Final = "/declarations/receipt"
_TEMPLATES: Final[dict[DeclarationKind, str]] = {
    "cancellation": "declarations/cancel.html",
    "withdrawal": "declarations/withdraw.html",
}


def show(kind: DeclarationKind) -> Handler:
    async def _show(request: web.Request) -> web.Response:
        session = await identify(request, "login")
        form = Form()
        if session is not None:
            form["identification"] = session.user_name
        return _page(request, kind, form)

    return with_glance(_show)


def declare(kind: DeclarationKind) -> Handler:
    async def _declare(request: web.Request) -> web.Response:
        form = await forms.read(request)
        try:
            token = await declarations.declare(
                request.app[DATABASE],
                _content(kind, form),
                i18n.language_of(request),
                clients.network(request),
                now=request.app[CLOCK](),
                random_bytes=request.app[RANDOM_BYTES],
            )
        except FieldsUnfit as error:
            return _page(request, kind, form, faults=error.faults)
        except TooManyAttempts as error:
            return _page(request, kind, form, wait=error.seconds)
        request.app[MAIL_DELIVERY].nudge()
        return web.Response(status=303, headers={"Location": f"{RECEIPT}?token={token}"})

    return with_glance(_declare)


@with_glance
async def show_receipt(request: web.Request) -> web.Response:
    declaration = await _receipt(request)
    return render.page(
        request,
        "declarations/receipt.html",
        declaration=declaration,
        content=declaration.content,
        token=request.query.get("token", ""),
    )


async def download_receipt(request: web.Request) -> web.Response:
    """The same as a text, to be kept (§ 312k III BGB)."""
    declaration = await _receipt(request)
    text = render.text(
        request, "declarations/receipt.txt", declaration=declaration, content=declaration.content
    )
    name = f"{declaration.content.kind}-{declaration.number}.txt"
    return render.download(text, "text/plain", name)


async def _receipt(request: web.Request) -> Declaration:
    token = request.query.get("token", "")
    return await declarations.receipt(request.app[DATABASE], token, request.app[CLOCK]())


def _content(kind: DeclarationKind, form: Form) -> Content:
    """What was typed, without the spaces that keyboards bring along. Raises FieldsUnfit."""
    typed = {name: " ".join(form.get(name, "").split()) for name in (*LONGEST, "email")}
    if kind == "withdrawal":
        return Content(
            kind=kind, name=typed["name"], contract=typed["contract"], email=typed["email"]
        )
    chosen = form.get("cancellation", "")
    return Content(
        kind=kind,
        cancellation=next((each for each in CANCELLATION_KINDS if each == chosen), None),
        ends_on=_day(form.get("ends_on", "").strip()),
        **typed,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise FieldsUnfit({"ends_on": "unfit"}) from error


def _page(
    request: web.Request,
    kind: DeclarationKind,
    form: Form,
    *,
    faults: Mapping[str, str] | None = None,
    wait: int = 0,
) -> web.Response:
    names = (*LONGEST, "email", "ends_on", "cancellation")
    return render.form_page(
        request,
        _TEMPLATES[kind],
        status=422 if faults else 200,
        wait=wait,
        typed={name: form.get(name, "") for name in names},
        faults=faults or {},
        longest=LONGEST,
    )
