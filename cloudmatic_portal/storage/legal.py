"""Versions of the terms: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.legal import Terms, TermsVersion
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import order_terms, orders, terms_versions


async def agree(connection: AsyncConnection, order_id: int, terms: Terms, now: datetime) -> None:
    """Note under which terms the new order was made, and keep their texts."""
    row = {
        "version": terms.version,
        "agb": terms.agb,
        "widerruf": terms.widerruf,
        "first_used_at": now,
    }
    await connection.execute(_KEEP.on(connection), row)
    agreed = {"order_id": order_id, "version": terms.version}
    await connection.execute(_AGREE, agreed)


async def find(connection: AsyncConnection, versions: Collection[str]) -> dict[str, Terms]:
    """The texts of `versions`."""
    rows = await connection.execute(_FIND, {"versions": list(versions)})
    return {row.version: Terms(row.agb, row.widerruf) for row in rows}


async def used(connection: AsyncConnection) -> tuple[TermsVersion, ...]:
    """All versions that an order was made under, the newest first, without their texts."""
    return tuple(
        TermsVersion(
            version=row.version,
            first_used_at=row.first_used_at,
            last_used_at=row.last_used_at,
            orders=row.orders or 0,
        )
        for row in await connection.execute(_USED)
    )


def _used() -> Select[Any]:
    counted = (
        select(
            order_terms.c.version,
            func.count().label("orders"),
            func.max(order_terms.c.order_id).label("latest"),
        )
        .group_by(order_terms.c.version)
        .subquery()
    )
    return (
        select(
            terms_versions.c.version,
            terms_versions.c.first_used_at,
            counted.c.orders,
            orders.c.created_at.label("last_used_at"),
        )
        # Orders of long ago are gone, and the text is still there.
        .outerjoin_from(terms_versions, counted, counted.c.version == terms_versions.c.version)
        .outerjoin(orders, orders.c.id == counted.c.latest)
        .order_by(terms_versions.c.first_used_at.desc(), terms_versions.c.version)
    )


_USED: Final = _used()
_AGREE: Final = insert(order_terms)
_KEEP: Final = insert_unless_known(terms_versions)
_FIND: Final = select(terms_versions).where(
    terms_versions.c.version.in_(bindparam("versions", expanding=True))
)
