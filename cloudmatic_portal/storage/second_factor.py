"""Customers' second factors and recovery codes: rows in, domain out. Lock the account to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.second_factor import SecondFactor
from cloudmatic_portal.storage.tables import recovery_codes, second_factors


@dataclass(frozen=True, slots=True)
class Kept:
    """The sealed secret, and the time step of the last code that was accepted."""

    sealed: bytes = field(repr=False)
    step: int


async def find(connection: AsyncConnection, account_id: int) -> Kept | None:
    row = (await connection.execute(_FIND, {"account": account_id})).one_or_none()
    return None if row is None else Kept(row.totp_sealed, row.totp_step)


async def state(connection: AsyncConnection, account_id: int) -> SecondFactor | None:
    """What its owner sees of it; None without one."""
    row = (await connection.execute(_STATE, {"account": account_id})).one_or_none()
    return None if row is None else SecondFactor(row.created_at, row.left)


async def add(
    connection: AsyncConnection, account_id: int, sealed: bytes, step: int, now: datetime
) -> None:
    row = {
        "account_id": account_id,
        "totp_sealed": sealed,
        "totp_step": step,
        "created_at": now,
    }
    await connection.execute(_ADD, row)


async def use_step(connection: AsyncConnection, account_id: int, step: int) -> None:
    """Accept no code of that time step or an earlier one any more."""
    await connection.execute(_USE_STEP, {"account": account_id, "step": step})


async def remove(connection: AsyncConnection, account_id: int) -> bool:
    """Delete the factor with its recovery codes; whether there was one."""
    await connection.execute(_REMOVE_CODES, {"account": account_id})
    return bool((await connection.execute(_REMOVE, {"account": account_id})).rowcount)


async def replace_codes(
    connection: AsyncConnection, account_id: int, hashes: Iterable[bytes], now: datetime
) -> None:
    """Let these recovery codes be good, and none of before."""
    await connection.execute(_REMOVE_CODES, {"account": account_id})
    rows = [{"account_id": account_id, "code_hash": each, "created_at": now} for each in hashes]
    await connection.execute(_ADD_CODES, rows)


async def use_code(
    connection: AsyncConnection, account_id: int, code_hash: bytes, now: datetime
) -> bool:
    """Use the recovery code up; whether it was good."""
    values = {"account": account_id, "code": code_hash, "now": now}
    return bool((await connection.execute(_USE_CODE, values)).rowcount)


_FIND: Final = select(second_factors.c.totp_sealed, second_factors.c.totp_step).where(
    second_factors.c.account_id == bindparam("account")
)
_STATE: Final = select(
    second_factors.c.created_at,
    select(func.count())
    .select_from(recovery_codes)
    .where(
        recovery_codes.c.account_id == second_factors.c.account_id,
        recovery_codes.c.used_at.is_(None),
    )
    .scalar_subquery()
    .label("left"),
).where(second_factors.c.account_id == bindparam("account"))
_ADD: Final = insert(second_factors)
_USE_STEP: Final = (
    update(second_factors)
    .where(second_factors.c.account_id == bindparam("account"))
    .values(totp_step=bindparam("step"))
)
_REMOVE: Final = delete(second_factors).where(second_factors.c.account_id == bindparam("account"))
_REMOVE_CODES: Final = delete(recovery_codes).where(
    recovery_codes.c.account_id == bindparam("account")
)
_ADD_CODES: Final = insert(recovery_codes)
_USE_CODE: Final = (
    update(recovery_codes)
    .where(
        recovery_codes.c.account_id == bindparam("account"),
        recovery_codes.c.code_hash == bindparam("code"),
        recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
