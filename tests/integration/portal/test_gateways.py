"""Gateways ask who has access until when, and are told when it is worth asking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from cloudmatic_portal.clients.gateway import GatewayClient, parse_webhook
from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.gateway import Credentials
from cloudmatic_portal.services import gateways
from cloudmatic_portal.services.gateways import GatewayFeed
from cloudmatic_portal.storage import access as stored_access
from tests.integration.portal.world import Portal

PATH = "/api/v1/access"


@dataclass
class Receiver:
    """A gateway's own server: what it got, and what it answers."""

    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    address: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/changed", made.take)
    async with TestServer(app) as server:
        made.address = str(server.make_url("/changed"))
        yield made


@pytest.fixture
async def gateway(portal: Portal) -> Credentials:
    await settle(portal)
    return await gateways.put(
        portal.database, portal.settings.secret, "vpn", None, portal.clock.now
    )


async def settle(portal: Portal) -> None:
    while await gateways.number(portal.database):
        pass


async def give(portal: Portal, account_id: int, first: date, days: int = 30) -> None:
    last = first + timedelta(days=days - 1)
    period = AccessPeriod(first, last, "connect", "CloudMatic Connect")
    async with portal.database.writing() as connection:
        await stored_access.add(connection, account_id, period)


async def ask(portal: Portal, token: str, **query: object) -> tuple[aiohttp.ClientResponse, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            portal.url(PATH),
            params={name: str(value) for name, value in query.items()},
            headers={"Authorization": f"Bearer {token}"},
        ) as answer,
    ):
        return answer, await answer.read()


async def told(portal: Portal, receiver: Receiver) -> bool:
    feed = GatewayFeed(portal.settings.secret, GatewayClient())
    return await feed.tell(portal.database, portal.clock.now)


async def test_a_gateway_learns_what_changed_since_it_asked(
    portal: Portal, gateway: Credentials
) -> None:
    _, body = await ask(portal, gateway.token)
    before = json.loads(body)
    assert before["more"] is False
    await give(portal, 4712, date(2030, 1, 1))
    await settle(portal)
    answer, body = await ask(portal, gateway.token, since=before["cursor"])
    found = json.loads(body)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    (changed,) = found["accounts"]
    assert changed["account_id"] == 4712
    added = changed["periods"][-1]
    assert (added["product"], added["first_day"], added["last_day"]) == (
        "connect",
        "2030-01-01",
        "2030-01-30",
    )
    # Midnight in Berlin, on either side.
    assert (added["from"], added["until"]) == (
        "2029-12-31T23:00:00+00:00",
        "2030-01-30T23:00:00+00:00",
    )
    assert (
        json.loads((await ask(portal, gateway.token, since=found["cursor"]))[1])["accounts"] == []
    )


async def test_access_that_ended_is_told_as_none(portal: Portal, gateway: Credentials) -> None:
    cursor = json.loads((await ask(portal, gateway.token))[1])["cursor"]
    await give(portal, 4712, date(2020, 1, 1))
    await settle(portal)
    portal.clock.now += timedelta(days=4000)
    (changed,) = json.loads((await ask(portal, gateway.token, since=cursor))[1])["accounts"]
    assert changed == {"account_id": 4712, "periods": []}


async def test_much_comes_in_pieces_and_each_account_once(
    portal: Portal, gateway: Credentials
) -> None:
    await give(portal, 4711, date(2030, 1, 1))
    await give(portal, 4712, date(2030, 1, 1))
    await settle(portal)
    seen, cursor, more = [], 0, True
    while more:
        found = json.loads((await ask(portal, gateway.token, since=cursor, limit=1))[1])
        seen += [each["account_id"] for each in found["accounts"]]
        cursor, more = found["cursor"], found["more"]
    assert sorted(seen) == [4711, 4712]


async def test_nothing_new_is_not_sent_again(portal: Portal, gateway: Credentials) -> None:
    answer, _ = await ask(portal, gateway.token)
    headers = {
        "Authorization": f"Bearer {gateway.token}",
        "If-None-Match": answer.headers["ETag"],
    }
    async with aiohttp.ClientSession() as session:
        assert (await session.get(portal.url(PATH), headers=headers)).status == 304


async def test_the_answer_is_signed(portal: Portal, gateway: Credentials) -> None:
    answer, body = await ask(portal, gateway.token)
    # The library looks at the clock of this machine; ours is another one.
    hook = Webhook(gateway.key)
    moment = int(answer.headers["webhook-timestamp"])
    assert moment == int(portal.clock.now.timestamp())
    signed = hook.sign(answer.headers["webhook-id"], portal.clock.now, body.decode())
    assert answer.headers["webhook-signature"] == signed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("vpn", "other"),
        lambda _: "cmg_vpn_",
        lambda _: "x" * 200,
    ],
)
async def test_whoever_has_not_the_token_gets_nothing(
    portal: Portal, gateway: Credentials, spoil: object
) -> None:
    assert callable(spoil)
    answer, body = await ask(portal, spoil(gateway.token))
    assert answer.status == 401
    assert json.loads(body)["reason"] == "gateway-refused"


