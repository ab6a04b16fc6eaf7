"""Remind of the end: five days before it and on the last day (help page, "Einzelbuchung")."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as rules
from cloudmatic_portal.domain import mail_link
from cloudmatic_portal.domain.access import AccessPeriod, coverage_end
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, done, dropped
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage import subscription as stored_subscription


async def plan(
    connection: AsyncConnection, account_id: int, periods: Collection[AccessPeriod], today: date
) -> None:
    """Plan the reminders of the end of what the account has now. Lock the account first.

    To be called whenever its periods have changed: those of an earlier end are dropped when
    their time comes, and mails about it that have not left yet never do.
    """
    await stored_mail.withdraw(connection, account_id, "reminder", "access goes on")
    end = coverage_end(periods, today)
    if end is not None:
        await stored_due.plan(connection, rules.reminders(account_id, end, today))


async def remind(
    connection: AsyncConnection, due: Due, now: datetime, random_bytes: RandomBytes
) -> Outcome:
    """Mail a reminder, if the end that it was planned for is still to come and still the end."""
    today = berlin_day(now)
    account = await stored_account.lock(connection, due.account_id)
    if account is None or due.day is None:
        return dropped("the account is gone")
    if today > due.day:
        return dropped(f"{due.day} has passed")
    if due.kind == "reminder_early" and today == due.day:
        return dropped("the last day's reminder comes today")
    periods = await stored_access.not_ended(connection, due.account_id, today)
    end = coverage_end(periods, today)
    if end != due.day:
        return dropped(f"access goes on until {end}" if end else "access has ended")
    if await stored_subscription.goes_on(connection, due.account_id):
        return dropped("a subscription goes on")
    last = max(period for period in periods if period.last_day == end)
    await _mail(connection, due, account, last, now, random_bytes)
    return done(f"reminded of {end}")


async def _mail(
    connection: AsyncConnection,
    due: Due,
    account: Account,
    period: AccessPeriod,
    now: datetime,
    random_bytes: RandomBytes,
) -> None:
    token = new_token(random_bytes)
    link = MailLink(
        account_id=account.account_id,
        user_name=account.user_name,
        product=period.product,
        created_at=now,
        expires_at=mail_link.expiry(period.last_day),
    )
    await stored_mail_link.add(connection, token_hash(token), link)
    mail = NewMail(
        kind="reminder",
        recipient=account.email,
        language=account.language,
        facts={
            "account": account.account_id,
            "user_name": account.user_name,
            "product": period.name,
            "last_day": period.last_day.isoformat(),
            "trial": period.trial,
            "token": token,
        },
        key=due.key,
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)
