"""Links in mails: rows in, domain out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.storage.tables import accounts, mail_links


async def add(connection: AsyncConnection, token_hash: bytes, link: MailLink) -> None:
    row = {
        "token_hash": token_hash,
        "account_id": link.account_id,
        "product": link.product,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
    }
    await connection.execute(insert(mail_links).values(row))


async def find(connection: AsyncConnection, token_hash: bytes) -> MailLink | None:
    query = (
        select(mail_links, accounts.c.user_name)
        .join(accounts, mail_links.c.account_id == accounts.c.id)
        .where(mail_links.c.token_hash == token_hash)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return MailLink(
        account_id=row.account_id,
        user_name=row.user_name,
        product=row.product,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


async def revoke_all(connection: AsyncConnection, account_id: int, now: datetime) -> int:
    """Withdraw every link that was ever mailed to the account; return how many were not yet."""
    mine = (mail_links.c.account_id == account_id, mail_links.c.revoked_at.is_(None))
    withdrawn = await connection.execute(update(mail_links).where(*mine).values(revoked_at=now))
    return withdrawn.rowcount


async def forget_expired(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(mail_links).where(mail_links.c.expires_at < now))
