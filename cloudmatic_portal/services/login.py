"""Prove who you are with user name (or e-mail address) and password; and leave again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account, fold
from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import LoginRefused
from cloudmatic_portal.domain.password import prepared
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import sessions, throttle
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage import second_factor as stored_factor
from cloudmatic_portal.storage import second_step as stored_step
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.account import Credentials as StoredCredentials
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The account that a browser is logged in to now, and the new session's token."""

    account_id: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StepDue:
    """The password was right, and the account has a second factor; what that step's cookie holds.

    It opens nothing but the page that asks for the code.
    """

    token: str = field(repr=False)


async def login(
    database: Database,
    secrets: Secrets,
    credentials: Credentials,
    visitor: Visitor,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn | StepDue:
    """Log in, or begin to; the former session of the visitor's browser ends.

    Raises TooManyAttempts before the password is looked at, and LoginRefused after it; for an
    unknown name and for a wrong password alike, after the same work.
    """
    password = prepared(credentials.password)
    async with database.reading() as connection:
        found = await stored_account.login_credentials(connection, credentials.name)
    attempt = _attempt(credentials.name, visitor, found, now)
    await throttle.admit(database, attempt, now)
    stored = found.secret_hash if found is not None else None
    if not await secrets.matches(stored, password) or found is None or stored is None:
        raise LoginRefused
    renewed = await secrets.hash(password) if secrets.outdated(stored) else None
    async with database.writing() as connection:
        await throttle.succeeded(connection, attempt, now)
        account = await stored_account.lock(connection, found.account.account_id)
        if account is None:
            raise LoginRefused
        if await stored_account.password_hash(connection, account.account_id) != stored:
            # It was changed while we compared it with the former one.
            raise LoginRefused
        if renewed is not None:
            await stored_account.change_password(connection, account.account_id, renewed)
        return await enter_by_password(connection, account, visitor, now, random_bytes)


async def enter(
    connection: AsyncConnection,
    account: Account,
    visitor: Visitor,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn:
    """Open a session within the caller's transaction; the visitor's former one ends."""
    if visitor.former is not None:
        await stored_session.remove(connection, sessions.token_hash(visitor.former))
    session = Session.start("login", account.account_id, account.user_name, now)
    token = await sessions.start(connection, session, random_bytes)
    return LoggedIn(account.account_id, token)


async def enter_by_password(
    connection: AsyncConnection,
    account: Account,
    visitor: Visitor,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn | StepDue:
    """The same, unless there is a second factor to be asked for."""
    if await stored_factor.find(connection, account.account_id) is None:
        return await enter(connection, account, visitor, now, random_bytes)
    token = sessions.new_token(random_bytes)
    await stored_step.forget_old(connection, now)
    await stored_step.add(connection, sessions.token_hash(token), account.account_id, now)
    return StepDue(token)


async def leave_everywhere(database: Database, account_id: int, now: datetime) -> None:
    """End every session of the account, let every browser that knew it be a stranger, and every
    link into a booking that was mailed be useless.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        await forget_browsers(connection, account_id, now)


async def forget_browsers(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """The same, within the transaction of a caller who holds the account."""
    await stored_session.remove_all(connection, account_id)
    await stored_step.remove_all(connection, account_id)
    await stored_account.forget_devices(connection, account_id, now)
    await stored_mail_link.revoke_all(connection, account_id, now)


def _attempt(
    name: str, visitor: Visitor, found: StoredCredentials | None, now: datetime
) -> Attempt:
    """Under which heads this login counts. What was typed, not whose it is: else waiting would
    tell which user name and which e-mail address belong together.
    """
    known = None
    if found is not None:
        known = visitor.known_as(found.account.account_id, found.devices_valid_from, now)
    return Attempt("login", visitor.network, fold(name), known)
