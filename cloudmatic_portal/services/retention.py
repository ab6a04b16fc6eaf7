"""Once a day: forget what is not needed any more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.privacy import LETTERS_KEPT, MAILS_KEPT, RECEIPTS_KEPT
from cloudmatic_portal.services import uploads
from cloudmatic_portal.storage import attempt as stored_attempt
from cloudmatic_portal.storage import chore as stored_chore
from cloudmatic_portal.storage import declaration as stored_declaration
from cloudmatic_portal.storage import email_change as stored_email_change
from cloudmatic_portal.storage import entry as stored_entry
from cloudmatic_portal.storage import link as stored_link
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage import operator as stored_operator
from cloudmatic_portal.storage import pairing as stored_pairing
from cloudmatic_portal.storage import password_reset as stored_reset
from cloudmatic_portal.storage import paypal_event as stored_paypal_event
from cloudmatic_portal.storage import personal
from cloudmatic_portal.storage import registration as stored_registration
from cloudmatic_portal.storage import second_step as stored_second_step
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage import upload as stored_upload
from cloudmatic_portal.storage.database import Database

NAME: Final = "retention"
EVERY: Final = timedelta(days=1)


async def sweep(database: Database, now: datetime) -> bool:
    """Forget it, if that has not been done for a day; whether it was done now.

    Of any number of workers one does it. Sessions, logins that were not finished, counted
    attempts, links, entries by them, registrations, changes of addresses, pairings; statements
    that nobody imported; what old mails and PayPal said; declarations and bank lines whose time is
    over.
    """
    async with database.reading() as connection:
        if not await stored_chore.is_due(connection, NAME, now):
            return False
    async with database.writing() as connection:
        if not await stored_chore.take(connection, NAME, now, now + EVERY):
            return False
        await stored_session.forget_ended(connection, now)
        await stored_second_step.forget_old(connection, now)
        await stored_attempt.forget_old(connection, now)
        await stored_link.forget_expired(connection, now)
        await stored_mail_link.forget_expired(connection, now)
        await stored_entry.forget_old(connection, now)
        await stored_registration.forget_old(connection, now)
        await stored_reset.forget_old(connection, now)
        await stored_email_change.forget_old(connection, now)
        await stored_mail.forget_old(connection, now - MAILS_KEPT)
        # Of the years before this one nothing must be kept any more.
        year = berlin_day(now).year
        await stored_declaration.forget_before(connection, date(year - LETTERS_KEPT, 1, 1))
        await stored_statement.forget_before(connection, date(year - RECEIPTS_KEPT, 1, 1))
        await stored_pairing.forget_old(connection, now)
        await stored_operator.forget_ended_sessions(connection, now)
        await stored_paypal_event.forget_old(connection, now - MAILS_KEPT)
        await stored_upload.forget_old(connection, now - uploads.LIFETIME)
        await personal.erase_what_invoices_needed(connection)
    return True
