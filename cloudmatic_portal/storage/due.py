"""What is due: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.due import Due, DueKind, DueState, NewDue, Outcome, StoredDue
from cloudmatic_portal.storage.inserts import insert_or_change
from cloudmatic_portal.storage.tables import accounts, due_actions
from cloudmatic_portal.storage.tables.due import WAITING


async def plan(connection: AsyncConnection, wanted: Iterable[NewDue]) -> None:
    """Let the actions be done when they are due, each once.

    One that was dropped waits again: what it was dropped for may hold no more.
    """
    rows = [
        {name: getattr(each, name) for name in _PLANNED} | {"state": "waiting", "attempts": 0}
        for each in wanted
    ]
    if rows:
        await connection.execute(_PLAN.on(connection), rows)


async def take(
    connection: AsyncConnection, now: datetime, without: Collection[DueKind] = ()
) -> Due | None:
    """Hold the action that has been due longest, until the transaction ends; nobody else gets it.

    Its account is locked with it, or it is left for later: a purchase that has the account may
    plan this very action, and wait for it. Of one account the actions are done in their order:
    while somebody holds one, the later ones of that account wait. Actions of the kinds `without`
    are as if they were not there.
    """
    row = (await connection.execute(_take(frozenset(without)), {"now": now})).one_or_none()
    return None if row is None else _action(row)


async def any_due(
    connection: AsyncConnection, now: datetime, without: Collection[DueKind] = ()
) -> bool:
    """Whether `take` would find something to do."""
    query = _any_due(frozenset(without))
    return bool((await connection.execute(query, {"now": now})).scalar())


async def count(connection: AsyncConnection, now: datetime, kinds: Collection[DueKind]) -> int:
    """How many actions of these kinds are due and wait."""
    waiting = (text(WAITING), due_actions.c.due_at <= now, due_actions.c.kind.in_(kinds))
    query = select(func.count()).select_from(due_actions).where(*waiting)
    return int((await connection.execute(query)).scalar_one())


async def settle(connection: AsyncConnection, due: Due, outcome: Outcome, now: datetime) -> None:
    values = {"state": outcome.state, "why": outcome.why, "settled_at": now}
    await connection.execute(_CHANGE, {"changed": due.due_id, **values})


async def postpone(
    connection: AsyncConnection, due: Due, due_at: datetime | None, why: str, now: datetime
) -> None:
    """Note that the action failed: to be tried again at `due_at`, or set aside if that is None."""
    values: dict[str, Any] = {"attempts": due.attempts + 1, "why": why}
    values |= {"due_at": due_at} if due_at else {"state": "failed", "settled_at": now}
    await connection.execute(_CHANGE_WAITING, {"changed": due.due_id, **values})


async def in_state(
    connection: AsyncConnection, state: DueState, most: int
) -> tuple[StoredDue, ...]:
    """Actions in that state: those that wait by when they are due, others the latest first."""
    found = select(due_actions).where(due_actions.c.state == state).limit(most)
    settled = due_actions.c.settled_at.desc(), due_actions.c.id.desc()
    by_time = due_actions.c.due_at, due_actions.c.id
    ordered = found.order_by(*(by_time if state == "waiting" else settled))
    return tuple(map(_stored, await connection.execute(ordered)))


async def find(connection: AsyncConnection, due_id: int) -> StoredDue | None:
    """An action in any state."""
    query = select(due_actions).where(due_actions.c.id == due_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def hold(connection: AsyncConnection, due_id: int) -> StoredDue | None:
    """Find an action in any state and hold it."""
    query = select(due_actions).where(due_actions.c.id == due_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def put_back(connection: AsyncConnection, due: Due, due_at: datetime) -> None:
    """Let the action be done at `due_at`, as if it had never been tried. Hold it first."""
    anew = {"state": "waiting", "settled_at": None, "attempts": 0, "due_at": due_at}
    await connection.execute(_CHANGE, {"changed": due.due_id, **anew})


def _action(row: Row[Any]) -> Due:
    return Due(**_facts(row))


def _stored(row: Row[Any]) -> StoredDue:
    return StoredDue(state=row.state, settled_at=row.settled_at, why=row.why, **_facts(row))


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {
        "due_id": row.id,
        "kind": row.kind,
        "key": row.key,
        "due_at": row.due_at,
        "account_id": row.account_id,
        "order_id": row.order_id,
        "subscription_id": row.subscription_id,
        "number": row.number,
        "day": row.day,
        "attempts": row.attempts,
    }


def _due(without: frozenset[DueKind]) -> Select[Any]:
    earlier = due_actions.alias("earlier")
    before = or_(
        earlier.c.due_at < due_actions.c.due_at,
        and_(earlier.c.due_at == due_actions.c.due_at, earlier.c.id < due_actions.c.id),
    )
    first = ~exists().where(
        earlier.c.account_id == due_actions.c.account_id,
        text(f"earlier.{WAITING}"),
        before,
        *_but("earlier", without),
    )
    # As text, not as parameters: only then a database sees that the partial indexes will do.
    waiting: Any = text(f"due_actions.{WAITING}")
    due = due_actions.c.due_at <= bindparam("now")
    query = select(due_actions).where(waiting, due, first, *_but("due_actions", without))
    return query.order_by(due_actions.c.due_at, due_actions.c.id)


def _but(table: str, without: frozenset[DueKind]) -> tuple[Any, ...]:
    """As text, too: without documents it is what the partial index says (`NO_DOCUMENT`)."""
    kinds = ", ".join(f"'{kind}'" for kind in sorted(without))
    return (text(f"{table}.kind NOT IN ({kinds})"),) if without else ()


@cache
def _take(without: frozenset[DueKind]) -> Select[Any]:
    return (
        _due(without)
        .join(accounts, accounts.c.id == due_actions.c.account_id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True, of=(due_actions, accounts))
    )


@cache
def _any_due(without: frozenset[DueKind]) -> Select[Any]:
    due = due_actions.c.due_at <= bindparam("now")
    return select(exists().where(text(WAITING), due, *_but("due_actions", without)))


_PLANNED: Final = tuple(each.name for each in fields(NewDue))
_PLAN: Final = insert_or_change(
    due_actions,
    {"state": "waiting", "settled_at": None, "why": None, "attempts": 0},
    key=due_actions.c.key,
    where=due_actions.c.state == "dropped",
)
_CHANGE: Final = update(due_actions).where(due_actions.c.id == bindparam("changed"))
_CHANGE_WAITING: Final = _CHANGE.where(due_actions.c.state == "waiting")