async def test_new_credentials_end_the_old_ones_and_removal_ends_all(
    portal: Portal, gateway: Credentials
) -> None:
    secret, now = portal.settings.secret, portal.clock.now
    renewed = await gateways.put(portal.database, secret, "vpn", None, now)
    assert (await ask(portal, gateway.token))[0].status == 401
    assert (await ask(portal, renewed.token))[0].status == 200
    await gateways.remove(portal.database, "vpn", now)
    assert (await ask(portal, renewed.token))[0].status == 401
    again = await gateways.put(portal.database, secret, "vpn", None, now)
    assert again.token not in {gateway.token, renewed.token}


@pytest.mark.parametrize(
    "query", [{"since": -1}, {"since": "x"}, {"limit": 0}, {"limit": 5001}, {"since": 10**19}]
)
async def test_a_question_that_is_not_as_agreed_is_refused(
    portal: Portal, gateway: Credentials, query: dict[str, object]
) -> None:
    answer, body = await ask(portal, gateway.token, **query)
    assert (answer.status, json.loads(body)["reason"]) == (400, "malformed-request")


async def test_a_gateway_is_told_that_access_has_changed(
    portal: Portal, receiver: Receiver
) -> None:
    await settle(portal)
    made = await gateways.put(
        portal.database, portal.settings.secret, "vpn", receiver.address, portal.clock.now
    )
    assert not await told(portal, receiver)
    await give(portal, 4712, date(2030, 1, 1))
    await settle(portal)
    assert await told(portal, receiver)
    ((headers, body),) = receiver.got
    cursor = json.loads(body)["cursor"]
    assert json.loads(body) == {"type": "access.changed", "cursor": cursor}
    assert json.loads((await ask(portal, made.token, since=cursor))[1])["accounts"] == []
    lowered = {name.lower(): value for name, value in headers.items()}
    expected = Webhook(made.key).sign(lowered["webhook-id"], portal.clock.now, body.decode())
    assert lowered["webhook-signature"] == expected
    with pytest.raises(WebhookVerificationError):
        Webhook(made.key).verify(body + b" ", lowered)
    assert not await told(portal, receiver)


@pytest.mark.fault("gateway away", "it is told later")
async def test_a_gateway_that_is_away_is_told_later(portal: Portal, receiver: Receiver) -> None:
    await settle(portal)
    secret, now = portal.settings.secret, portal.clock.now
    await gateways.put(portal.database, secret, "vpn", receiver.address, now)
    await give(portal, 4712, date(2030, 1, 1))
    await settle(portal)
    receiver.status = 503
    assert await told(portal, receiver)
    assert not await told(portal, receiver)
    portal.clock.now += timedelta(seconds=11)
    receiver.status = 200
    assert await told(portal, receiver)
    assert len(receiver.got) == 2
    (known,) = await gateways.every(portal.database)
    assert known.attempts == 0


async def test_of_many_changes_at_once_none_is_missed(portal: Portal, gateway: Credentials) -> None:
    """Whoever reads while others write and numbers are given sees each account's last word."""
    seen: dict[int, int] = {}
    cursor = json.loads((await ask(portal, gateway.token))[1])["cursor"]

    async def write(account_id: int) -> None:
        for number in range(8):
            await give(portal, account_id, date(2030 + number, 1, 1))

    async def follow(done: asyncio.Event) -> None:
        nonlocal cursor
        while True:
            last_look = done.is_set()
            await gateways.number(portal.database)
            found = json.loads((await ask(portal, gateway.token, since=cursor))[1])
            cursor = found["cursor"]
            seen.update({each["account_id"]: len(each["periods"]) for each in found["accounts"]})
            if last_look and not found["accounts"]:
                return

    done = asyncio.Event()
    following = asyncio.create_task(follow(done))
    before = json.loads((await ask(portal, gateway.token))[1])["accounts"]
    had = {each["account_id"]: len(each["periods"]) for each in before}
    await asyncio.gather(*(write(account) for account in (4711, 4712)))
    done.set()
    await following
    assert seen[4712] == had.get(4712, 0) + 8
    assert seen[4711] >= 8


@pytest.mark.parametrize(
    "address", ["http://gateway.example/", "ftp://x/", "https://user:pw@host/", "https://", "x"]
)
def test_only_encrypted_addresses_are_told(address: str) -> None:
    with pytest.raises(ValueError, match="expected https"):
        parse_webhook(address)
