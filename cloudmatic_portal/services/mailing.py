"""Send the mails that are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from cloudmatic_portal.clients.mailer import Mailer
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import (
    InvoiceDamaged,
    MailDeferred,
    MailNotSent,
    MailRejected,
    MailUncertain,
    MailUnknown,
)
from cloudmatic_portal.domain.mail import (
    Attachment,
    ClaimedMail,
    MailState,
    StoredMail,
    next_attempt,
)
from cloudmatic_portal.services.background import Nudged
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.database import Database

Renderer = Callable[[ClaimedMail, datetime], EmailMessage]
"""Makes the message of a mail at an instant, which becomes its Date."""

AT_ONCE: Final = 4
"""Mails that one call sends at the same time."""

PATIENCE: Final = 180.0
"""Seconds that sending one mail may take in all; well within the lease, and more than a mailer's
own limits come to.
"""

_PAUSE: Final = 1.0

_logger = logging.getLogger(__name__)


async def deliver_due(
    database: Database, mailer: Mailer, render: Renderer, *, now: datetime
) -> int:
    """Send a few of the mails that are due at `now`; return how many were tried.

    Any number of processes may do so at once. Each mail is claimed in one transaction and settled
    in another one, with the sending between them: a process that dies there leaves a mail that is
    uncertain once its lease has run out, and that nobody sends a second time.
    """
    async with database.reading() as connection:
        if not await stored_mail.any_due(connection, now):
            return 0
    async with database.writing() as connection:
        claimed = await stored_mail.claim(connection, now, AT_ONCE)
    sending = (_deliver(database, mailer, render, mail, now) for mail in claimed)
    # What goes wrong with one must not cut off another one that is half sent.
    for outcome in await asyncio.gather(*sending, return_exceptions=True):
        if outcome is not None:
            raise outcome
    return len(claimed)


async def search(
    database: Database, *, state: MailState | None, most: int
) -> tuple[StoredMail, ...]:
    """The latest mails, in any or in one state."""
    async with database.reading() as connection:
        return await stored_mail.search(connection, state, most)


async def find(database: Database, mail_id: int) -> StoredMail:
    """Raises MailUnknown."""
    async with database.reading() as connection:
        mail = await stored_mail.find(connection, mail_id)
    if mail is None:
        raise MailUnknown(mail_id)
    return mail


async def retry(database: Database, mail_id: int, now: datetime) -> StoredMail:
    """Let a mail be sent (again) that has not been, or not for certain; return what it was.

    One that is uncertain may arrive twice then. Raises MailUnknown or MailCannot.
    """
    async with database.writing() as connection:
        mail = await stored_mail.find(connection, mail_id, locked=True)
        if mail is None:
            raise MailUnknown(mail_id)
        mail.require_retry(now)
        await stored_mail.put_back(connection, mail, now)
    return mail


class MailDelivery(Nudged):
    """Delivers in the background: every second, and at once when somebody nudges."""

    async def run(
        self,
        database: Database,
        mailer: Mailer,
        render: Renderer,
        clock: Callable[[], datetime],
    ) -> None:
        """Deliver until `stop` is called. A database that is away is asked again later."""
        await self._repeat(
            lambda: deliver_due(database, mailer, render, now=clock()),
            pause=_PAUSE,
            failure="mails cannot be delivered",
        )


async def _with_document(database: Database, mail: ClaimedMail) -> ClaimedMail:
    if mail.invoice_id is None:
        return mail
    async with database.reading() as connection:
        document = await stored_invoice.document(connection, mail.invoice_id)
    name = f"{mail.facts['number']}.pdf"
    return replace(mail, attachment=Attachment(name, "application/pdf", document))


async def _deliver(
    database: Database, mailer: Mailer, render: Renderer, mail: ClaimedMail, now: datetime
) -> None:
    failure: MailNotSent | None
    try:
        complete = await _with_document(database, mail)
    except InvoiceDamaged as error:
        failure = MailRejected(f"its document is not the one that was issued ({error})")
    else:
        failure = await _send(mailer, render, complete, now)
    if failure is not None:
        # The other side likes to repeat whom it refuses; that is nobody's business who reads logs.
        said = failure.detail.replace(mail.recipient, "<recipient>")
        _logger.warning("mail %d (%s) %s: %s", mail.mail_id, mail.kind, failure.reason, said)
    async with database.writing() as connection:
        if failure is None:
            await stored_mail.settle(connection, mail, "sent", now)
        elif isinstance(failure, MailUncertain):
            await stored_mail.settle(connection, mail, "uncertain", now, failure.detail)
        elif (due_at := _next(failure, mail, now)) is not None:
            await stored_mail.postpone(connection, mail, due_at, failure.detail)
        else:
            await stored_mail.settle(connection, mail, "failed", now, failure.detail)


def _next(failure: MailNotSent, mail: ClaimedMail, now: datetime) -> datetime | None:
    if isinstance(failure, MailRejected):
        return None
    return next_attempt(mail.attempts, mail.created_at, now)


async def _send(
    mailer: Mailer, render: Renderer, mail: ClaimedMail, now: datetime
) -> MailNotSent | None:
    """What went wrong, or None."""
    if mail.stale(berlin_day(now)):
        return MailRejected("the day that it speaks of has passed")
    try:
        message = render(mail, now)
    except Exception as error:  # noqa: BLE001 - one mail's text must not stop all others
        # Its own words might repeat a fact, and facts may be secret.
        return MailDeferred(f"its text cannot be made: {type(error).__name__}")
    try:
        async with asyncio.timeout(PATIENCE):
            await mailer.send(message)
    except MailNotSent as error:
        return error
    except TimeoutError:
        return MailUncertain(f"not done after {PATIENCE:.0f} seconds")
    except Exception as error:
        _logger.exception("mail %d (%s) failed", mail.mail_id, mail.kind)
        return MailUncertain(type(error).__name__)
    return None
