"""Changes of e-mail addresses: rows in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.email_change import CONFIRM_WITHIN, STOP_WITHIN, EmailChange
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.tables import email_changes


async def add(
    connection: AsyncConnection, token_hash: bytes, stop_hash: bytes, change: EmailChange
) -> None:
    await connection.execute(
        insert(email_changes).values(
            token_hash=token_hash,
            stop_hash=stop_hash,
            account_id=change.account.account_id,
            former=change.former,
            wanted=change.wanted,
            created_at=change.created_at,
        )
    )


async def find(
    connection: AsyncConnection, token_hash: bytes, *, locked: bool = False
) -> EmailChange | None:
    """By the token that the new address got. `locked`: the account waits for this transaction."""
    return await _find(connection, email_changes.c.token_hash == token_hash, locked=locked)


async def find_to_stop(
    connection: AsyncConnection, stop_hash: bytes, *, locked: bool = False
) -> EmailChange | None:
    """By the token that the old address got."""
    return await _find(connection, email_changes.c.stop_hash == stop_hash, locked=locked)


async def count_open(connection: AsyncConnection, account_id: int, now: datetime) -> int:
    """How many changes of the account can still be confirmed."""
    mine = (
        email_changes.c.account_id == account_id,
        email_changes.c.confirmed_at.is_(None),
        email_changes.c.stopped_at.is_(None),
        email_changes.c.created_at > now - CONFIRM_WITHIN,
    )
    query = select(func.count()).select_from(email_changes).where(*mine)
    return int((await connection.execute(query)).scalar_one())


async def confirm(connection: AsyncConnection, token_hash: bytes, now: datetime) -> None:
    this = update(email_changes).where(email_changes.c.token_hash == token_hash)
    await connection.execute(this.values(confirmed_at=now))


async def stop_since(
    connection: AsyncConnection, account_id: int, since: datetime, now: datetime
) -> None:
    """The account's changes that were asked for at `since` or later count no more, confirmed or
    not: none of them can be confirmed, or be taken back once more.
    """
    these = (
        email_changes.c.account_id == account_id,
        email_changes.c.created_at >= since,
        email_changes.c.stopped_at.is_(None),
    )
    await connection.execute(update(email_changes).where(*these).values(stopped_at=now))


async def stop_open(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """None of the account's changes can be confirmed any more."""
    mine = (
        email_changes.c.account_id == account_id,
        email_changes.c.confirmed_at.is_(None),
        email_changes.c.stopped_at.is_(None),
    )
    await connection.execute(update(email_changes).where(*mine).values(stopped_at=now))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    old = email_changes.c.created_at < now - 2 * STOP_WITHIN
    await connection.execute(delete(email_changes).where(old))


async def _find(
    connection: AsyncConnection, condition: ColumnElement[bool], *, locked: bool
) -> EmailChange | None:
    query: Any = select(email_changes).where(condition)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    if locked:
        account = await stored_account.lock(connection, row.account_id)
        # Somebody may have used it while we waited.
        row = (await connection.execute(query)).one_or_none()
    else:
        account = await stored_account.find(connection, row.account_id)
    if row is None or account is None:
        return None
    return EmailChange(
        account=account,
        former=row.former,
        wanted=row.wanted,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        stopped_at=row.stopped_at,
    )
