"""Which booking links have done their work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_link.claims import BookingLink
from cloudmatic_portal.domain.errors import LinkReplayed
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import consumed_links

KEEP: Final = timedelta(days=1)
"""How long an expired link is remembered: its expiry alone keeps it out, clocks may be set."""


async def is_consumed(connection: AsyncConnection, link: BookingLink) -> bool:
    same = consumed_links.c.jti == link.token_id
    return bool((await connection.execute(select(exists().where(same)))).scalar())


async def consume(
    connection: AsyncConnection, link: BookingLink, key_id: str, now: datetime
) -> None:
    """Use the link up. Raises LinkReplayed, after which the transaction can only roll back.

    Of any number of simultaneous attempts the primary key lets one through.
    """
    row = {
        "jti": link.token_id,
        "key_id": key_id,
        "consumed_at": now,
        "expires_at": link.expires_at,
    }
    try:
        await connection.execute(insert(consumed_links).values(row))
    except IntegrityError as error:
        if violates(error, "pk_consumed_links", "consumed_links.jti"):
            raise LinkReplayed(link.issued_at) from error
        raise


async def forget_expired(connection: AsyncConnection, now: datetime) -> None:
    await connection.execute(delete(consumed_links).where(consumed_links.c.expires_at < now - KEEP))
