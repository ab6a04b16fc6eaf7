"""Prove who you are with user name (or e-mail address) and password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cloudmatic_portal.domain.errors import LoginRefused
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services import sessions
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed."""

    name: str
    password: str = field(repr=False)


async def login(
    database: Database,
    secrets: Secrets,
    credentials: Credentials,
    *,
    now: datetime,
    random_bytes: RandomBytes,
    former: str | None = None,
) -> str:
    """Return the token of a new login session; the `former` one of this browser ends.

    Raises LoginRefused, after the same work, for an unknown name and for a wrong password.
    """
    async with database.reading() as connection:
        found = await stored_account.login_credentials(connection, credentials.name)
    stored = found.secret_hash if found is not None else None
    if not await secrets.matches(stored, credentials.password) or found is None:
        raise LoginRefused
    account = found.account
    async with database.writing() as connection:
        if former is not None:
            await stored_session.remove(connection, sessions.token_hash(former))
        session = Session.start("login", account.account_id, account.user_name, now)
        return await sessions.start(connection, session, random_bytes)
