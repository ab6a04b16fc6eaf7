"""How much waits that should not: a few counts, each by an index of what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, Select, Table, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.due import DOCUMENTS
from cloudmatic_portal.storage.tables import due_actions, mails
from cloudmatic_portal.storage.tables.due import FAILED
from cloudmatic_portal.storage.tables.due import WAITING as DUE_WAITING
from cloudmatic_portal.storage.tables.mail import FAILED as MAIL_FAILED
from cloudmatic_portal.storage.tables.mail import UNCERTAIN
from cloudmatic_portal.storage.tables.mail import WAITING as MAIL_WAITING


async def alive(connection: AsyncConnection) -> None:
    """Raises whatever the database raises if it does not answer."""
    await connection.execute(_ALIVE)


async def overdue_actions(
    connection: AsyncConnection, now: datetime
) -> tuple[int, datetime | None]:
    """How many actions but invoices wait although they are due, and since when the oldest one."""
    return await _overdue(connection, _ACTIONS, now)


async def overdue_mails(connection: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    """How many mails wait although they are due, and since when the oldest one."""
    return await _overdue(connection, _MAILS, now)


async def set_aside(connection: AsyncConnection) -> tuple[int, int, int]:
    """Actions that failed for good, mails that failed, mails that are uncertain."""
    row = (await connection.execute(_SET_ASIDE)).one()
    return row.actions, row.failed_mails, row.uncertain_mails


async def waiting_invoices(connection: AsyncConnection) -> int:
    count: int = (await connection.execute(_INVOICES)).scalar_one()
    return count


async def _overdue(
    connection: AsyncConnection, query: Select[int, Any], now: datetime
) -> tuple[int, datetime | None]:
    row = (await connection.execute(query, {"now": now})).one()
    return row.count, row.oldest


def _waiting(table: Table, waiting: str) -> Select[int, Any]:
    counted = (func.count().label("count"), func.min(table.c.due_at).label("oldest"))
    return select(*counted).where(text(waiting), table.c.due_at <= bindparam("now"))


def _count(table: Table, condition: str) -> ScalarSelect[int]:
    # As text: neither database uses a partial index for a condition with a parameter.
    return select(func.count()).select_from(table).where(text(condition)).scalar_subquery()


_ALIVE: Final = select(1)
_ACTIONS: Final = _waiting(due_actions, DUE_WAITING).where(
    # Without a seller they wait for one, and for no worker.
    due_actions.c.kind.not_in(sorted(DOCUMENTS))
)
_MAILS: Final = _waiting(mails, MAIL_WAITING)
_SET_ASIDE: Final = select(
    _count(due_actions, FAILED).label("actions"),
    _count(mails, MAIL_FAILED).label("failed_mails"),
    _count(mails, UNCERTAIN).label("uncertain_mails"),
)
_INVOICES: Final = select(func.count()).where(
    text(DUE_WAITING), due_actions.c.kind.in_(sorted(DOCUMENTS))
)
