"""Accounts: rows in, domain out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account, Language, NewAccount, fold
from cloudmatic_portal.domain.errors import EmailTaken, UserNameTaken
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import accounts, orders


class AccountIdTaken(Exception):
    """Another account has this CloudMatic-ID; try another one."""

    def __init__(self, account_id: int) -> None:
        super().__init__(account_id)
        self.account_id = account_id


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account and the hash of one of its secrets, which no `repr` shows."""

    account: Account
    secret_hash: str | None = field(repr=False)
    devices_valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Whether an account has the user name, and which one has the e-mail address."""

    user_name: bool
    owner: Account | None


async def find(connection: AsyncConnection, account_id: int) -> Account | None:
    row = await _row(connection, accounts.c.id == account_id)
    return None if row is None else from_row(row)


async def lock(connection: AsyncConnection, account_id: int) -> Account | None:
    """Find the account and hold it: what else wants to change what is its waits.

    None for one that was deleted, of which receipts may be left.
    """
    row = (await connection.execute(_LOCK, {"account": account_id})).one_or_none()
    return None if row is None else from_row(row)


async def lock_even_deleted(connection: AsyncConnection, account_id: int) -> Account | None:
    """Hold the account, or what is left of one that was deleted: its money is still counted."""
    row = (await connection.execute(_LOCK_EVEN_DELETED, {"account": account_id})).one_or_none()
    return None if row is None else from_row(row)


async def lock_of_order(connection: AsyncConnection, reference: str) -> Account | None:
    """Find the account that the order is of, and hold it; None if there is no such order."""
    row = (await connection.execute(_LOCK_OF_ORDER, {"reference": reference})).one_or_none()
    return None if row is None else from_row(row)


async def deleted(connection: AsyncConnection, account_id: int) -> Account | None:
    """Hold what is left of an account that was deleted."""
    gone = (accounts.c.id == account_id, accounts.c.deleted_at.is_not(None))
    query = select(accounts).where(*gone).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else from_row(row)


async def login_credentials(connection: AsyncConnection, name: str) -> Credentials | None:
    """By user name or e-mail address, in any spelling."""
    folded = fold(name)
    row = await _row(
        connection,
        or_(accounts.c.user_name_folded == folded, accounts.c.email_folded == folded)
        & accounts.c.deleted_at.is_(None),
    )
    if row is None:
        return None
    return Credentials(from_row(row), row.password_hash, row.devices_valid_from)


async def hub_credentials(connection: AsyncConnection, account_id: int) -> Credentials | None:
    row = await _row(connection, accounts.c.id == account_id)
    return None if row is None else Credentials(from_row(row), row.user_key_hash)


async def add(connection: AsyncConnection, account: NewAccount) -> None:
    """Raises UserNameTaken, EmailTaken or AccountIdTaken; the transaction can only roll back then.

    Of any number of simultaneous attempts the unique constraints let one through.
    """
    values = {
        "id": account.account_id,
        "user_name": account.user_name,
        "user_name_folded": fold(account.user_name),
        "email": account.email,
        "email_folded": fold(account.email),
        "password_hash": account.password_hash,
        "user_key_hash": account.user_key_hash,
        "language": account.language,
        "created_at": account.created_at,
    }
    try:
        await connection.execute(insert(accounts).values(values))
    except IntegrityError as error:
        if violates(error, "uq_accounts_user_name_folded", "accounts.user_name_folded"):
            raise UserNameTaken(account.user_name) from error
        if violates(error, "uq_accounts_email_folded", "accounts.email_folded"):
            raise EmailTaken from error
        if violates(error, "pk_accounts", "accounts.id"):
            raise AccountIdTaken(account.account_id) from error
        raise


async def names_taken(connection: AsyncConnection, user_name: str, email: str) -> Names:
    """Which of the two some account has already, in any spelling."""
    by_name = await _row(connection, accounts.c.user_name_folded == fold(user_name))
    by_email = await _row(connection, accounts.c.email_folded == fold(email))
    return Names(by_name is not None, None if by_email is None else from_row(by_email))


async def devices_valid_from(connection: AsyncConnection, account_id: int) -> datetime | None:
    """From when on proofs of the account's browsers count; None: all do."""
    query = select(accounts.c.devices_valid_from).where(accounts.c.id == account_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def password_hash(connection: AsyncConnection, account_id: int) -> str | None:
    query = select(accounts.c.password_hash).where(accounts.c.id == account_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def change_password(connection: AsyncConnection, account_id: int, new_hash: str) -> None:
    change = update(accounts).where(accounts.c.id == account_id).values(password_hash=new_hash)
    await connection.execute(change)


async def change_email(connection: AsyncConnection, account_id: int, email: str) -> None:
    """Raises EmailTaken; the transaction can only roll back then. Lock the account first."""
    change = update(accounts).where(accounts.c.id == account_id)
    try:
        await connection.execute(change.values(email=email, email_folded=fold(email)))
    except IntegrityError as error:
        if violates(error, "uq_accounts_email_folded", "accounts.email_folded"):
            raise EmailTaken from error
        raise


async def rename(connection: AsyncConnection, account_id: int, user_name: str) -> None:
    """Raises UserNameTaken; the transaction can only roll back then. Lock the account first."""
    change = update(accounts).where(accounts.c.id == account_id)
    names = {"user_name": user_name, "user_name_folded": fold(user_name)}
    try:
        await connection.execute(change.values(names))
    except IntegrityError as error:
        if violates(error, "uq_accounts_user_name_folded", "accounts.user_name_folded"):
            raise UserNameTaken(user_name) from error
        raise


async def change_language(connection: AsyncConnection, account_id: int, language: Language) -> None:
    change = update(accounts).where(accounts.c.id == account_id).values(language=language)
    await connection.execute(change)


async def forget_devices(connection: AsyncConnection, account_id: int, now: datetime) -> None:
    """Browsers that logged in before `now` are strangers again."""
    change = update(accounts).where(accounts.c.id == account_id).values(devices_valid_from=now)
    await connection.execute(change)


async def change_user_key(connection: AsyncConnection, account_id: int, key_hash: str) -> None:
    change = update(accounts).where(accounts.c.id == account_id).values(user_key_hash=key_hash)
    await connection.execute(change)


async def _row(connection: AsyncConnection, condition: Any) -> Row[Any] | None:
    return (await connection.execute(select(accounts).where(condition))).one_or_none()


def from_row(row: Row[Any]) -> Account:
    return Account(
        account_id=row.id,
        user_name=row.user_name,
        email=row.email,
        language=row.language,
        created_at=row.created_at,
    )


_LOCK_EVEN_DELETED: Final = (
    select(accounts).where(accounts.c.id == bindparam("account")).with_for_update(key_share=True)
)
_LOCK: Final = _LOCK_EVEN_DELETED.where(accounts.c.deleted_at.is_(None))
_LOCK_OF_ORDER: Final = (
    select(accounts)
    .join(orders, orders.c.account_id == accounts.c.id)
    .where(orders.c.reference == bindparam("reference"))
    .with_for_update(key_share=True, of=accounts)
)
