"""Gateways learn who has access until when: they ask, and are told when it is worth asking."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.clients.gateway import GatewayClient
from cloudmatic_portal.domain import gateway as rules
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import GatewayRefused, GatewayUnknown, GatewayUnreached
from cloudmatic_portal.domain.gateway import Credentials, Feed, Gateway, Gateways
from cloudmatic_portal.services import background
from cloudmatic_portal.storage import gateway as stored
from cloudmatic_portal.storage.database import Database

_AT_ONCE: Final = 500
_LEASE: Final = timedelta(minutes=1)
_PAUSE: Final = 1.0

_logger = logging.getLogger(__name__)


async def every(database: Database) -> tuple[Gateway, ...]:
    """Those that may ask."""
    async with database.reading() as connection:
        return await stored.every(connection)


async def standing(database: Database) -> Gateways:
    """Those that may ask, and how far behind each is."""
    async with database.reading() as connection:
        return Gateways(await stored.every(connection), await stored.last_number(connection))


async def find(database: Database, name: str) -> Gateway:
    """Raises GatewayUnknown."""
    async with database.reading() as connection:
        gateway = await stored.find(connection, name)
    if gateway is None:
        raise GatewayUnknown(name)
    return gateway


async def tell_again(database: Database, name: str, now: datetime) -> None:
    """Let a gateway be told at once what has not arrived, however long the pause would be.

    Raises GatewayUnknown if there is none of that name that is to be told anything.
    """
    async with database.writing() as connection:
        gateway = await stored.find(connection, name)
        if gateway is None or gateway.webhook is None:
            raise GatewayUnknown(name)
        await stored.put_forward(connection, name, now)


async def put(
    database: Database, secret: bytes, name: str, webhook: str | None, now: datetime
) -> Credentials:
    """Add a gateway, or give the one of that name new credentials; the old ones end at once."""
    async with database.writing() as connection:
        gateway = await stored.put(connection, name, webhook, now)
    return rules.credentials(secret, gateway)


async def remove(database: Database, name: str, now: datetime) -> None:
    """It may ask no more. Raises GatewayUnknown."""
    async with database.writing() as connection:
        if not await stored.remove(connection, name, now):
            raise GatewayUnknown(name)


async def identify(database: Database, secret: bytes, token: str) -> Credentials:
    """The credentials of the gateway whose token it is. Raises GatewayRefused."""
    name = rules.name_in(token)
    gateway = None
    if name is not None:
        async with database.reading() as connection:
            gateway = await stored.find(connection, name)
    # Whether a name is known is told neither by the answer nor by its time.
    made = rules.credentials(secret, gateway or Gateway(name or "nobody", 0))
    if not rules.same(token, made) or gateway is None:
        raise GatewayRefused
    return made


async def feed(database: Database, since: int, most: int, now: datetime) -> Feed:
    """What has changed after `since` (0: everything), of `most` accounts at the most.

    Whoever has heard of more than there is heard it before an older state of the database was
    restored, and is told everything again.
    """
    async with database.reading() as connection:
        if since > await stored.last_number(connection):
            since = 0
        found = await stored.changes(connection, since, most + 1, berlin_day(now))
    shown = found[:most]
    cursor = shown[-1][0] if shown else since
    return Feed(cursor, tuple(changed for _, changed in shown), len(found) > most)


@dataclass(frozen=True, slots=True)
class GatewayFeed:
    """Numbers changes and tells gateways, in the background."""

    secret: bytes
    client: GatewayClient

    async def run(
        self, database: Database, clock: Callable[[], datetime], stop: asyncio.Event
    ) -> None:
        """Until `stop` is set. A database that is away is asked again later."""
        await background.repeat(
            lambda: number(database),
            lambda: self.tell(database, clock()),
            pause=_PAUSE,
            failure="gateways cannot be told",
            stop=stop,
        )

    async def tell(self, database: Database, now: datetime) -> bool:
        """Tell one gateway that there are changes; whether there was one to tell.

        It may be told twice if we die in between: it hears a cursor, not a change.
        """
        async with database.reading() as connection:
            last = await stored.last_number(connection)
            waiting = any(
                each.webhook and each.notified < last for each in await stored.every(connection)
            )
        if not waiting:
            return False
        async with database.writing() as connection:
            claimed = await stored.claim_untold(connection, now, now + _LEASE)
        if claimed is None:
            return False
        gateway, cursor = claimed
        tried = await self._post(gateway, cursor, now)
        async with database.writing() as connection:
            await stored.told(connection, tried)
        return True

    async def _post(self, gateway: Gateway, cursor: int, now: datetime) -> Gateway:
        """The gateway after the attempt."""
        body = json.dumps({"type": "access.changed", "cursor": cursor}).encode("ascii")
        made = rules.credentials(self.secret, gateway)
        headers = rules.signed_headers(made, f"access-{gateway.name}-{cursor}", now, body)
        try:
            await self.client.post(gateway.webhook or "", body, headers)
        except GatewayUnreached as error:
            attempts = gateway.attempts + 1
            _logger.warning("gateway %s was not told: %s", gateway.name, error)
            again = now + rules.pause(attempts)
            return replace(gateway, attempts=attempts, last_error=str(error), next_attempt_at=again)
        return replace(
            gateway,
            notified=cursor,
            attempts=0,
            told_at=now,
            last_error=None,
            next_attempt_at=now,
        )


async def number(database: Database) -> int:
    """Give the changes that are there their numbers; return how many there were, up to a limit."""
    async with database.reading() as connection:
        if not await stored.any_unnumbered(connection):
            return 0
    async with database.writing() as connection:
        return await stored.number(connection, _AT_ONCE)
