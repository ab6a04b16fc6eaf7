"""The operator's desk: what waits, who is who, and all there is about an account or an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.audit import AuditEntry
from cloudmatic_portal.domain.desk import Waiting
from cloudmatic_portal.domain.errors import (
    AccountUnknown,
    OrderUnknown,
    SessionEnded,
)
from cloudmatic_portal.domain.ledger import Entry
from cloudmatic_portal.domain.mail import StoredMail
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.domain.second_factor import SecondFactor
from cloudmatic_portal.domain.trail import Trail
from cloudmatic_portal.services import overview, trail
from cloudmatic_portal.services.overview import Overview
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import audit as stored_audit
from cloudmatic_portal.storage import desk as stored
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import second_factor as stored_factor
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.subscription import Subscribed

MOST_FOUND: Final = 50
MOST_OF_ACCOUNT: Final = 30
MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFile:
    """All there is about an account; of entries, mails and the log the latest."""

    overview: Overview
    subscriptions: tuple[Subscribed, ...]
    balance: Money
    entries: tuple[Entry, ...]
    mails: tuple[StoredMail, ...]
    log: tuple[AuditEntry, ...]
    second_factor: SecondFactor | None

    @property
    def account(self) -> Account:
        return self.overview.account


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """An order with its account, all that happened to it, and what operators did to it."""

    order: Order
    account: Account
    trail: Trail
    log: tuple[AuditEntry, ...]


async def waiting(database: Database) -> Waiting:
    async with database.reading() as connection:
        return await stored.waiting(connection)


async def find_accounts(database: Database, text: str) -> tuple[Account, ...]:
    """Whom `text` names: CloudMatic-ID, user name, e-mail address, order number, subscription's
    reference, or a hub's serial number. Nobody for nothing.
    """
    wanted = text.strip()
    if not wanted:
        return ()
    async with database.reading() as connection:
        return await stored.find_accounts(connection, wanted, MOST_FOUND)


async def account_named(database: Database, account_id: int) -> Account:
    """Raises AccountUnknown."""
    async with database.reading() as connection:
        found = await stored_account.find(connection, account_id)
    if found is None:
        raise AccountUnknown(account_id)
    return found


async def account(database: Database, account_id: int, today: date) -> AccountFile:
    """Raises AccountUnknown."""
    try:
        found = await overview.overview(database, account_id, today)
    except SessionEnded as error:
        raise AccountUnknown(account_id) from error
    async with database.reading() as connection:
        return AccountFile(
            overview=found,
            subscriptions=await stored_subscription.of_account(connection, account_id),
            balance=await stored_ledger.balance(connection, account_id),
            entries=(await stored_ledger.of_account(connection, account_id, MOST_OF_ACCOUNT))[::-1],
            mails=await stored_mail.of_account(connection, account_id, MOST_OF_ACCOUNT),
            log=await stored_audit.latest(
                connection, MOST_OF_ACCOUNT, about=f"account {account_id}"
            ),
            second_factor=await stored_factor.state(connection, account_id),
        )


async def order(database: Database, number: str) -> OrderFile:
    """By its number in any spelling. Raises OrderUnknown."""
    reference = read_reference(number)
    if reference is None:
        raise OrderUnknown(number)
    steps = await trail.of_order(database, reference)
    async with database.reading() as connection:
        found = await stored_order.find(connection, reference)
        owner = await stored_account.find(connection, steps.account_id)
        if found is None or owner is None:
            raise OrderUnknown(number)
        log = await stored_audit.latest(connection, MOST_OF_ACCOUNT, about=f"order {found.number}")
    return OrderFile(order=found, account=owner, trail=steps, log=log)
