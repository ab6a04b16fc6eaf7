"""Links for a new password: rows in, domain out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.password_reset import KEEP, PasswordReset
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.tables import password_resets


async def add(connection: AsyncConnection, token_hash: bytes, reset: PasswordReset) -> None:
    await connection.execute(
        insert(password_resets).values(
            token_hash=token_hash,
            account_id=reset.account.account_id,
            created_at=reset.created_at,
            expires_at=reset.expires_at,
        )
    )


async def find(
    connection: AsyncConnection, token_hash: bytes, *, locked: bool = False
) -> PasswordReset | None:
    """The link, good or not. `locked`: its account waits for this transaction, and so do all links
    that are about to change it.
    """
    query = select(password_resets).where(password_resets.c.token_hash == token_hash)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    if locked:
        account = await stored_account.lock(connection, row.account_id)
        # Somebody may have used it up while we waited.
        row = (await connection.execute(query)).one_or_none()
    else:
        account = await stored_account.find(connection, row.account_id)
    if row is None or account is None:
        return None
    return PasswordReset(account, row.created_at, row.used_at)


async def count_open(connection: AsyncConnection, account_id: int, now: datetime) -> int:
    """How many links of the account are good."""
    mine = (password_resets.c.account_id == account_id, password_resets.c.used_at.is_(None))
    query = select(func.count()).where(*mine, password_resets.c.expires_at > now)
    return int((await connection.execute(query)).scalar_one())


async def use_up(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """None of the account's links is good any more."""
    mine = (password_resets.c.account_id == account_id, password_resets.c.used_at.is_(None))
    await connection.execute(update(password_resets).where(*mine).values(used_at=now))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    old = password_resets.c.expires_at < now - KEEP
    await connection.execute(delete(password_resets).where(old))
