"""Billing addresses: rows in, domain out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.storage.inserts import insert_or_change
from cloudmatic_portal.storage.tables import billing_addresses

_PUT: Final = insert_or_change(billing_addresses)


async def find(connection: AsyncConnection, account_id: int) -> BillingAddress | None:
    query = select(billing_addresses).where(billing_addresses.c.account_id == account_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return BillingAddress(
        name=row.name,
        company=row.company,
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        country=row.country,
        vat_id=row.vat_id,
        vat_id_confirmed_on=row.vat_id_confirmed_on,
    )


async def put(
    connection: AsyncConnection, account_id: int, address: BillingAddress, now: datetime
) -> None:
    """Let this be the account's address. Lock the account first."""
    row = asdict(address) | {"account_id": account_id, "changed_at": now}
    await connection.execute(_PUT.on(connection), row)


async def confirm(
    connection: AsyncConnection, account_id: int, vat_id: str, day: date | None
) -> bool:
    """Note when the account's number `vat_id` was confirmed; whether it still has that one."""
    mine = (billing_addresses.c.account_id == account_id, billing_addresses.c.vat_id == vat_id)
    change = update(billing_addresses).where(*mine).values(vat_id_confirmed_on=day)
    return bool((await connection.execute(change)).rowcount)
