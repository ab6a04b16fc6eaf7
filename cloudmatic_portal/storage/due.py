"""What is due: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.due import Due, DueKind, NewDue, Outcome
from cloudmatic_portal.storage.database import insert_or_change
from cloudmatic_portal.storage.tables import due_actions
from cloudmatic_portal.storage.tables.due import WAITING


async def plan(connection: AsyncConnection, wanted: Iterable[NewDue]) -> None:
    """Let the actions be done when they are due, each once.

    One that was dropped waits again: what it was dropped for may hold no more.
    """
    rows = [{**asdict(each), "state": "waiting", "attempts": 0} for each in wanted]
    if rows:
        await connection.execute(_PLAN.on(connection), rows)


async def take(
    connection: AsyncConnection, now: datetime, without: Collection[DueKind] = ()
) -> Due | None:
    """Hold the action that has been due longest, until the transaction ends; nobody else gets it.

    Of one account the actions are done in their order: while somebody holds one, the later ones
    of that account wait. Actions of the kinds `without` are as if they were not there.
    """
    query = _due(now, without).limit(1).with_for_update(skip_locked=True, of=due_actions)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _action(row)


async def any_due(
    connection: AsyncConnection, now: datetime, without: Collection[DueKind] = ()
) -> bool:
    """Whether `take` would find something to do."""
    waiting: Any = (text(WAITING), due_actions.c.due_at <= now, *_but(due_actions, without))
    return bool((await connection.execute(select(exists().where(*waiting)))).scalar())


async def count(connection: AsyncConnection, now: datetime, kinds: Collection[DueKind]) -> int:
    """How many actions of these kinds are due and wait."""
    waiting = (text(WAITING), due_actions.c.due_at <= now, due_actions.c.kind.in_(kinds))
    query = select(func.count()).select_from(due_actions).where(*waiting)
    return int((await connection.execute(query)).scalar_one())


async def settle(connection: AsyncConnection, due: Due, outcome: Outcome, now: datetime) -> None:
    values = {"state": outcome.state, "why": outcome.why, "settled_at": now}
    await connection.execute(update(due_actions).where(_same(due)).values(values))


async def postpone(
    connection: AsyncConnection, due: Due, due_at: datetime | None, why: str, now: datetime
) -> None:
    """Note that the action failed: to be tried again at `due_at`, or set aside if that is None."""
    values: dict[str, Any] = {"attempts": due.attempts + 1, "why": why}
    values |= {"due_at": due_at} if due_at else {"state": "failed", "settled_at": now}
    waiting = due_actions.c.state == "waiting"
    await connection.execute(update(due_actions).where(_same(due), waiting).values(values))


_PLAN: Final = insert_or_change(
    due_actions,
    {"state": "waiting", "settled_at": None, "why": None, "attempts": 0},
    key=due_actions.c.key,
    where=due_actions.c.state == "dropped",
)


def _due(now: datetime, without: Collection[DueKind]) -> Select[Any]:
    earlier = due_actions.alias("earlier")
    before = or_(
        earlier.c.due_at < due_actions.c.due_at,
        and_(earlier.c.due_at == due_actions.c.due_at, earlier.c.id < due_actions.c.id),
    )
    first = ~exists().where(
        earlier.c.account_id == due_actions.c.account_id,
        text(f"earlier.{WAITING}"),
        before,
        *_but(earlier, without),
    )
    # As text, not as parameters: only then a database sees that the partial indexes will do.
    waiting: Any = text(f"due_actions.{WAITING}")
    query = select(due_actions).where(waiting, due_actions.c.due_at <= now, first)
    query = query.where(*_but(due_actions, without))
    return query.order_by(due_actions.c.due_at, due_actions.c.id)


def _but(table: FromClause, without: Collection[DueKind]) -> tuple[ColumnElement[bool], ...]:
    return (table.c.kind.not_in(without),) if without else ()


def _same(due: Due) -> ColumnElement[bool]:
    return due_actions.c.id == due.due_id


def _action(row: Row[Any]) -> Due:
    return Due(
        due_id=row.id,
        kind=row.kind,
        key=row.key,
        due_at=row.due_at,
        account_id=row.account_id,
        order_id=row.order_id,
        subscription_id=row.subscription_id,
        number=row.number,
        day=row.day,
        attempts=row.attempts,
    )
