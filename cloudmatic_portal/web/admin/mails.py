"""The outbox: what is in it, what a mail says, send it once more."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY, SETTINGS
from cloudmatic_portal.domain.errors import MailUnknown
from cloudmatic_portal.domain.mail import MAIL_STATES
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import desk, mailing
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.mails import make_writer, read

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


async def search(request: web.Request, _: Operator) -> web.Response:
    wanted = request.query.get("state", "")
    state = next((each for each in MAIL_STATES if each == wanted), None)
    found = await mailing.search(request.app[DATABASE], state=state, most=desk.MOST_LISTED)
    return page(request, "mails.html", state=state, states=MAIL_STATES, found=found)


async def show(request: web.Request, _: Operator) -> web.Response:
    mail = await mailing.find(request.app[DATABASE], _mail_id(request))
    said = read(mail, make_writer(request.app[SETTINGS]))
    return page(request, "mail.html", mail=mail, said=said)


async def examine_retry(request: web.Request) -> Question:
    mail = await mailing.find(request.app[DATABASE], _mail_id(request))
    return Question(
        title=N_("Send mail %(mail)s once more?"),
        sentence=N_(
            "It goes to %(recipient)s. A mail that is uncertain may have arrived already, and "
            "arrives twice then."
        ),
        button=N_("Send it once more"),
        back=f"/admin/mails/{mail.mail_id}",
        facts={"mail": str(mail.mail_id), "recipient": mail.recipient},
    )


async def retry(request: web.Request, operator: Operator, why: str) -> None:
    mail_id = _mail_id(request)
    audited = acting.audited(request, operator, "retry mail", f"mail {mail_id}", why=why)
    await mailing.retry(audited, mail_id, request.app[CLOCK]())
    request.app[MAIL_DELIVERY].nudge()


def _mail_id(request: web.Request) -> int:
    text = request.match_info["number"]
    if not _NUMBER.fullmatch(text):
        raise MailUnknown(0)
    return int(text)
