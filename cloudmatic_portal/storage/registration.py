"""Registrations: rows in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import fold
from cloudmatic_portal.domain.registration import KEEP, Registration
from cloudmatic_portal.storage.tables import registrations


async def add(connection: AsyncConnection, token_hash: bytes, registration: Registration) -> None:
    await connection.execute(
        insert(registrations).values(
            token_hash=token_hash,
            user_name=registration.user_name,
            email=registration.email,
            email_folded=fold(registration.email),
            password_hash=registration.password_hash,
            language=registration.language,
            created_at=registration.created_at,
            expires_at=registration.expires_at,
        )
    )


async def find(connection: AsyncConnection, token_hash: bytes) -> Registration | None:
    """The registration, open or not."""
    return await _one(connection, _by(token_hash))


async def lock(connection: AsyncConnection, token_hash: bytes) -> Registration | None:
    """The same, and nobody else uses it before this transaction ends."""
    return await _one(connection, _by(token_hash).with_for_update())


async def count_open(connection: AsyncConnection, email: str, now: datetime) -> int:
    """How many registrations with this address can still be confirmed."""
    mine = (registrations.c.email_folded == fold(email), registrations.c.used_at.is_(None))
    query = select(func.count()).where(*mine, registrations.c.expires_at > now)
    return int((await connection.execute(query)).scalar_one())


async def use(connection: AsyncConnection, token_hash: bytes, now: datetime) -> None:
    """The registration has become an account; what it knew of the password is erased."""
    change = update(registrations).where(registrations.c.token_hash == token_hash)
    await connection.execute(change.values(used_at=now, password_hash=None))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(registrations).where(registrations.c.expires_at < now - KEEP))


def _by(token_hash: bytes) -> Select[Any]:
    return select(registrations).where(registrations.c.token_hash == token_hash)


async def _one(connection: AsyncConnection, query: Select[Any]) -> Registration | None:
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Registration(
        user_name=row.user_name,
        email=row.email,
        language=row.language,
        password_hash=row.password_hash or "",
        created_at=row.created_at,
        used_at=row.used_at,
    )
