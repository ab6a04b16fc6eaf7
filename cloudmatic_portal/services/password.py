"""A forgotten password: a link by mail, good for an hour and once, and a new password by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import PasswordLinkUnknown
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.password import prepared, require_fit
from cloudmatic_portal.domain.password_reset import OPEN_AT_ONCE, PasswordReset
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import login, throttle
from cloudmatic_portal.services.account_letters import password_changed
from cloudmatic_portal.services.login import LoggedIn, StepDue
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import email_change as stored_email_change
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import password_reset as stored_reset
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Choice:
    """The new password, and the token that came by mail."""

    token: str = field(repr=False)
    password: str = field(repr=False)


async def ask_for_link(
    database: Database,
    name: str,
    wanted: str,
    network: str,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> None:
    """Mail a link to the owner of the account with that user name or e-mail address, if any.

    Nothing tells whether there is one. `wanted` is the page that the link leads to in the end.
    Raises TooManyAttempts; every request counts.
    """
    await throttle.admit(database, Attempt("password_forgotten", network), now)
    token = new_token(random_bytes)
    async with database.writing() as connection:
        await stored_reset.forget_old(connection, now)
        found = await stored_account.login_credentials(connection, name)
        if found is not None:
            await stored_account.lock(connection, found.account.account_id)
            await _mail_link(connection, found.account, token, wanted, now)


async def examine_link(database: Database, token: str, now: datetime) -> PasswordReset:
    """Whose password the link changes. Changes nothing. Raises MailLinkRefused."""
    async with database.reading() as connection:
        return _good(await stored_reset.find(connection, token_hash(token)), now)


async def choose_new(
    database: Database,
    secrets: Secrets,
    choice: Choice,
    visitor: Visitor,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn | StepDue:
    """Change the password by a mailed link, and log in with it, or begin to: the link stands for
    the password, never for a second factor.

    All other sessions end, all links of the account are used up, also those that would change its
    address, and a mail says so.
    Raises MailLinkRefused or PasswordUnfit.
    """
    account = (await examine_link(database, choice.token, now)).account
    require_fit(choice.password, user_name=account.user_name, email=account.email)
    new_hash = await secrets.hash(prepared(choice.password))
    key = token_hash(choice.token)
    async with database.writing() as connection:
        account = _good(await stored_reset.find(connection, key, locked=True), now).account
        await stored_account.change_password(connection, account.account_id, new_hash)
        await stored_reset.use_up(connection, account.account_id, now)
        await stored_email_change.stop_open(connection, account.account_id, now)
        await login.forget_browsers(connection, account.account_id, now)
        await stored_mail.add(connection, password_changed(account, now, key.hex()), now)
        return await login.enter_by_password(connection, account, visitor, now, random_bytes)


def _good(reset: PasswordReset | None, now: datetime) -> PasswordReset:
    if reset is None:
        raise PasswordLinkUnknown
    reset.require_open(now)
    return reset


async def _mail_link(
    connection: AsyncConnection, account: Account, token: str, wanted: str, now: datetime
) -> None:
    if await stored_reset.count_open(connection, account.account_id, now) >= OPEN_AT_ONCE:
        return
    key = token_hash(token)
    await stored_reset.add(connection, key, PasswordReset(account, now))
    mail = NewMail(
        kind="password_reset",
        recipient=account.email,
        language=account.language,
        facts={"user_name": account.user_name, "token": token, "next": wanted},
        key=f"password_reset:{key.hex()}",
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)
