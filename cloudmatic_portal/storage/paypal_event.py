"""What PayPal has told us, each event once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.paypal import Event, EventState, Told, source
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import payments, paypal_events


async def add(connection: AsyncConnection, event: Event, now: datetime) -> bool:
    """Note the event; False if it was told before. Others who are told it wait meanwhile."""
    values = {
        "id": event.event_id,
        "event_type": event.event_type,
        "kind": event.kind,
        "subject": event.subject,
        "parent": event.parent,
        "amount_cents": event.amount.cents if event.amount else None,
        "currency": event.amount.currency if event.amount else None,
        "day": event.day,
        "received_at": now,
        "state": "waiting",
        "why": "",
    }
    return (await connection.execute(_ADD.on(connection), values)).rowcount == 1


async def settle(
    connection: AsyncConnection, event: Event, state: EventState, why: str = ""
) -> None:
    mine = update(paypal_events).where(paypal_events.c.id == event.event_id)
    await connection.execute(mine.values(state=state, why=why))


async def forget_old(connection: AsyncConnection, before: datetime) -> None:
    """Delete what came before that and is dealt with. PayPal tells nothing again after days."""
    old = paypal_events.c.received_at < before
    done = paypal_events.c.state.in_(("done", "ignored"))
    await connection.execute(delete(paypal_events).where(old, done))


async def search(
    connection: AsyncConnection, *, state: EventState | None, most: int
) -> tuple[Told, ...]:
    """The events, of one state if it is given; the newest first."""
    query = select(paypal_events).order_by(paypal_events.c.received_at.desc(), paypal_events.c.id)
    if state is not None:
        query = query.where(paypal_events.c.state == state)
    return tuple(map(_told, await connection.execute(query.limit(most))))


async def find(connection: AsyncConnection, event_id: str) -> Told | None:
    """The event, whatever its state, held."""
    query = select(paypal_events).where(paypal_events.c.id == event_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _told(row)


async def stuck(connection: AsyncConnection, before: datetime) -> int:
    """How many are unclear, or came before that and still wait."""
    old = and_(paypal_events.c.state == "waiting", paypal_events.c.received_at < before)
    query = select(func.count()).where(or_(paypal_events.c.state == "unclear", old))
    return int((await connection.execute(query)).scalar_one())


async def due(connection: AsyncConnection) -> tuple[str, ...]:
    """The ids of events about money that went back, which has arrived by now."""
    arrived = payments.c.source == literal(source("")) + paypal_events.c.parent
    query = select(paypal_events.c.id).join(payments, arrived)
    rows = await connection.execute(query.where(paypal_events.c.state == "waiting"))
    return tuple(rows.scalars())


async def hold(connection: AsyncConnection, event_id: str) -> Event | None:
    """The event if it still waits, for whoever deals with it now."""
    query = select(paypal_events).where(
        paypal_events.c.id == event_id, paypal_events.c.state == "waiting"
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return None if row is None else _event(row)


def _told(row: Row[Any]) -> Told:
    return Told(event=_event(row), received_at=row.received_at, state=row.state, why=row.why)


def _event(row: Row[Any]) -> Event:
    return Event(
        event_id=row.id,
        event_type=row.event_type,
        kind=row.kind,
        subject=row.subject,
        parent=row.parent,
        amount=Money(row.amount_cents, row.currency) if row.currency else None,
        day=row.day,
    )


_ADD: Final = insert_unless_known(paypal_events)
