"""What the calendar does: what was set aside, what is to come; do one again."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE
from cloudmatic_portal.domain.due import DUE_STATES, DueState
from cloudmatic_portal.domain.errors import ActionUnknown
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import desk, due
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.i18n import N_

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


async def search(request: web.Request, _: Operator) -> web.Response:
    wanted = request.query.get("state", "")
    failed: DueState = "failed"
    state = next((each for each in DUE_STATES if each == wanted), failed)
    found = await due.in_state(request.app[DATABASE], state, desk.MOST_LISTED)
    return page(request, "actions.html", state=state, states=DUE_STATES, found=found)


async def examine_retry(request: web.Request) -> Question:
    action = await due.find(request.app[DATABASE], _due_id(request))
    return Question(
        title=N_("Do action %(action)s again?"),
        sentence=N_("It is for account %(account)s, and was set aside because of: %(why)s."),
        button=N_("Do it again"),
        back="/admin/actions",
        facts={
            "action": str(action.due_id),
            "account": str(action.account_id),
            "why": action.why or "–",
        },
    )


async def retry(request: web.Request, operator: Operator, why: str) -> None:
    due_id = _due_id(request)
    action = await due.find(request.app[DATABASE], due_id)
    about = f"action {due_id}"
    audited = acting.audited(request, operator, "retry action", about, why=why, detail=action.key)
    await due.retry(audited, due_id, request.app[CLOCK]())


def _due_id(request: web.Request) -> int:
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise ActionUnknown(0)
    return int(text)
