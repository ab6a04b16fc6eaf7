"""A catalogue, vouchers and two customers to try the portal with."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.account import NewAccount
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.errors import VoucherNotMade
from cloudmatic_portal.domain.money import WHOLE
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import catalogue, reminders, vouchers
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.database import Database

_BEFORE: Final = timedelta(days=335)
"""How long before its last day a demo period began, at most."""


def demo_vouchers(today: date) -> tuple[Voucher, ...]:
    """One of each kind, and one that covers all."""
    return (
        Voucher(code="WILLKOMMEN10", kind="percent", value=1000, valid_from=today, combinable=True),
        Voucher(code="FUENF", kind="amount", value=500, valid_from=today, combinable=True),
        Voucher(code="PLUS3", kind="months", value=3, valid_from=today, combinable=True),
        Voucher(code="GESCHENK", kind="percent", value=WHOLE, valid_from=today, per_account=None),
    )


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One of the two: who it is and what runs for it until when."""

    account_id: int
    user_name: str
    email: str
    product: str
    last_day: date


def demo_accounts(first_end: date, today: date) -> tuple[DemoAccount, DemoAccount]:
    """The account that hubs are linked to (its package ends on `first_end`), and another one."""
    return (
        DemoAccount(4711, "maxmuster", "max@muster.example", "complete", first_end),
        DemoAccount(
            4712, "erikamuster", "erika@muster.example", "connect", today + timedelta(days=200)
        ),
    )


async def load(  # noqa: PLR0913 - a demo is made of that many things
    database: Database,
    secrets: Secrets,
    products: Sequence[Product],
    accounts: tuple[DemoAccount, DemoAccount],
    *,
    password: str,
    user_key: str,
    now: datetime,
) -> None:
    """Make the demo complete; what is there already stays. `user_key` is the first account's.

    A second run may bring another user key, as a hub may be linked anew.
    """
    password_hash = await secrets.hash(password)
    key_hash = await secrets.hash(user_key)
    await catalogue.load(database, products)
    for voucher in demo_vouchers(berlin_day(now)):
        with contextlib.suppress(VoucherNotMade):
            await vouchers.make(database, voucher)
    async with database.writing() as connection:
        for account in accounts:
            await _load_account(connection, account, password_hash, now)
            await _load_period(connection, account, berlin_day(now))
        await stored_account.change_user_key(connection, accounts[0].account_id, key_hash)


async def _load_account(
    connection: AsyncConnection, account: DemoAccount, password_hash: str, now: datetime
) -> None:
    if await stored_account.find(connection, account.account_id) is not None:
        return
    await stored_account.add(
        connection,
        NewAccount(
            account_id=account.account_id,
            user_name=account.user_name,
            email=account.email,
            language="de",
            created_at=now,
            password_hash=password_hash,
            user_key_hash=None,
        ),
    )


async def _load_period(connection: AsyncConnection, account: DemoAccount, today: date) -> None:
    former = await stored_access.last_day(connection, account.account_id, account.product)
    if former is not None and former >= today:
        return
    first_day = account.last_day - _BEFORE
    if former is not None:
        first_day = max(first_day, former + timedelta(days=1))
    period = AccessPeriod(first_day, account.last_day, account.product, "")
    await stored_access.add(connection, account.account_id, period)
    await reminders.plan(connection, account.account_id, [period], today)
