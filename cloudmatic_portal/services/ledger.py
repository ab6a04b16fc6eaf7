"""How an account stands: what it has left, and its latest entries in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import AccountUnknown
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
