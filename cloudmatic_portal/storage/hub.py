"""Hubs and their keys: rows in, domain out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import KeyElsewhere
from cloudmatic_portal.domain.hub import Hub, HubKey
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.tables import accounts, hub_keys, hubs, status_stamps
from cloudmatic_portal.storage.tables.status_stamp import EVERYBODY


async def find_key(connection: AsyncConnection, key_id: str) -> HubKey | None:
    """The key, its hub and its account."""
    return (await find_keys(connection, [key_id])).get(key_id)


async def find_keys(connection: AsyncConnection, key_ids: list[str]) -> dict[str, HubKey]:
    """The keys of these that are known, each with its hub and its account."""
    # The last one again, up to a power of two: there are few statements for the server to keep.
    padded = key_ids + key_ids[-1:] * ((1 << (len(key_ids) - 1).bit_length()) - len(key_ids))
    return {
        row.key_id: HubKey(
            key_id=row.key_id,
            public_key=row.public_key,
            serial=row.serial,
            account_id=row.account_id,
            user_name=row.user_name,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
            last_contact_at=row.last_contact_at,
            stamps=(row.stamp, row.everybodys_stamp),
        )
        for row in await connection.execute(_FIND_KEYS, {"keys": padded})
    }


async def of_key(connection: AsyncConnection, key_id: str) -> int:
    """The number of the hub that has this key, which must be known."""
    query = select(hub_keys.c.hub_id).where(hub_keys.c.key_id == key_id)
    hub_id: int = (await connection.execute(query)).scalar_one()
    return hub_id


async def of_account(connection: AsyncConnection, account_id: int) -> tuple[Hub, ...]:
    """The account's hubs, the first enrolled first."""
    speaks = exists().where(hub_keys.c.hub_id == hubs.c.id, hub_keys.c.revoked_at.is_(None))
    query = (
        select(hubs, speaks.label("speaks"))
        .where(hubs.c.account_id == account_id)
        .order_by(hubs.c.enrolled_at, hubs.c.id)
    )
    return tuple(
        Hub(
            hub_id=row.id,
            serial=row.serial,
            enrolled_at=row.enrolled_at,
            last_contact_at=row.last_contact_at,
            speaks=row.speaks,
        )
        for row in await connection.execute(query)
    )


async def add_key(connection: AsyncConnection, key: HubKey) -> None:
    """Store a new key, and its hub if it is the hub's first. The account must be locked.

    Raises KeyElsewhere if another account enrolled the same key at the same moment.
    """
    hub_id = await _hub_id(connection, key) or await _add_hub(connection, key)
    row = {
        "key_id": key.key_id,
        "hub_id": hub_id,
        "public_key": key.public_key,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
    try:
        await connection.execute(insert(hub_keys).values(row))
    except IntegrityError as error:
        if violates(error, "pk_hub_keys", "hub_keys.key_id"):
            raise KeyElsewhere(key.key_id) from error
        raise


async def revoke(connection: AsyncConnection, account_id: int, hub_id: int, now: datetime) -> bool:
    """Withdraw all keys of the hub; False if it is not the account's."""
    mine = exists().where(hubs.c.id == hub_id, hubs.c.account_id == account_id)
    if not (await connection.execute(select(mine))).scalar():
        return False
    still_good = (hub_keys.c.hub_id == hub_id, hub_keys.c.revoked_at.is_(None))
    await connection.execute(update(hub_keys).where(*still_good).values(revoked_at=now))
    return True


async def note_contact(connection: AsyncConnection, key_id: str, now: datetime) -> None:
    await connection.execute(_NOTE_CONTACT, {"key": key_id, "last_contact_at": now})


async def _hub_id(connection: AsyncConnection, key: HubKey) -> int | None:
    same = (hubs.c.account_id == key.account_id, hubs.c.serial == key.serial)
    return (await connection.execute(select(hubs.c.id).where(*same))).scalar_one_or_none()


async def _add_hub(connection: AsyncConnection, key: HubKey) -> int:
    values = {
        "account_id": key.account_id,
        "serial": key.serial,
        "enrolled_at": key.created_at,
    }
    added = await connection.execute(insert(hubs).values(values).returning(hubs.c.id))
    hub_id: int = added.scalar_one()
    return hub_id


_everybodys: Final = status_stamps.alias("everybodys")
_FIND_KEYS: Final = (
    select(
        *(hub_keys, hubs.c.serial, hubs.c.account_id, hubs.c.last_contact_at),
        *(accounts.c.user_name, status_stamps.c.stamp),
        _everybodys.c.stamp.label("everybodys_stamp"),
    )
    .join(hubs, hub_keys.c.hub_id == hubs.c.id)
    .join(accounts, hubs.c.account_id == accounts.c.id)
    .outerjoin(status_stamps, status_stamps.c.account_id == hubs.c.account_id)
    .outerjoin(_everybodys, _everybodys.c.account_id == EVERYBODY)
    .where(hub_keys.c.key_id.in_(bindparam("keys", expanding=True)))
)
_NOTE_CONTACT: Final = (
    update(hubs)
    .where(
        hubs.c.id
        == select(hub_keys.c.hub_id).where(hub_keys.c.key_id == bindparam("key")).scalar_subquery()
    )
    .values(last_contact_at=bindparam("last_contact_at"))
)
