"""Accounts: rows in, domain out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account, NewAccount, fold
from cloudmatic_portal.storage.tables import accounts


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account and the hash of one of its secrets, which no `repr` shows."""

    account: Account
    secret_hash: str | None = field(repr=False)


async def find(connection: AsyncConnection, account_id: int) -> Account | None:
    row = await _row(connection, accounts.c.id == account_id)
    return None if row is None else from_row(row)


async def lock(connection: AsyncConnection, account_id: int) -> Account | None:
    """Find the account and hold it: what else wants to change what is its waits."""
    query = select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else from_row(row)


async def login_credentials(connection: AsyncConnection, name: str) -> Credentials | None:
    """By user name or e-mail address, in any spelling."""
    folded = fold(name)
    row = await _row(
        connection,
        or_(accounts.c.user_name_folded == folded, accounts.c.email_folded == folded),
    )
    return None if row is None else Credentials(from_row(row), row.password_hash)


async def hub_credentials(connection: AsyncConnection, account_id: int) -> Credentials | None:
    row = await _row(connection, accounts.c.id == account_id)
    return None if row is None else Credentials(from_row(row), row.user_key_hash)


async def add(connection: AsyncConnection, account: NewAccount) -> None:
    await connection.execute(
        insert(accounts).values(
            id=account.account_id,
            user_name=account.user_name,
            user_name_folded=fold(account.user_name),
            email=account.email,
            email_folded=fold(account.email),
            password_hash=account.password_hash,
            user_key_hash=account.user_key_hash,
            language=account.language,
            created_at=account.created_at,
        )
    )


async def change_user_key(connection: AsyncConnection, account_id: int, key_hash: str) -> None:
    change = update(accounts).where(accounts.c.id == account_id).values(user_key_hash=key_hash)
    await connection.execute(change)


async def _row(connection: AsyncConnection, condition: Any) -> Row[Any] | None:
    return (await connection.execute(select(accounts).where(condition))).one_or_none()


def from_row(row: Row[Any]) -> Account:
    return Account(
        account_id=row.id,
        user_name=row.user_name,
        email=row.email,
        language=row.language,
        created_at=row.created_at,
    )
