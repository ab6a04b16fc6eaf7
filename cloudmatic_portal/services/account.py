"""What customers see and change of their own account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account, Language, fold
from cloudmatic_portal.domain.device import Visitor
from cloudmatic_portal.domain.errors import FieldsUnfit, LoginRefused, UserNameTaken
from cloudmatic_portal.domain.mail import NewMail
from cloudmatic_portal.domain.password import prepared, require_fit
from cloudmatic_portal.domain.registration import is_user_name
from cloudmatic_portal.domain.throttle import Attempt
from cloudmatic_portal.services import login, throttle
from cloudmatic_portal.services.account_letters import password_changed
from cloudmatic_portal.services.login import LoggedIn
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes, token_hash
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import email_change as stored_email_change
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import password_reset as stored_reset
from cloudmatic_portal.storage import session as stored_session
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Proof:
    """That whoever uses a login also knows its password; typed in which network."""

    account_id: int
    password: str = field(repr=False)
    network: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The password that shall be, and the proof by the one that is."""

    proof: Proof
    password: str = field(repr=False)


async def show(database: Database, account_id: int) -> Account:
    """Raises LoginRefused if it is gone."""
    async with database.reading() as connection:
        account = await stored_account.find(connection, account_id)
    if account is None:
        raise LoginRefused
    return account


async def prove(database: Database, secrets: Secrets, proof: Proof, now: datetime) -> str:
    """Compare the password; return its hash. Raises TooManyAttempts or LoginRefused."""
    attempt = Attempt("own_password", proof.network, str(proof.account_id))
    await throttle.admit(database, attempt, now)
    async with database.reading() as connection:
        stored = await stored_account.password_hash(connection, proof.account_id)
    if not await secrets.matches(stored, prepared(proof.password)) or stored is None:
        raise LoginRefused
    async with database.writing() as connection:
        await throttle.succeeded(connection, attempt, now)
    return stored


async def hold(
    connection: AsyncConnection, proof: Proof, proven: str, visitor: Visitor
) -> tuple[Account, bytes]:
    """Lock the account whose password hash was `proven`; return it with its visitor's session.

    Raises LoginRefused if it is another one by now, or if the visitor's login has ended: whoever
    was logged out while a request was under way does not finish it.
    """
    held = await stored_account.lock(connection, proof.account_id)
    if held is None:
        raise LoginRefused
    if await stored_account.password_hash(connection, proof.account_id) != proven:
        raise LoginRefused
    if visitor.former is None:
        raise LoginRefused
    token = token_hash(visitor.former)
    session = await stored_session.find(connection, token, "login")
    if session is None or session.account_id != proof.account_id:
        raise LoginRefused
    return held, token


async def rename(
    database: Database, secrets: Secrets, proof: Proof, user_name: str, now: datetime
) -> None:
    """Give the account another user name, and tell its owner.

    Raises FieldsUnfit, LoginRefused or TooManyAttempts.
    """
    if not is_user_name(user_name):
        raise FieldsUnfit({"user_name": "unfit"})
    await prove(database, secrets, proof, now)
    try:
        async with database.writing() as connection:
            account = await stored_account.lock(connection, proof.account_id)
            if account is None or account.user_name == user_name:
                return
            await stored_account.rename(connection, proof.account_id, user_name)
            if fold(account.user_name) != fold(user_name):
                await stored_mail.add(connection, _renamed(account, user_name, now), now)
    except UserNameTaken as error:
        raise FieldsUnfit({"user_name": "taken"}) from error


async def speak(database: Database, account_id: int, language: Language) -> None:
    """Write to the customer in `language` from now on."""
    async with database.writing() as connection:
        await stored_account.change_language(connection, account_id, language)


async def change_password(
    database: Database,
    secrets: Secrets,
    new: NewPassword,
    visitor: Visitor,
    *,
    now: datetime,
    random_bytes: RandomBytes,
) -> LoggedIn:
    """Change the password by the present one, and log in with it.

    All other sessions end, and no mailed link changes password or address any more.
    Raises PasswordUnfit, LoginRefused or TooManyAttempts.
    """
    proof = new.proof
    account = await show(database, proof.account_id)
    require_fit(new.password, user_name=account.user_name, email=account.email)
    former = await prove(database, secrets, proof, now)
    new_hash = await secrets.hash(prepared(new.password))
    async with database.writing() as connection:
        held, _ = await hold(connection, proof, former, visitor)
        await stored_account.change_password(connection, proof.account_id, new_hash)
        await stored_reset.use_up(connection, proof.account_id, now)
        await stored_email_change.stop_open(connection, proof.account_id, now)
        await login.forget_browsers(connection, proof.account_id, now)
        occasion = f"{held.account_id}:{now.isoformat()}"
        await stored_mail.add(connection, password_changed(held, now, occasion), now)
        return await login.enter(connection, held, visitor, now, random_bytes)


def _renamed(account: Account, user_name: str, now: datetime) -> NewMail:
    return NewMail(
        kind="user_name_changed",
        recipient=account.email,
        language=account.language,
        facts={"user_name": user_name, "former": account.user_name, "at": now.isoformat()},
        key=f"user_name_changed:{account.account_id}:{now.isoformat()}",
        account_id=account.account_id,
    )
