"""What customers see of all that is stored about them, and how an account is deleted."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import due as due_rules
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.due import Due, Outcome, done, dropped
from cloudmatic_portal.domain.errors import LoginRefused
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.privacy import Deleted, Section, keep_until
from cloudmatic_portal.services import account as own_account
from cloudmatic_portal.services import orders
from cloudmatic_portal.services.account import Proof
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import personal as stored
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database

_logger = logging.getLogger(__name__)


async def collect(database: Database, account_id: int) -> tuple[Section, ...]:
    """All that is stored about the account, but for secrets. Raises LoginRefused if it is gone."""
    async with database.reading() as connection:
        account = await stored_account.find(connection, account_id)
        if account is None:
            raise LoginRefused
        return await stored.sections(connection, account)


async def delete(database: Database, secrets: Secrets, proof: Proof, now: datetime) -> Deleted:
    """Delete the account: access ends today, nothing is ordered any more, hubs' keys are revoked.

    Receipts stay under the account's number until the law lets them go; without any, nothing
    stays. Raises LoginRefused or TooManyAttempts.
    """
    await own_account.prove(database, secrets, proof, now)
    async with database.writing() as connection:
        account = await stored_account.lock(connection, proof.account_id)
        if account is None:
            raise LoginRefused
        for reference in await stored_order.waiting(connection, proof.account_id):
            order = await stored_order.hold(connection, reference)
            if order is not None and order.can("cancelled"):
                await orders.withdraw(connection, order, now)
        return await _delete(connection, account, now)


async def _delete(connection: AsyncConnection, account: Account, now: datetime) -> Deleted:
    for each in await stored_subscription.of_account(connection, account.account_id):
        await orders.end_subscription(connection, each.subscription.subscription_id, now)
    await stored.end_access(connection, account.account_id, berlin_day(now))
    last = await stored.latest_receipt(connection, account)
    if last is None:
        await stored.forget(connection, account)
        deleted = Deleted(account.account_id, None)
    else:
        until = keep_until(berlin_day(last))
        deleted = Deleted(account.account_id, until)
        await stored.erase(connection, account)
        await stored.conceal(connection, account, now, until)
        over = due_rules.kept_data_over(account.account_id, until)
        await stored_due.plan(connection, [over])
    await stored_mail.add(connection, _farewell(account, deleted, now), now)
    return deleted


async def forget(connection: AsyncConnection, due: Due, now: datetime) -> Outcome:
    """Erase what was kept of a deleted account, once it need not be kept any longer."""
    account = await stored_account.deleted(connection, due.account_id)
    if account is None or due.day is None:
        return dropped("the account is gone, or was not deleted")
    today = berlin_day(now)
    if today <= due.day:
        return dropped(f"to be kept until {due.day}")
    # Money may have come, or gone back, since the account was deleted.
    last = await stored.latest_receipt(connection, account)
    if last is not None and today <= (until := keep_until(berlin_day(last))):
        await stored.keep_longer(connection, account, until)
        await stored_due.plan(connection, [due_rules.kept_data_over(account.account_id, until)])
        return done(f"kept until {until}: the last receipt is of {berlin_day(last)}")
    await stored.let_go(connection, account, today)
    await stored.forget(connection, account)
    _logger.info("what was kept of account %d has been erased", due.account_id)
    return done("erased")


def _farewell(account: Account, deleted: Deleted, now: datetime) -> NewMail:
    """To an address that nothing belongs to any more; its content goes with the other mails'."""
    until = deleted.keep_until
    return NewMail(
        kind="account_deleted",
        recipient=account.email,
        language=account.language,
        facts={
            "account": account.account_id,
            "at": now.isoformat(),
            "keep_until": None if until is None else until.isoformat(),
        },
        key=f"account_deleted:{account.account_id}:{now.isoformat()}",
    )
