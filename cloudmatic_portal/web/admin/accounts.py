"""Accounts: find one by whatever a customer says on the phone, see all of it, withdraw a hub."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_portal.app_keys import CLOCK, DATABASE, MAIL_DELIVERY
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import AccountUnknown, HubUnknown
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import desk, hubs, second_factor
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.admin.asking import Question
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.i18n import N_
from cloudmatic_portal.web.timeline import timeline

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_LONGEST: Final = 254


async def search(request: web.Request, _: Operator) -> web.Response:
    wanted = request.query.get("q", "")[:_LONGEST]
    # No name has control characters, and PostgreSQL takes no NUL.
    plain = "".join(filter(str.isprintable, wanted))
    found = await desk.find_accounts(request.app[DATABASE], plain)
    if len(found) == 1:
        return web.Response(
            status=303, headers={"Location": f"/admin/accounts/{found[0].account_id}"}
        )
    return page(request, "accounts.html", wanted=plain, found=found, most=desk.MOST_FOUND)


async def show(request: web.Request, _: Operator) -> web.Response:
    today = berlin_day(request.app[CLOCK]())
    found = await desk.account(request.app[DATABASE], named_account(request), today)
    return page(request, "account.html", file=found, today=today, timeline=timeline(found.overview))


async def examine_hub(request: web.Request) -> Question:
    account_id = named_account(request)
    hub = await hubs.find(request.app[DATABASE], account_id, _hub_id(request))
    return Question(
        title=N_("Withdraw the hub %(serial)s?"),
        sentence=N_(
            "All its keys are revoked: nothing can be booked from it any more for account "
            "%(account)s, and bookings under way from it end."
        ),
        button=N_("Withdraw the hub"),
        back=f"/admin/accounts/{account_id}",
        facts={"serial": hub.serial, "account": str(account_id)},
    )


async def revoke_hub(request: web.Request, operator: Operator, why: str) -> None:
    account_id, hub_id = named_account(request), _hub_id(request)
    hub = await hubs.find(request.app[DATABASE], account_id, hub_id)
    audited = acting.audited(
        request,
        operator,
        "revoke hub key",
        f"account {account_id}",
        why=why,
        detail=hub.serial,
    )
    await hubs.revoke(audited, account_id, hub_id, request.app[CLOCK]())


async def examine_second_factor(request: web.Request) -> Question:
    account_id = named_account(request)
    found = await desk.account_named(request.app[DATABASE], account_id)
    return Question(
        title=N_("Switch off the second factor of account %(account)s?"),
        sentence=N_(
            "From then on the password alone lets somebody in as %(name)s. Make sure first that "
            "it is the customer who asks: call back, or have facts told that stand in no mail. "
            "The customer is told by mail."
        ),
        button=N_("Switch off the second factor"),
        back=f"/admin/accounts/{account_id}",
        facts={"account": str(account_id), "name": found.user_name},
    )


async def switch_off_second_factor(request: web.Request, operator: Operator, why: str) -> None:
    account_id = named_account(request)
    audited = acting.audited(
        request, operator, "switch off second factor", f"account {account_id}", why=why
    )
    await second_factor.withdraw(audited, account_id, request.app[CLOCK]())
    request.app[MAIL_DELIVERY].nudge()


def named_account(request: web.Request) -> int:
    text = request.match_info["number"]
    if not ACCOUNT_ID.fullmatch(text):
        raise AccountUnknown(0)
    return int(text)


def _hub_id(request: web.Request) -> int:
    text = request.match_info["hub"]
    if not _NUMBER.fullmatch(text):
        raise HubUnknown
    return int(text)
