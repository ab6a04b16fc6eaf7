"""Sessions: rows in, domain out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.session import LIMITS, SESSION_KINDS, Session, SessionKind
from cloudmatic_portal.storage.tables import accounts, hub_keys, sessions


async def add(connection: AsyncConnection, token_hash: bytes, session: Session) -> None:
    await connection.execute(
        insert(sessions).values(
            token_hash=token_hash,
            kind=session.kind,
            account_id=session.account_id,
            hub_key_id=session.hub_key_id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )
    )


async def find(connection: AsyncConnection, token_hash: bytes, kind: SessionKind) -> Session | None:
    """The session of that kind, alive or not; none once the hub key that opened it is revoked."""
    query = (
        select(sessions, accounts.c.user_name)
        .join(accounts, sessions.c.account_id == accounts.c.id)
        .outerjoin(hub_keys, sessions.c.hub_key_id == hub_keys.c.key_id)
        .where(sessions.c.token_hash == token_hash, sessions.c.kind == kind)
        .where(hub_keys.c.revoked_at.is_(None))
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Session(
        kind=row.kind,
        account_id=row.account_id,
        user_name=row.user_name,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        hub_key_id=row.hub_key_id,
    )


async def touch(connection: AsyncConnection, token_hash: bytes, now: datetime) -> None:
    change = update(sessions).where(sessions.c.token_hash == token_hash)
    await connection.execute(change.values(last_seen_at=now))


async def remove(connection: AsyncConnection, token_hash: bytes) -> None:
    await connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


async def remove_all(connection: AsyncConnection, account_id: int) -> None:
    """Every session of the account, those from hubs too."""
    await connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


async def remove_logins(
    connection: AsyncConnection, account_id: int, *, but: bytes | None = None
) -> None:
    """Every login of the account `but` the one with that token; those from hubs and mails stay."""
    these = [sessions.c.account_id == account_id, sessions.c.kind == "login"]
    if but is not None:
        these.append(sessions.c.token_hash != but)
    await connection.execute(delete(sessions).where(*these))


async def forget_ended(connection: AsyncConnection, now: datetime) -> None:
    """Delete what no browser can use any more."""
    idle = (
        (sessions.c.kind == kind) & (sessions.c.last_seen_at < now - LIMITS[kind].idle)
        for kind in SESSION_KINDS
    )
    await connection.execute(delete(sessions).where(or_(sessions.c.expires_at < now, *idle)))
