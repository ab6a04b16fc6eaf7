"""What a hub may know about its account."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloudmatic_link.claims import HubToken
from cloudmatic_link.products import Product
from cloudmatic_link.status import HubStatus, PackageStatus
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.services.tokens import verified
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage.database import Database

_MOST: Final = 100
"""A hub reads no more items of one kind."""


async def status(
    database: Database, token: str, *, audience: str, now: datetime
) -> tuple[HubStatus, HubKey]:
    """The status for the hub that signed `token`, and its key.

    Raises TokenError or BookingRefused.
    """
    today = berlin_day(now)
    async with database.reading() as connection:
        _, key = await verified(connection, token, HubToken, audience=audience, now=now)
        ended = await stored_access.last_ended(connection, key.account_id, today)
        periods = await stored_access.not_ended(connection, key.account_id, today)
        products = await stored_catalogue.every(connection)
    told = HubStatus(
        account_id=str(key.account_id),
        user_name=key.user_name,
        packages=tuple(
            PackageStatus(
                Product(each.product, each.name), each.first_day, each.last_day, each.trial
            )
            for each in ((ended, *periods) if ended else periods)[:_MOST]
        ),
        products=tuple(
            Product(each.code, each.name)
            for each in products
            if each.kind == "package" and each.bookable_on(today)
        )[:_MOST],
    )
    return told, key
