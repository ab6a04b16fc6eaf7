"""Whether everything that the portal needs is there: asked by the operator before it matters."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from sqlalchemy.exc import SQLAlchemyError

from cloudmatic_portal.clients.mailer import WayOut
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import MailDeferred, NoRelease, PayPalError
from cloudmatic_portal.services import catalogue, invoices, vitals
from cloudmatic_portal.services.legal import Legal, warning
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.schema import SchemaOutdated, require_current

Verdict = Literal["good", "doubtful", "bad"]

_ENOUGH: Final = 500 * 2**20
_TOO_LITTLE: Final = 50 * 2**20
_LATE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `advice` is empty if nothing needs to be done."""

    name: str
    verdict: Verdict
    what: str
    advice: str = ""


Check = Callable[[], Coroutine[None, None, Finding]]


async def run(checks: Sequence[Check]) -> list[Finding]:
    """One after the other; the later ones may rest on the earlier ones."""
    return [await check() for check in checks]


async def database(opened: Database) -> Finding:
    """It answers and has this version's tables."""
    try:
        await require_current(opened)
    except SchemaOutdated as outdated:
        return Finding("database", "bad", str(outdated), "run `cloudmatic-portal migrate`")
    except (OSError, SQLAlchemyError) as error:
        # Its own words may hold the address with the password.
        what = f"it does not answer ({type(error).__name__})"
        return Finding("database", "bad", what, "look at DATABASE, and whether its server runs")
    return Finding("database", "good", "it answers and has the tables of this version")


async def work(opened: Database, now: datetime) -> Finding:
    """Somebody does what is due and sends the mails."""
    try:
        found = await vitals.measure(opened, now)
    except (OSError, SQLAlchemyError):
        return Finding("work", "bad", "it cannot be read", "see database")
    late = max(found.oldest_action_seconds, found.oldest_mail_seconds)
    if late > _LATE.total_seconds():
        waiting = f"{found.overdue_actions} actions and {found.overdue_mails} mails wait"
        what = f"{waiting}, the oldest one for {late / 60:.0f} minutes"
        return Finding("work", "bad", what, "start `serve` or `worker`; see `mails` and `due`")
    aside = found.failed_actions, found.failed_mails, found.uncertain_mails
    if any(aside):
        what = "{} actions failed, {} mails failed, {} mails are uncertain".format(*aside)
        return Finding("work", "doubtful", what, "see `due --failed` and `mails --state …`")
    return Finding("work", "good", "nothing waits, nothing was set aside")


async def products(opened: Database, now: datetime) -> Finding:
    """There is something to buy."""
    try:
        offered = await catalogue.products(opened, berlin_day(now))
    except (OSError, SQLAlchemyError):
        return Finding("products", "bad", "they cannot be read", "see database")
    if not offered:
        return Finding("products", "bad", "none is offered", "run `load-catalogue FILE`")
    names = ", ".join(each.code for each in offered)
    return Finding("products", "good", f"{len(offered)} are offered today: {names}")


async def mail(way_out: WayOut, where: str) -> Finding:
    """The mail server lets us in, or the folder takes files."""
    try:
        await way_out.try_out()
    except MailDeferred as error:
        return Finding("mail", "bad", f"{where}: {error.detail}", "mails wait until this is mended")
    return Finding("mail", "good", f"{where} is ready to take mails")


async def bank(is_set: bool) -> Finding:
    """There is an account that customers can pay to."""
    if is_set:
        return Finding("bank", "good", "customers are told an account to pay to")
    advice = "set BANK_HOLDER, BANK_IBAN and BANK_BIC"
    return Finding("bank", "bad", "no account: nothing that costs something can be bought", advice)


async def seller(opened: Database, now: datetime, is_set: bool) -> Finding:
    """Somebody is named who sells; until then no invoice is written, and none is lost."""
    if is_set:
        return Finding("invoices", "good", "the seller is named: invoices are issued")
    try:
        waiting = (await vitals.measure(opened, now)).waiting_invoices
    except (OSError, SQLAlchemyError):
        return Finding("invoices", "bad", "what waits cannot be read", "see database")
    return Finding("invoices", "doubtful", f"{waiting} invoices wait", "set SELLER_FILE")


async def missing_invoices(opened: Database) -> Finding:
    """No order that was paid is without an invoice that can still be issued."""
    try:
        found = await invoices.missing(opened)
    except (OSError, SQLAlchemyError):
        return Finding("missing invoices", "bad", "they cannot be read", "see database")
    if count := sum(not each.account_deleted for each in found):
        advice = "see `invoices --missing`, and ask these customers for their address"
        return Finding("missing invoices", "doubtful", f"{count} orders have none", advice)
    return Finding("missing invoices", "good", "no order that was paid is without")


async def legal_texts(legal: Legal) -> Finding:
    """The terms that are sold under are there."""
    texts = await legal.texts()
    if (word := warning(texts)) is None:
        return Finding("legal texts", "good", "all are there")
    return Finding("legal texts", "bad" if texts.missing else "doubtful", word, "see docs/law.md")


async def paypal(transport: Transport | None) -> Finding:
    """PayPal lets us in, if it is to be offered."""
    if transport is None:
        return Finding("paypal", "good", "not offered")
    try:
        await transport.log_in()
    except PayPalError as error:
        advice = "look at PAYPAL_CLIENT_ID and PAYPAL_SECRET; see docs/paypal.md"
        return Finding("paypal", "bad", f"no login: {error.reason.replace('-', ' ')}", advice)
    return Finding("paypal", "good", "it lets us in")


async def paypal_events(opened: Database, now: datetime) -> Finding:
    """What PayPal told is booked."""
    try:
        stuck = await events.stuck(opened, now)
    except (OSError, SQLAlchemyError):
        return Finding("paypal events", "bad", "they cannot be read", "see database")
    if stuck:
        advice = "see `paypal-events --state unclear` and `--state waiting`, and docs/paypal.md"
        return Finding("paypal events", "doubtful", f"{stuck} could not be booked", advice)
    return Finding("paypal events", "good", "nothing waits for you")


async def disk(folders: Sequence[Path]) -> Finding:
    """There is room for what will be written."""
    try:
        free = min(
            [(await asyncio.to_thread(shutil.disk_usage, each)).free for each in folders],
            default=_ENOUGH,
        )
    except OSError as error:
        return Finding("disk", "bad", f"{error.filename}: {error.strerror}", "look at the folder")
    what = f"{free // 2**20} MiB are free"
    if free < _TOO_LITTLE:
        return Finding("disk", "bad", what, "make room at once: orders will fail")
    if free < _ENOUGH:
        return Finding("disk", "doubtful", what, "make room soon")
    return Finding("disk", "good", what)


async def release_feed(feed: ReleaseFeed, is_set: bool) -> Finding:
    """The feed that is named can be handed on."""
    if not is_set:
        return Finding("releases", "good", "no feed: hubs are told that there is none")
    try:
        await feed.latest()
    except NoRelease:
        advice = "see the log, and `build/release_feed.py show FILE`"
        return Finding("releases", "doubtful", "the file of RELEASE_FEED is no feed", advice)
    return Finding("releases", "good", "there is a feed to hand on")
