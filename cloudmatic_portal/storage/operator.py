"""Operators and their sessions: rows in, domain out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import OperatorNotMade
from cloudmatic_portal.domain.operator import LIMITS, Operator, OperatorSession, Role
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import operator_sessions, operators


@dataclass(frozen=True, slots=True)
class Factors:
    """An operator, and what proves that it is the one; no `repr` shows it."""

    operator: Operator
    password_hash: str | None = field(repr=False)
    totp_sealed: bytes | None = field(repr=False)
    totp_step: int | None
    setup_hash: bytes | None = field(repr=False)
    setup_expires_at: datetime | None


async def add(connection: AsyncConnection, name: str, role: Role, now: datetime) -> int:
    """Make an operator who cannot come in yet; return the id.

    Raises OperatorNotMade if the name is taken; the transaction can only roll back then.
    """
    values = {"name": name, "role": role, "created_at": now}
    try:
        added = await connection.execute(_ADD, values)
    except IntegrityError as error:
        if violates(error, "uq_operators_name", "operators.name"):
            raise OperatorNotMade(name, "there is such an operator already") from error
        raise
    operator_id: int = added.scalar_one()
    return operator_id


async def find(connection: AsyncConnection, name: str) -> Factors | None:
    row = (await connection.execute(_BY_NAME, {"name": name})).one_or_none()
    return None if row is None else _factors(row)


async def hold(connection: AsyncConnection, operator_id: int) -> Factors | None:
    """Find the operator and hold it: whoever logs in with the same code waits."""
    row = (await connection.execute(_HOLD, {"operator": operator_id})).one_or_none()
    return None if row is None else _factors(row)


async def of_setup(connection: AsyncConnection, setup_hash: bytes) -> Factors | None:
    """Who was given the link with that token."""
    row = (await connection.execute(_BY_SETUP, {"setup": setup_hash})).one_or_none()
    return None if row is None else _factors(row)


async def every(connection: AsyncConnection) -> tuple[Operator, ...]:
    rows = await connection.execute(select(operators).order_by(operators.c.name))
    return tuple(map(_operator, rows))


async def change(connection: AsyncConnection, operator_id: int, **values: Any) -> None:
    """Set columns of the operator. Hold it first."""
    await connection.execute(_CHANGE, {"changed": operator_id, **values})


async def open_session(
    connection: AsyncConnection, token_hash: bytes, session: OperatorSession
) -> None:
    row = {
        "token_hash": token_hash,
        "operator_id": session.operator.operator_id,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
    }
    await connection.execute(_OPEN, row)


async def find_session(connection: AsyncConnection, token_hash: bytes) -> OperatorSession | None:
    """The session, alive or not."""
    row = (await connection.execute(_SESSION, {"token": token_hash})).one_or_none()
    if row is None:
        return None
    return OperatorSession(
        operator=_operator(row),
        created_at=row.began_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )


async def touch_session(connection: AsyncConnection, token_hash: bytes, now: datetime) -> None:
    this = update(operator_sessions).where(operator_sessions.c.token_hash == token_hash)
    await connection.execute(this.values(last_seen_at=now))


async def close_session(connection: AsyncConnection, token_hash: bytes) -> None:
    this = operator_sessions.c.token_hash == token_hash
    await connection.execute(delete(operator_sessions).where(this))


async def close_sessions(connection: AsyncConnection, operator_id: int) -> None:
    these = operator_sessions.c.operator_id == operator_id
    await connection.execute(delete(operator_sessions).where(these))


async def forget_ended_sessions(connection: AsyncConnection, now: datetime) -> None:
    ended = or_(
        operator_sessions.c.expires_at < now,
        operator_sessions.c.last_seen_at < now - LIMITS.idle,
    )
    await connection.execute(delete(operator_sessions).where(ended))


def _factors(row: Row[Any]) -> Factors:
    return Factors(
        operator=_operator(row),
        password_hash=row.password_hash,
        totp_sealed=row.totp_sealed,
        totp_step=row.totp_step,
        setup_hash=row.setup_hash,
        setup_expires_at=row.setup_expires_at,
    )


def _operator(row: Row[Any]) -> Operator:
    return Operator(
        operator_id=row.id,
        name=row.name,
        role=row.role,
        created_at=row.created_at,
        ready=row.password_hash is not None,
        disabled_at=row.disabled_at,
    )


_ADD: Final = insert(operators).returning(operators.c.id)
_BY_NAME: Final = select(operators).where(operators.c.name == bindparam("name"))
_BY_SETUP: Final = select(operators).where(operators.c.setup_hash == bindparam("setup"))
_HOLD: Final = (
    select(operators).where(operators.c.id == bindparam("operator")).with_for_update(key_share=True)
)
_CHANGE: Final = update(operators).where(operators.c.id == bindparam("changed"))
_OPEN: Final = insert(operator_sessions)
_SESSION: Final = (
    select(
        operators,
        operator_sessions.c.created_at.label("began_at"),
        operator_sessions.c.last_seen_at,
        operator_sessions.c.expires_at,
    )
    .join(operators, operators.c.id == operator_sessions.c.operator_id)
    .where(operator_sessions.c.token_hash == bindparam("token"))
)
