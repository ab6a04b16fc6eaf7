"""Gateways and changes of access: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.gateway import Changed, Gateway
from cloudmatic_portal.storage.tables import (
    access_changes,
    access_numbers,
    access_periods,
    gateways,
    products,
)
from cloudmatic_portal.storage.tables.gateway import UNNUMBERED

_FAR: Final = 1_000_000_000
"""More changes than there are between a copy and its restoration."""


async def every(connection: AsyncConnection) -> tuple[Gateway, ...]:
    return tuple(map(_gateway, await connection.execute(_GATEWAYS.order_by(gateways.c.name))))


async def find(connection: AsyncConnection, name: str) -> Gateway | None:
    """One that was not removed."""
    row = (await connection.execute(_FIND, {"gateway": name})).one_or_none()
    return None if row is None else _gateway(row)


async def put(
    connection: AsyncConnection, name: str, webhook: str | None, now: datetime
) -> Gateway:
    """Add it, or give it new credentials; it begins to be told from here on."""
    known = select(gateways.c.serial).where(gateways.c.name == name).with_for_update()
    serial = (await connection.execute(known)).scalar_one_or_none()
    last = await last_number(connection)
    values = {"webhook": webhook, "notified": last, "attempts": 0, "next_attempt_at": now}
    values |= {"told_at": None, "last_error": None}
    if serial is None:
        new = {"name": name, "serial": 1, "created_at": now, **values}
        await connection.execute(insert(gateways).values(new))
        return Gateway(name, 1, webhook, last)
    changed = {"serial": serial + 1, "removed_at": None, **values}
    await connection.execute(update(gateways).where(gateways.c.name == name).values(changed))
    return Gateway(name, serial + 1, webhook, last)


async def remove(connection: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether there was one to remove."""
    mine = (gateways.c.name == name, gateways.c.removed_at.is_(None))
    change = update(gateways).where(*mine).values(removed_at=now)
    return bool((await connection.execute(change)).rowcount)


async def any_unnumbered(connection: AsyncConnection) -> bool:
    return (await connection.execute(_UNNUMBERED.limit(1))).first() is not None


async def number(connection: AsyncConnection, most: int) -> int:
    """Number the changes that have none, some of them; return how many. One process at a time."""
    last: int = (await connection.execute(_LAST_HELD)).scalar_one()
    accounts = (await connection.execute(_UNNUMBERED_HELD, {"most": most})).scalars().all()
    if accounts:
        rows = [
            {"changed": account, "given": last + place}
            for place, account in enumerate(accounts, start=1)
        ]
        await connection.execute(_NUMBER, rows)
        await connection.execute(update(access_numbers).values(last=last + len(accounts)))
    return len(accounts)


async def last_number(connection: AsyncConnection) -> int:
    last: int = (await connection.execute(select(access_numbers.c.last))).scalar_one()
    return last


async def tell_all(connection: AsyncConnection) -> None:
    """Let all access count as changed, with numbers far above any that a gateway can have heard."""
    await connection.execute(update(access_numbers).values(last=access_numbers.c.last + _FAR))
    await connection.execute(update(access_changes).values(number=None))


async def changes(
    connection: AsyncConnection, since: int, most: int, today: date
) -> tuple[tuple[int, Changed], ...]:
    """The changes after number `since` in their order, each with its number."""
    rows = await connection.execute(_CHANGES, {"since": since, "most": most, "today": today})
    numbers: dict[int, int] = {}
    periods: dict[int, list[AccessPeriod]] = defaultdict(list)
    for row in rows:
        numbers[row.account_id] = row.number
        if row.first_day is not None:
            periods[row.account_id].append(
                AccessPeriod(row.first_day, row.last_day, row.product, row.name, row.trial)
            )
    return tuple(
        (number, Changed(account, tuple(periods[account]))) for account, number in numbers.items()
    )


async def claim_untold(
    connection: AsyncConnection, now: datetime, until: datetime
) -> tuple[Gateway, int] | None:
    """A gateway that has to be told of changes, and up to which; nobody else takes it `until`."""
    last = await last_number(connection)
    row = (await connection.execute(_UNTOLD, {"now": now, "reached": last})).one_or_none()
    if row is None:
        return None
    mine = update(gateways).where(gateways.c.id == row.id)
    await connection.execute(mine.values(next_attempt_at=until))
    return _gateway(row), last


async def told(connection: AsyncConnection, gateway: Gateway) -> None:
    """Note up to where it was told, or that it was tried in vain, as `gateway` says."""
    mine = update(gateways).where(
        gateways.c.name == gateway.name, gateways.c.serial == gateway.serial
    )
    values = {
        "notified": gateway.notified,
        "attempts": gateway.attempts,
        "told_at": gateway.told_at,
        "last_error": gateway.last_error and gateway.last_error[:_LONGEST_ERROR],
        "next_attempt_at": gateway.next_attempt_at,
    }
    await connection.execute(mine.values(values))


async def put_forward(connection: AsyncConnection, name: str, now: datetime) -> None:
    """Let one that was told in vain be told now; changes no row if it is told by then anyway."""
    mine = (gateways.c.name == name, gateways.c.removed_at.is_(None))
    later = (gateways.c.attempts > 0, gateways.c.next_attempt_at > now)
    await connection.execute(update(gateways).where(*mine, *later).values(next_attempt_at=now))


def _gateway(row: Row[Any]) -> Gateway:
    return Gateway(
        name=row.name,
        serial=row.serial,
        webhook=row.webhook,
        notified=row.notified,
        attempts=row.attempts,
        told_at=row.told_at,
        last_error=row.last_error,
        next_attempt_at=row.next_attempt_at,
    )


_LONGEST_ERROR: Final = 200
_GATEWAYS: Final[Select[Any]] = select(gateways).where(gateways.c.removed_at.is_(None))
_FIND: Final = _GATEWAYS.where(gateways.c.name == bindparam("gateway"))
_UNTOLD: Final = (
    _GATEWAYS.where(
        gateways.c.webhook.is_not(None),
        gateways.c.notified < bindparam("reached"),
        gateways.c.next_attempt_at <= bindparam("now"),
    )
    .order_by(gateways.c.next_attempt_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_UNNUMBERED: Final = (
    select(access_changes.c.account_id)
    .where(text(UNNUMBERED))
    .order_by(access_changes.c.account_id)
)
_UNNUMBERED_HELD: Final = _UNNUMBERED.limit(bindparam("most")).with_for_update(skip_locked=True)
_LAST_HELD: Final = select(access_numbers.c.last).with_for_update()
_NUMBER: Final = (
    update(access_changes)
    .where(access_changes.c.account_id == bindparam("changed"))
    .values(number=bindparam("given"))
)
_LATEST: Final = (
    select(access_changes.c.account_id, access_changes.c.number)
    .where(access_changes.c.number > bindparam("since"))
    .order_by(access_changes.c.number)
    .limit(bindparam("most"))
    .subquery()
)
_CHANGES: Final = (
    select(
        _LATEST.c.account_id,
        _LATEST.c.number,
        access_periods.c.first_day,
        access_periods.c.last_day,
        access_periods.c.product,
        access_periods.c.trial,
        products.c.name,
    )
    .outerjoin_from(
        _LATEST,
        access_periods,
        and_(
            access_periods.c.account_id == _LATEST.c.account_id,
            access_periods.c.last_day >= bindparam("today"),
        ),
    )
    .outerjoin(products, access_periods.c.product == products.c.code)
    .order_by(_LATEST.c.number, access_periods.c.first_day)
)
