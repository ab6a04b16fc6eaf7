"""An account's hubs: look at one, withdraw it, let it go; when one was heard of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloudmatic_link.claims import HubToken
from cloudmatic_portal.domain.errors import HubUnknown
from cloudmatic_portal.domain.hub import Hub, HubKey
from cloudmatic_portal.services.tokens import verified
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.database import Database

_NOTED_AGAIN_AFTER: Final = timedelta(hours=1)
"""So that not every question of a hub costs a write."""


async def of_account(database: Database, account_id: int) -> tuple[Hub, ...]:
    """The first enrolled first; none for an account that is not there."""
    async with database.reading() as connection:
        return await stored_hub.of_account(connection, account_id)


async def find(database: Database, account_id: int, hub_id: int) -> Hub:
    """Raises HubUnknown, also for somebody else's."""
    for hub in await of_account(database, account_id):
        if hub.hub_id == hub_id:
            return hub
    raise HubUnknown


async def revoke(database: Database, account_id: int, hub_id: int, now: datetime) -> None:
    """Withdraw all keys of the hub. What was booked stays; bookings under way from it end.

    Again changes nothing. Raises HubUnknown, also for somebody else's.
    """
    async with database.writing() as connection:
        await stored_account.lock(connection, account_id)
        if not await stored_hub.revoke(connection, account_id, hub_id, now):
            raise HubUnknown


async def leave(database: Database, token: str, *, audience: str, now: datetime) -> None:
    """The hub that signed `token` wants to be known no more: its keys are withdrawn, also those
    that it had before. Raises TokenError or BookingRefused.
    """
    async with database.writing() as connection:
        _, key = await verified(connection, token, HubToken, audience=audience, now=now)
        hub_id = await stored_hub.of_key(connection, key.key_id)
        await stored_hub.revoke(connection, key.account_id, hub_id, now)


async def note_contact(database: Database, key: HubKey, now: datetime) -> None:
    """Note that the hub of `key` was heard of, if that has not been noted just now."""
    last = key.last_contact_at
    if last is None or not timedelta(0) <= now - last < _NOTED_AGAIN_AFTER:
        async with database.writing() as connection:
            await stored_hub.note_contact(connection, key.key_id, now)
