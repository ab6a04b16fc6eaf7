"""The overview: linked account, active package, and the way to book."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from ccu_dashboard import app_keys
from ccu_dashboard.domain.account import Linked, NotLinked, Pending
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.session import Action
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.web import live, pages, posts


async def show(request: web.Request) -> web.Response:
    settings, clock = request.app[app_keys.SETTINGS], request.app[app_keys.CLOCK]
    shown = await overview(settings, clock.today())
    match shown.account:
        case Linked():
            template = "overview.html"
        case NotLinked() | Pending():
            template = "not_linked.html"
        case _:
            template = "unreadable.html"
    visitor, watch = request[app_keys.VISITOR], request.app[app_keys.PORTAL_WATCH]
    # After the boot the first question may still be some minutes off.
    if isinstance(shown.account, Linked) and (not shown.enrolled or watch.last is None):
        watch.nudge()
    live.look_after(watch, shown)
    facts = {
        "shown": shown,
        "live": live.live(watch, shown),
        "administrator": visitor.user.may(Action.ADMINISTER),
        "signal": request.app[app_keys.SIGNAL].state,
        "contact": watch.last,
        "told_at": _told_at(shown, watch.last),
    } | posts.token_of(request)
    return pages.render_kept(request, template, facts, visitor.sid.core)


async def back(request: web.Request) -> web.Response:
    """Where a form's address is asked for by itself, as a page that retries does after a POST."""
    return web.Response(status=303, headers={"Location": f"{request[app_keys.PREFIX]}/"})


def _told_at(shown: Overview, contact: Contact | None) -> datetime | None:
    """When the portal last said or confirmed what is shown; a confirmation is not written down."""
    if shown.told_at is None or contact is None or contact.outcome is not Outcome.HEARD:
        return shown.told_at
    return contact.portal_time
