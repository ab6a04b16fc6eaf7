"""Open, find and end the sessions of browsers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.session import Session, SessionKind
from cloudmatic_portal.storage import session as stored
from cloudmatic_portal.storage.database import Database

RandomBytes = Callable[[int], bytes]


def new_token(random_bytes: RandomBytes) -> str:
    """256 random bits for a cookie."""
    return base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode("ascii")


def token_hash(token: str) -> bytes:
    """What the database keeps of a token: enough to recognise it, useless to whoever reads it."""
    return hashlib.sha256(token.encode("utf-8")).digest()


async def start(connection: AsyncConnection, session: Session, random_bytes: RandomBytes) -> str:
    """Store the session within the caller's transaction; return the token for the cookie."""
    token = new_token(random_bytes)
    await stored.forget_ended(connection, session.created_at)
    await stored.add(connection, token_hash(token), session)
    return token


async def find(database: Database, kind: SessionKind, token: str, now: datetime) -> Session | None:
    """The session of that kind that `token` stands for, if it is alive. Changes nothing."""
    async with database.reading() as connection:
        session = await stored.find(connection, token_hash(token), kind)
    return session if session is not None and session.alive(now) else None


async def keep_alive(database: Database, token: str, session: Session, now: datetime) -> None:
    """Note that the session is in use, if that has not been noted just now."""
    if session.needs_touch(now):
        async with database.writing() as connection:
            await stored.touch(connection, token_hash(token), now)


async def end(database: Database, token: str) -> None:
    async with database.writing() as connection:
        await stored.remove(connection, token_hash(token))
