"""Actions that are asked about once more: a page with a question and a field for the reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from cloudmatic_portal.domain.errors import (
    ActionCannot,
    BankLineCannot,
    FieldsUnfit,
    MailCannot,
    OrderCannot,
    SecondFactorOff,
)
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.web import forms
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.guard import OperatorHandler
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.refusals import cannot


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`title` and `sentence` may name `facts` as `%(fact)s`; `back` is where the action leads."""

    title: str
    sentence: str
    button: str
    back: str
    facts: Mapping[str, str] = field(default_factory=dict)


Examine = Callable[[web.Request], Awaitable[Question]]
Act = Callable[[web.Request, Operator, str], Awaitable[None]]
"""Does it, for the reason given."""

_CANNOT = (OrderCannot, MailCannot, ActionCannot, BankLineCannot, SecondFactorOff)


def ask(examine: Examine) -> OperatorHandler:
    """The page that asks. Changes nothing."""

    async def asking(request: web.Request, _: Operator) -> web.Response:
        return _page(request, await examine(request))

    return asking


def do(examine: Examine, act: Act) -> OperatorHandler:
    async def doing(request: web.Request, operator: Operator) -> web.Response:
        form = await forms.read(request)
        question = await examine(request)
        try:
            await act(request, operator, acting.reason(form))
        except FieldsUnfit as error:
            given = form.get("reason", "")
            return _page(request, question, status=422, faults=error.faults, reason=given)
        except _CANNOT as error:
            return _page(request, question, status=409, refused=cannot(error))
        return web.Response(status=303, headers={"Location": question.back})

    return doing


def _page(
    request: web.Request, question: Question, *, status: int = 200, **context: Any
) -> web.Response:
    shown = {"faults": {}, "reason": "", "refused": None, **context}
    return page(request, "ask.html", status=status, question=question, **shown)
