"""Batches of vouchers: rows in, domain out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.domain.voucher_batch import Batch
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.tables import (
    batch_vouchers,
    voucher_batches,
    voucher_products,
    vouchers,
)


async def add(
    connection: AsyncConnection, name: str, made: Sequence[Voucher], now: datetime
) -> int:
    """Add a batch with its vouchers; return its number.

    Raises IntegrityError if its name or a code is taken, or a product or the account is unknown.
    """
    batch = {"name": name, "made_at": now}
    key = (await connection.execute(_ADD, batch)).inserted_primary_key
    batch_id = int(key[0]) if key else 0
    await connection.execute(insert(vouchers), [stored_voucher.values(each) for each in made])
    rows = [{"voucher": each.code, "batch": batch_id} for each in made]
    await connection.execute(insert(batch_vouchers), rows)
    products = [
        {"voucher": each.code, "product": product}
        for each in made
        for product in sorted(each.products)
    ]
    if products:
        await connection.execute(insert(voucher_products), products)
    return batch_id


async def every(connection: AsyncConnection, most: int) -> tuple[Batch, ...]:
    """The latest batches, the newest first."""
    return tuple(map(_batch, await connection.execute(_EVERY, {"most": most})))


async def find(connection: AsyncConnection, batch_id: int) -> Batch | None:
    row = (await connection.execute(_FIND, {"wanted": batch_id})).one_or_none()
    return None if row is None else _batch(row)


async def vouchers_of(
    connection: AsyncConnection, batch_id: int, *, unused: bool = False
) -> tuple[Voucher, ...]:
    """The vouchers of a batch by their codes; only those that nobody has used, if that is asked."""
    query = _VOUCHERS.where(vouchers.c.redeemed == 0) if unused else _VOUCHERS
    return stored_voucher.from_rows(await connection.execute(query, {"wanted": batch_id}))


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        batch_id=row.id,
        name=row.name,
        made_at=row.made_at,
        count=int(row.size),
        used=int(row.used),
    )


def _counted(those: Select[Any]) -> Select[Any]:
    """The batches of `those` with how many vouchers each has and how many were used."""
    batches = those.subquery()
    used = case((vouchers.c.redeemed > 0, 1), else_=0)
    return (
        select(
            *batches.c,
            func.count(vouchers.c.code).label("size"),
            func.coalesce(func.sum(used), 0).label("used"),
        )
        .outerjoin_from(batches, batch_vouchers, batch_vouchers.c.batch == batches.c.id)
        .outerjoin(vouchers, vouchers.c.code == batch_vouchers.c.voucher)
        .group_by(*batches.c)
        .order_by(batches.c.id.desc())
    )


_ADD: Final = insert(voucher_batches)
_EVERY: Final = _counted(
    select(voucher_batches).order_by(voucher_batches.c.id.desc()).limit(bindparam("most"))
)
_FIND: Final = _counted(select(voucher_batches).where(voucher_batches.c.id == bindparam("wanted")))
_VOUCHERS: Final = (
    select(vouchers, voucher_products.c.product)
    .join(batch_vouchers, batch_vouchers.c.voucher == vouchers.c.code)
    .outerjoin(voucher_products, voucher_products.c.voucher == vouchers.c.code)
    .where(batch_vouchers.c.batch == bindparam("wanted"))
    .order_by(vouchers.c.code)
)
