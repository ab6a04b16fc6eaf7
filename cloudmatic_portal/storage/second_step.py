"""Logins that still want the second factor: rows in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.second_factor import STEP_LIFETIME, SecondStep
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage.tables import accounts, second_steps


async def add(
    connection: AsyncConnection, token_hash: bytes, account_id: int, now: datetime
) -> None:
    row = {"token_hash": token_hash, "account_id": account_id, "created_at": now}
    await connection.execute(_ADD, row)


async def find(connection: AsyncConnection, token_hash: bytes) -> SecondStep | None:
    """The login, alive or not."""
    row = (await connection.execute(_FIND, {"token": token_hash})).one_or_none()
    if row is None:
        return None
    account = stored_account.from_row(row)
    return SecondStep(account, row.began_at, row.devices_valid_from)


async def remove(connection: AsyncConnection, token_hash: bytes) -> bool:
    """End it; whether it was there."""
    return bool((await connection.execute(_REMOVE, {"token": token_hash})).rowcount)


async def remove_all(connection: AsyncConnection, account_id: int) -> None:
    await connection.execute(_REMOVE_ALL, {"account": account_id})


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(_FORGET, {"before": now - STEP_LIFETIME})


_ADD: Final = insert(second_steps)
_FIND: Final = (
    select(accounts, second_steps.c.created_at.label("began_at"))
    .join(accounts, second_steps.c.account_id == accounts.c.id)
    .where(second_steps.c.token_hash == bindparam("token"))
)
_REMOVE: Final = delete(second_steps).where(second_steps.c.token_hash == bindparam("token"))
_REMOVE_ALL: Final = delete(second_steps).where(second_steps.c.account_id == bindparam("account"))
_FORGET: Final = delete(second_steps).where(second_steps.c.created_at < bindparam("before"))
