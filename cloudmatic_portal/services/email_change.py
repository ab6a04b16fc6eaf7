"""Change the e-mail address of an account: the new one confirms, the old one can stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account, fold
from cloudmatic_portal.domain.email_change import OPEN_AT_ONCE, EmailChange
from cloudmatic_portal.domain.errors import EmailChangeUnknown, FieldsUnfit
from cloudmatic_portal.domain.mail import MailKind, NewMail
from cloudmatic_portal.domain.registration import is_email
from cloudmatic_portal.services import account as own_account
from cloudmatic_portal.services import login, second_factor
from cloudmatic_portal.services.account import Proof
from cloudmatic_portal.services.account_letters import address_known
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, new_token, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import email_change as stored
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import password_reset as stored_reset
from cloudmatic_portal.storage.database import Database

Judge = Callable[[EmailChange, datetime], None]
"""Raises MailLinkRefused unless it can be done with the change at that time."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the new address confirms by, and what the old one stops it by."""

    confirm: str = field(repr=False)
    stop: str = field(repr=False)


async def ask(
    database: Database,
    secrets: Secrets,
    proof: Proof,
    wanted: str,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> None:
    """Mail a link to the new address, and a note to the old one.

    Nothing tells whether another account has the new address; its owner is told by mail. Raises
    FieldsUnfit, LoginRefused or TooManyAttempts.
    """
    if not is_email(wanted):
        raise FieldsUnfit({"email": "unfit"})
    await own_account.prove(database, secrets, proof, now)
    tokens = Tokens(new_token(random_bytes), new_token(random_bytes))
    async with database.writing() as connection:
        await stored.forget_old(connection, now)
        account = await stored_account.lock(connection, proof.account_id)
        if account is None or fold(account.email) == fold(wanted):
            raise FieldsUnfit({"email": "same"})
        if await stored.count_open(connection, proof.account_id, now) >= OPEN_AT_ONCE:
            return
        await _begin(connection, account, wanted, tokens, now)


async def _begin(
    connection: AsyncConnection, account: Account, wanted: str, tokens: Tokens, now: datetime
) -> None:
    change = EmailChange(account=account, former=account.email, wanted=wanted, created_at=now)
    key = token_hash(tokens.confirm)
    await stored.add(connection, key, token_hash(tokens.stop), change)
    owner = (await stored_account.names_taken(connection, account.user_name, wanted)).owner
    link = _mail("email_change", account, wanted, tokens.confirm, key)
    await stored_mail.add(connection, link if owner is None else address_known(owner, now), now)
    note = _mail("email_change_note", account, account.email, tokens.stop, key)
    await stored_mail.add(connection, note, now)


async def examine(database: Database, token: str, now: datetime) -> EmailChange:
    """Which change the link confirms. Changes nothing. Raises MailLinkRefused."""
    async with database.reading() as connection:
        found = await stored.find(connection, token_hash(token))
        return _fit(found, EmailChange.require_open, now)


async def confirm(database: Database, token: str, now: datetime) -> None:
    """Change the address. Links that were mailed to the old one open nothing any more.

    Raises MailLinkRefused, also if another account has got the address meanwhile.
    """
    key = token_hash(token)
    async with database.writing() as connection:
        found = await stored.find(connection, key, locked=True)
        change = _fit(found, EmailChange.require_open, now)
        account_id = change.account.account_id
        await stored_account.change_email(connection, account_id, change.wanted)
        await stored.confirm(connection, key, now)
        await stored.stop_open(connection, account_id, now)
        await stored_reset.use_up(connection, account_id, now)


async def examine_stop(database: Database, token: str, now: datetime) -> EmailChange:
    """Which change the link stops or takes back. Changes nothing. Raises MailLinkRefused."""
    async with database.reading() as connection:
        found = await stored.find_to_stop(connection, token_hash(token))
        return _fit(found, EmailChange.require_stoppable, now)


async def stop(database: Database, token: str, now: datetime) -> None:
    """Let the account keep the old address, or have it back; whoever is logged in is logged out.

    Changes that were made after this one are undone with it, and so is a second factor that was set
    up after it. Raises MailLinkRefused.
    """
    async with database.writing() as connection:
        found = await stored.find_to_stop(connection, token_hash(token), locked=True)
        change = _fit(found, EmailChange.require_stoppable, now)
        account_id = change.account.account_id
        if change.confirmed_at is not None:
            await stored_account.change_email(connection, account_id, change.former)
            # Else the account would come back with somebody else's phone at its door.
            account = replace(change.account, email=change.former)
            await second_factor.undo_since(connection, account, change.created_at, now)
        # Whoever changed it again after this one got the right to take that back: not any more.
        await stored.stop_since(connection, account_id, change.created_at, now)
        await stored.stop_open(connection, account_id, now)
        await stored_reset.use_up(connection, account_id, now)
        await login.forget_browsers(connection, account_id, now)


def _fit(change: EmailChange | None, judge: Judge, now: datetime) -> EmailChange:
    """The change that a link is for. Raises MailLinkRefused if there is none, or `judge` does."""
    if change is None:
        raise EmailChangeUnknown
    judge(change, now)
    return change


def _mail(kind: MailKind, account: Account, recipient: str, token: str, key: bytes) -> NewMail:
    return NewMail(
        kind=kind,
        recipient=recipient,
        language=account.language,
        # Not the user name in what goes to an address that nobody has confirmed.
        facts={"token": token, "account": account.account_id},
        key=f"{kind}:{key.hex()}",
        account_id=account.account_id,
    )
