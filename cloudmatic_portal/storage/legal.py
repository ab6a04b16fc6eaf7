"""Versions of the terms: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.storage.database import insert_unless_known
from cloudmatic_portal.storage.tables import order_terms, terms_versions


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


_AGREE: Final = insert(order_terms)
_KEEP: Final = insert_unless_known(terms_versions)
_FIND: Final = select(terms_versions).where(
    terms_versions.c.version.in_(bindparam("versions", expanding=True))
)
