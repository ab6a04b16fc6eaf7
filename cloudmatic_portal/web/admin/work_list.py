"""Bank lines that wait for somebody: what each may be for, and saying what it is for."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY
from cloudmatic_portal.domain.errors import (
    AccountUnknown,
    BankLineCannot,
    BankLineUnknown,
    FieldsUnfit,
    OrderUnknown,
    SharesUnfit,
)
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import work_list
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.services.work_list import Choice
from cloudmatic_portal.web import formats, forms
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.refusals import Cannot, cannot
from cloudmatic_portal.web.i18n import N_

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_CHOSEN: Final = re.compile(r"(order|account|back):([A-Za-z0-9-]{1,20})")


async def show(request: web.Request, _: Operator) -> web.Response:
    after = request.query.get("after", "")
    found = await work_list.tasks(
        request.app[DATABASE],
        request.app[CLOCK](),
        after=int(after) if _NUMBER.fullmatch(after) else 0,
    )
    return page(request, "work_list.html", found=found)


async def show_line(request: web.Request, _: Operator) -> web.Response:
    return await _page(request)


async def assign(request: web.Request, operator: Operator) -> web.Response:
    form = await forms.read(request)
    chosen, parts = form.get("choice", ""), form.get("parts", "")
    line_id = _line_id(request)
    about, detail = f"line {line_id}", parts if chosen == "parts" else chosen
    audited = acting.audited(request, operator, "assign bank line", about, detail=detail[:200])
    try:
        await _assign(audited, line_id, chosen, parts, request)
    except FieldsUnfit as error:
        return await _page(request, status=422, parts=parts, faults=dict(error.faults))
    except (SharesUnfit, OrderUnknown, AccountUnknown, BankLineCannot) as error:
        return await _page(request, status=409, parts=parts, refused=cannot(error))
    request.app[MAIL_DELIVERY].nudge()
    return web.Response(status=303, headers={"Location": "/admin/work-list"})


async def examine_ignore(request: web.Request) -> Question:
    task = await work_list.task(request.app[DATABASE], _line_id(request), request.app[CLOCK]())
    line = task.stored.line
    return Question(
        title=N_("Take the line of %(amount)s off the list?"),
        sentence=N_("It is from %(payer)s. Nothing is booked for it."),
        button=N_("Take it off the list"),
        back="/admin/work-list",
        facts={"amount": formats.money(line.amount, "de"), "payer": line.payer or "–"},
    )


async def ignore(request: web.Request, operator: Operator, why: str) -> None:
    line_id = _line_id(request)
    audited = acting.audited(request, operator, "ignore bank line", f"line {line_id}", why=why)
    await work_list.ignore(audited, line_id, why, request.app[CLOCK]())


async def _assign(
    audited: Audited, line_id: int, chosen: str, parts: str, request: web.Request
) -> None:
    """Raises FieldsUnfit, or what the work list refuses."""
    now = request.app[CLOCK]()
    if chosen == "parts":
        await work_list.assign(audited, line_id, _read_parts(parts), now)
        return
    found = _CHOSEN.fullmatch(chosen)
    number = {"account": ACCOUNT_ID, "back": _NUMBER}.get(found[1] if found else "")
    if found is None or (number is not None and not number.fullmatch(found[2])):
        raise FieldsUnfit({"choice": "missing"})
    if found[1] == "back":
        await work_list.take_back(audited, line_id, int(found[2]), now)
    elif found[1] == "order":
        await work_list.assign(audited, line_id, [Choice(reference=found[2])], now)
    else:
        await work_list.assign(audited, line_id, [Choice(account_id=int(found[2]))], now)


def _read_parts(text: str) -> list[Choice]:
    """`K7Q-X4M-P9R=24,00 account:4711=3,00`; one alone needs no amount. Raises FieldsUnfit."""
    choices = [work_list.read_choice(written) for written in text.split()]
    known = [each for each in choices if each is not None]
    if not known or len(known) < len(choices):
        raise FieldsUnfit({"parts": "parts"})
    return known


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    parts: str = "",
    faults: dict[str, str] | None = None,
    refused: Cannot | None = None,
) -> web.Response:
    task = await work_list.task(request.app[DATABASE], _line_id(request), request.app[CLOCK]())
    return page(
        request,
        "bank_line.html",
        status=status,
        task=task,
        parts=parts,
        faults=faults or {},
        refused=refused,
    )


def _line_id(request: web.Request) -> int:
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise BankLineUnknown(0)
    return int(text)
