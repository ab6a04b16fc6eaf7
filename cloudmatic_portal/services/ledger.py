"""An account's ledger: how it stands, and what an operator books on its balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import (
    AccountUnknown,
    BalanceNotAsSeen,
    BalanceTooSmall,
    PaymentBookedBefore,
)
from cloudmatic_portal.domain.ledger import Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account stands, which may be a deleted one: its `balance`, and the latest entries of
    its ledger, the newest first. `booked` is the entry of the name asked for, of any account.
    """

    account: Account
    balance: Money
    entries: tuple[Entry, ...]
    booked: Entry | None


async def standing(database: Database, account_id: int, source: str, most: int) -> Standing:
    """How the account stands, with `most` entries; `source` is one to ask for. Raises
    AccountUnknown.
    """
    async with database.reading() as connection:
        account = await stored_account.find(connection, account_id)
        if account is None:
            raise AccountUnknown(account_id)
        return Standing(
            account=account,
            balance=await stored_ledger.balance(connection, account_id),
            entries=(await stored_ledger.of_account(connection, account_id, most))[::-1],
            booked=await stored_ledger.called(connection, source),
        )


async def refund(  # noqa: PLR0913 - what the ledger will say
    database: Database,
    account_id: int,
    amount: Money,
    source: str,
    now: datetime,
    note: str = "",
    *,
    seen: Money | None = None,
) -> Money:
    """Note that `amount` of the balance was paid out, a transfer called `source`; return the rest.

    `note` says why, `seen` is the balance that whoever says so looked at. Raises AccountUnknown,
    PaymentBookedBefore, BalanceTooSmall or BalanceNotAsSeen; nothing is changed then.
    """
    entry = Entry(
        kind="refund",
        account_id=account_id,
        amount=Money(-amount.cents, amount.currency),
        booked_at=now,
        source=source,
        note=note,
    )
    return await _change(database, entry, seen)


async def correct(  # noqa: PLR0913 - what the ledger will say
    database: Database,
    account_id: int,
    amount: Money,
    source: str,
    note: str,
    now: datetime,
    *,
    seen: Money | None = None,
) -> Money:
    """Add `amount` (or take it, below nothing) at the operator's word; return the balance.

    `source` names the correction once for ever, `note` says why, `seen` is the balance that
    whoever says so looked at. Raises AccountUnknown, PaymentBookedBefore or BalanceNotAsSeen;
    nothing is changed then.
    """
    entry = Entry(
        kind="correction",
        account_id=account_id,
        amount=amount,
        booked_at=now,
        source=source,
        note=note,
    )
    return await _change(database, entry, seen)


async def entries(database: Database, account_id: int, most: int) -> tuple[Entry, ...]:
    """The account's latest entries in the ledger, in their order. Raises AccountUnknown."""
    async with database.reading() as connection:
        if await stored_account.find(connection, account_id) is None:
            raise AccountUnknown(account_id)
        return await stored_ledger.of_account(connection, account_id, most)


async def balance(database: Database, account_id: int) -> Money:
    """What the account has left; less than nothing if a payment was taken back."""
    async with database.reading() as connection:
        return await stored_ledger.balance(connection, account_id)


async def lock(connection: AsyncConnection, account_id: int) -> Account:
    """Hold the account, a deleted one too. Raises AccountUnknown."""
    account = await stored_account.lock_even_deleted(connection, account_id)
    if account is None:
        raise AccountUnknown(account_id)
    return account


async def _change(database: Database, entry: Entry, seen: Money | None) -> Money:
    """Book it on the balance, which is as it was `seen`; return what the balance is then."""
    account_id = entry.account_id
    async with database.writing() as connection:
        await lock(connection, account_id)
        # Said first: of two clicks the second one finds the balance changed by the first one.
        if entry.source and await stored_ledger.called(connection, entry.source):
            raise PaymentBookedBefore(entry.source)
        had = await stored_ledger.balance(connection, account_id)
        left = had + entry.amount
        if entry.kind == "refund" and not 0 <= left.cents < had.cents:
            raise BalanceTooSmall(account_id, had.cents)
        if seen is not None and seen != had:
            raise BalanceNotAsSeen(account_id)
        await stored_ledger.write(connection, [entry])
    return left
