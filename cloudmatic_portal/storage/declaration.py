"""Declarations: rows in, domain out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, exists, func, insert, null, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import fold
from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.declaration import (
    Content,
    Declaration,
    DeclarationState,
    Found,
)
from cloudmatic_portal.storage.tables import accounts, declarations
from cloudmatic_portal.storage.tables.declaration import RECEIVED


async def add(connection: AsyncConnection, token_hash: bytes, new: Declaration) -> None:
    content = new.content
    row = {
        "reference": new.reference,
        "token_hash": token_hash,
        "kind": content.kind,
        "state": new.state,
        "name": content.name,
        "identification": content.identification,
        "contract": content.contract,
        "cancellation": content.cancellation,
        "reason": content.reason,
        "ends_on": content.ends_on,
        "email": content.email,
        "email_folded": fold(content.email),
        "language": new.language,
        "received_at": new.received_at,
    }
    await connection.execute(_ADD, row)


async def count_since(connection: AsyncConnection, email: str, since: datetime) -> int:
    """How many declarations with that address have come since then."""
    mine = (declarations.c.email_folded == fold(email), declarations.c.received_at >= since)
    query = select(func.count()).select_from(declarations).where(*mine)
    return int((await connection.execute(query)).scalar_one())


async def by_token(connection: AsyncConnection, token_hash: bytes) -> Declaration | None:
    return await _one(connection, _ALL.where(declarations.c.token_hash == token_hash))


async def find(
    connection: AsyncConnection, reference: str, *, locked: bool = False
) -> Declaration | None:
    query = _ALL.where(declarations.c.reference == reference)
    return await _one(connection, query.with_for_update() if locked else query)


async def search(
    connection: AsyncConnection, state: DeclarationState | None, most: int
) -> tuple[Declaration, ...]:
    """The latest ones; of those that are open the ones with the nearest deadline, then those that
    have waited longest.
    """
    query = _ALL if state is None else _ALL.where(declarations.c.state == state)
    if state == "open":
        query = query.order_by(declarations.c.deadline.asc().nulls_last(), declarations.c.id)
    else:
        query = query.order_by(declarations.c.id.desc())
    return tuple(map(_declaration, await connection.execute(query.limit(most))))


async def any_received(connection: AsyncConnection) -> bool:
    """Whether `take` would find something."""
    received: Any = text(RECEIVED)
    query = select(exists(select(declarations.c.id).where(received)))
    return bool((await connection.execute(query)).scalar())


async def take(connection: AsyncConnection) -> tuple[Declaration, int | None] | None:
    """Hold the oldest one that nobody has looked at, until the transaction ends.

    The account that has its address, whose number comes with it, is held with it. While somebody
    else holds that, the declaration is left for later: whoever deletes an account holds it first,
    and its letters then.
    """
    for query in (_TAKE, _TAKE_NOBODYS):
        if (row := (await connection.execute(query)).one_or_none()) is not None:
            return _declaration(row), row.owner
    return None


async def settle(
    connection: AsyncConnection, declaration: Declaration, found: Found, now: datetime
) -> bool:
    """Note what was found about it, and when all was done; whether it still was in that state."""
    this = update(declarations).where(
        declarations.c.id == declaration.declaration_id,
        declarations.c.state == declaration.state,
    )
    changed = await connection.execute(
        this.values(
            state=found.state,
            outcome=found.outcome,
            # Whose it is may be known from before: its account was deleted meanwhile.
            account_id=found.account_id or declarations.c.account_id,
            deadline=found.deadline,
            settled_at=now if found.state == "settled" else None,
        )
    )
    return bool(changed.rowcount)


async def forget_before(connection: AsyncConnection, first: date) -> None:
    """Delete those that were settled before `first`; what is still open is kept."""
    settled_at = declarations.c.settled_at < berlin_instant(first, 0)
    await connection.execute(delete(declarations).where(settled_at))


async def _one(connection: AsyncConnection, query: Any) -> Declaration | None:
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _declaration(row)


def _declaration(row: Row[Any]) -> Declaration:
    return Declaration(
        declaration_id=row.id,
        reference=row.reference,
        content=Content(
            kind=row.kind,
            name=row.name,
            contract=row.contract,
            email=row.email,
            identification=row.identification,
            cancellation=row.cancellation,
            reason=row.reason,
            ends_on=row.ends_on,
        ),
        language=row.language,
        received_at=row.received_at,
        state=row.state,
        account_id=row.account_id,
        deadline=row.deadline,
        outcome=row.outcome,
        settled_at=row.settled_at,
    )


_ADD: Final = insert(declarations)
_ALL: Final = select(declarations)
_RECEIVED: Final[Any] = text(f"declarations.{RECEIVED}")
_SAME_ADDRESS: Final = accounts.c.email_folded == declarations.c.email_folded
_TAKE: Final = (
    select(declarations, accounts.c.id.label("owner"))
    .join(accounts, _SAME_ADDRESS)
    .where(_RECEIVED)
    .order_by(declarations.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, key_share=True, of=(accounts, declarations))
)
_TAKE_NOBODYS: Final = (
    select(declarations, null().label("owner"))
    .where(_RECEIVED, ~exists().where(_SAME_ADDRESS))
    .order_by(declarations.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, key_share=True)
)
