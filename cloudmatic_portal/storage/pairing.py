"""Pairings: rows in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.pairing import KEPT, Pairing
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import pairings


class UserCodeTaken(Exception):
    """Another hub shows this code; try another one."""


async def add(connection: AsyncConnection, device_hash: bytes, pairing: Pairing) -> None:
    """Raises UserCodeTaken, after which the transaction can only roll back."""
    row = {
        "device_hash": device_hash,
        "user_code": pairing.user_code,
        "serial": pairing.serial,
        "key_id": pairing.key_id,
        "public_key": pairing.public_key,
        "wanted": pairing.wanted,
        "state": pairing.state,
        "account_id": pairing.account_id,
        "interval_seconds": pairing.interval,
        "asked_at": pairing.asked_at,
        "created_at": pairing.created_at,
        "expires_at": pairing.expires_at,
    }
    try:
        await connection.execute(insert(pairings).values(row))
    except IntegrityError as error:
        if violates(error, "uq_pairings_user_code", "pairings.user_code"):
            raise UserCodeTaken from error
        raise


async def hold(connection: AsyncConnection, device_hash: bytes) -> Pairing | None:
    """By the hub's own code, and let nobody else change it meanwhile."""
    return _pairing((await connection.execute(_HOLD, {"hash": device_hash})).one_or_none())


async def hold_by_code(connection: AsyncConnection, user_code: str) -> Pairing | None:
    """By the code that the customer typed, and let nobody else change it meanwhile."""
    return _pairing((await connection.execute(_HOLD_BY_CODE, {"code": user_code})).one_or_none())


async def note_question(
    connection: AsyncConnection, pairing: Pairing, interval: int, now: datetime
) -> None:
    mine = update(pairings).where(pairings.c.user_code == pairing.user_code)
    await connection.execute(mine.values(asked_at=now, interval_seconds=interval))


async def decide(
    connection: AsyncConnection, pairing: Pairing, account_id: int, *, confirmed: bool
) -> None:
    """Hold it first."""
    mine = update(pairings).where(pairings.c.user_code == pairing.user_code)
    state = "confirmed" if confirmed else "refused"
    await connection.execute(mine.values(state=state, account_id=account_id))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(pairings).where(pairings.c.expires_at < now - KEPT))


def _pairing(row: Row[Any] | None) -> Pairing | None:
    if row is None:
        return None
    return Pairing(
        user_code=row.user_code,
        serial=row.serial,
        key_id=row.key_id,
        public_key=row.public_key,
        created_at=row.created_at,
        expires_at=row.expires_at,
        wanted=row.wanted,
        state=row.state,
        account_id=row.account_id,
        interval=row.interval_seconds,
        asked_at=row.asked_at,
    )


_HOLD: Final = select(pairings).where(pairings.c.device_hash == bindparam("hash")).with_for_update()
_HOLD_BY_CODE: Final = (
    select(pairings).where(pairings.c.user_code == bindparam("code")).with_for_update()
)
