"""Bank statements: bring one, look at what importing it would do, import it."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, SETTINGS
from cloudmatic_portal.domain.errors import StatementRefused, UploadUnknown
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import statements, uploads
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.web import forms
from cloudmatic_portal.web import uploads as web_uploads
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.pages import page

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_OUTCOMES: Final = ("booked", "open", "ignored", "known")
_MOST_SHOWN: Final = 300


async def show(request: web.Request, _: Operator) -> web.Response:
    given = {name: request.query.get(name, "") for name in _OUTCOMES}
    done = given if all(_COUNT.fullmatch(each) for each in given.values()) else None
    return _page(request, done=done)


async def bring(request: web.Request, operator: Operator) -> web.Response:
    name, data = await web_uploads.read(request, "file", uploads.MOST_BYTES)
    if not data:
        return _page(request, status=422, missing=True)
    upload = Upload(name=name, data=data)
    try:
        await statements.read(upload, _own(request))
    except StatementRefused as error:
        return _page(request, status=422, refused=error)
    now = request.app[CLOCK]()
    kept = await uploads.keep(request.app[DATABASE], operator.operator_id, upload, now)
    return web.Response(status=303, headers={"Location": f"/admin/statements/{kept}"})


async def preview(request: web.Request, operator: Operator) -> web.Response:
    now = request.app[CLOCK]()
    upload = await _find(request, operator)
    files = await statements.preview(request.app[DATABASE], upload, _own(request), now)
    return page(request, "statement.html", upload=upload, files=files, most=_MOST_SHOWN)


async def run(request: web.Request, operator: Operator) -> web.Response:
    await forms.read(request)
    upload, now = await _find(request, operator), request.app[CLOCK]()
    # The name is a stranger's, and the log's column is short.
    about = f"statement {upload.name[-150:]}"
    audited = acting.audited(request, operator, "import statement", about, several=True)
    files = await statements.run(audited, upload, _own(request), now)
    await uploads.forget(request.app[DATABASE], _upload_id(request))
    request.app[MAIL_DELIVERY].nudge()
    counts = "&".join(f"{name}={sum(each.counts[name] for each in files)}" for name in _OUTCOMES)
    return web.Response(status=303, headers={"Location": f"/admin/statements?{counts}"})


def _page(
    request: web.Request,
    *,
    status: int = 200,
    done: dict[str, str] | None = None,
    missing: bool = False,
    refused: StatementRefused | None = None,
) -> web.Response:
    return page(
        request,
        "statements.html",
        status=status,
        done=done,
        missing=missing,
        refused=refused,
        ours=_own(request),
        most=uploads.MOST_BYTES // 1024 // 1024,
    )


async def _find(request: web.Request, operator: Operator) -> Upload:
    now = request.app[CLOCK]()
    return await uploads.find(request.app[DATABASE], operator.operator_id, _upload_id(request), now)


def _upload_id(request: web.Request) -> int:
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise UploadUnknown
    return int(text)


def _own(request: web.Request) -> list[str]:
    bank = request.app[SETTINGS].bank
    return [bank.iban] if bank else []
