"""The API is what docs/openapi.yaml says: no address more or less, no answer otherwise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cloudmatic_link import signing
from cloudmatic_link.api import (
    DEVICE_PATH,
    DEVICE_TOKEN_PATH,
    HUB_PATH,
    HUBS_PATH,
    RELEASE_PATH,
    STATUS_PATH,
)
from cloudmatic_link.claims import HubToken
from cloudmatic_link.pairing import ASSERTION_TYPE, GRANT_TYPE
from cloudmatic_link.status import HubStatus
from cloudmatic_portal.app import make_app
from cloudmatic_portal.app_keys import DATABASE
from cloudmatic_portal.services import gateways
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.web.routes import ROUTES
from tests.factories import hub_key, release
from tests.integration.portal.api_description import (
    SCHEMA,
    operations,
    require,
    statuses,
    validator_of,
)
from tests.integration.portal.hubs import Hub, enrolled_hub, withdraw
from tests.integration.portal.pages import send
from tests.integration.portal.purchases import pay
from tests.integration.portal.shopping import order, subscribe
from tests.integration.portal.test_operation import app_of
from tests.integration.portal.world import Browser, Clock, Portal, random_bytes
from tests.unit.cloudmatic_link.test_orders import FULL

NOT_DESCRIBED = {("POST", "/api/paypal/webhook")}
"""PayPal alone calls it, and describes it."""

ACCESS_PATH = "/api/v1/access"
FORM = "application/x-www-form-urlencoded"
TOO_LARGE = b"x" * 9000


@dataclass
class Asked:
    """Asks the portal, holds each answer to the description, and remembers which there were."""

    portal: Portal
    http: aiohttp.ClientSession
    seen: set[tuple[str, str, int]] = field(default_factory=set)
    headers: Any = None

    async def __call__(self, method: str, path: str, token: str = "", **sent: Any) -> Any:
        headers = sent.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self.http.request(
            method, self.portal.url(path), headers=headers, **sent
        ) as answer:
            body = await answer.text()
        require((method, path), answer.status, answer.headers, body)
        self.seen.add((method, path, answer.status))
        self.headers = answer.headers
        return json.loads(body) if body else None


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed"


@pytest.fixture
async def asked(
    portal: Portal, settings: Settings, clock: Clock, feed: Path
) -> AsyncIterator[Asked]:
    """A portal that hands on releases."""
    settings = replace(settings, release_feed=feed)
    app = make_app(settings, clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Asked(Portal(server, settings, clock, portal.database), http)


def test_the_description_is_one_of_openapi() -> None:
    SCHEMA.validate()


def test_every_address_of_the_api_is_described_and_no_other() -> None:
    routes = {
        (each.method, each.path)
        for each in ROUTES
        if isinstance(each, web.RouteDef) and each.path.startswith("/api/")
    }
    assert set(operations()) == routes - NOT_DESCRIBED
    assert routes >= NOT_DESCRIBED


async def test_every_answer_that_is_described_is_given_and_is_as_described(
    asked: Asked, feed: Path, browser: Browser
) -> None:
    await enrolments(asked)
    await pairings(asked, browser)
    await a_hub_with_everything(asked, browser)
    await releases(asked, feed)
    await access(asked)
    await throttled(asked)
    await overloaded(asked)
    assert asked.seen == statuses()


async def enrolments(asked: Asked) -> None:
    hub, portal = Hub(asked.portal), asked.portal
    for _ in range(2):
        # 201, then 200.
        await asked("POST", HUBS_PATH, json=hub.enrolment())
    await asked("POST", HUBS_PATH, json=hub.enrolment() | {"later": [1]})
    refused = await asked("POST", HUBS_PATH, json=Hub(portal).enrolment(user_key="guessed"))
    assert refused["reason"] == "credentials-refused"
    twin = Hub(portal, serial="ANOTHER123")
    twin.key = hub.key
    assert (await asked("POST", HUBS_PATH, json=twin.enrolment()))["reason"] == "key-elsewhere"
    unfit = await asked("POST", HUBS_PATH, json=hub.enrolment() | {"user_key": 5})
    assert (unfit["reason"], unfit["member"]) == ("malformed-request", "user_key")
    await asked("POST", HUBS_PATH, data=TOO_LARGE, headers={"Content-Type": "application/json"})
    assert (await asked("POST", HUBS_PATH, data=b"x"))["reason"] == "not-json"
    await withdraw(hub)
    assert (await asked("POST", HUBS_PATH, json=hub.enrolment()))["reason"] == "revoked-key"


async def pairings(asked: Asked, browser: Browser) -> None:
    hub = Hub(asked.portal)
    told = await asked("POST", DEVICE_PATH, data=hub.invited())
    await asked("POST", DEVICE_PATH, data=hub.invited() | {"account": "max"})
    await asked("POST", DEVICE_PATH, data=hub.invited() | {"client_assertion": "a.b.c"})
    foreign = hub.assertion(audience="https://other.example")
    await asked("POST", DEVICE_PATH, data=hub.invited() | {"client_assertion": foreign})
    question = asking_for(hub, told["device_code"])
    for error in ("authorization_pending", "slow_down"):
        assert (await asked("POST", DEVICE_TOKEN_PATH, data=question))["error"] == error
    await asked("POST", DEVICE_TOKEN_PATH, data=question | {"grant_type": "password"})
    await asked("POST", DEVICE_TOKEN_PATH, data=question | {"client_assertion": foreign})
    for path in (DEVICE_PATH, DEVICE_TOKEN_PATH):
        assert (await asked("POST", path, json={}))["reason"] == "not-a-form"
        await asked("POST", path, data=TOO_LARGE, headers={"Content-Type": FORM})
    await browser.log_in("maxmuster")
    entered = await send(browser, await browser.get("/pair"), "/pair", {"code": told["user_code"]})
    await send(browser, entered, "/pair/decide", {"do": "confirm"})
    confirmed = await asked("POST", DEVICE_TOKEN_PATH, data=question)
    assert confirmed["account"]["id"] == "4711"


def asking_for(hub: Hub, device_code: str) -> dict[str, str]:
    return {
        "grant_type": GRANT_TYPE,
        "client_id": hub.serial,
        "device_code": device_code,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": hub.assertion(),
    }


async def a_hub_with_everything(asked: Asked, browser: Browser) -> None:
    portal = asked.portal
    await subscribe(portal, browser)
    for product, paid in (("complete", True), ("smarthome", False)):
        number = (await order(browser, product)).rpartition("/")[2]
        if paid:
            await pay(portal.database, number.replace("-", ""), portal.clock.now)
    hub = await enrolled_hub(portal)
    token = hub.sign(hub.claims(HubToken))
    status = await asked("GET", STATUS_PATH, token)
    assert all(status[member] for member in ("packages", "orders", "paid", "subscriptions"))
    await asked("GET", STATUS_PATH, token, headers={"If-None-Match": asked.headers["ETag"]})
    wrong = {
        "wrong-audience": hub.sign(hub.claims(HubToken, audience="https://other.example")),
        "malformed": "no-token",
        "account-mismatch": hub.sign(hub.claims(HubToken, subject="4712")),
    }
    for method, path in (("GET", STATUS_PATH), ("DELETE", HUB_PATH)):
        for reason, other in wrong.items():
            assert (await asked(method, path, other))["reason"] == reason
        assert (await asked(method, path))["reason"] == "token-missing"
    await asked("DELETE", HUB_PATH, token)
    assert (await asked("GET", STATUS_PATH, token))["reason"] == "revoked-key"


async def releases(asked: Asked, feed: Path) -> None:
    assert (await asked("GET", RELEASE_PATH))["reason"] == "no-release"
    lay_down(feed)
    await asked("GET", RELEASE_PATH)
    await asked("GET", RELEASE_PATH, headers={"If-None-Match": asked.headers["ETag"]})


def lay_down(feed: Path) -> None:
    feed.write_text(signing.sign(release(), hub_key()) + "\n")


async def gateway_token(portal: Portal, name: str = "vpn") -> str:
    made = await gateways.put(portal.database, portal.settings.secret, name, None, portal.clock.now)
    return made.token


async def access(asked: Asked) -> None:
    portal = asked.portal
    while await gateways.number(portal.database):
        pass
    token = await gateway_token(portal)
    feed = await asked("GET", ACCESS_PATH, token)
    assert any(each["periods"] for each in feed["accounts"])
    await asked("GET", ACCESS_PATH, token, headers={"If-None-Match": asked.headers["ETag"]})
    await asked("GET", ACCESS_PATH, token, params={"limit": "0"})
    assert (await asked("GET", ACCESS_PATH, "cmg_vpn"))["reason"] == "gateway-refused"


async def throttled(asked: Asked) -> None:
    seen = asked.seen
    for path in (HUBS_PATH, DEVICE_PATH):
        for _ in range(200):
            hub = Hub(asked.portal)
            sent = (
                {"json": hub.enrolment(user_key="guessed")}
                if path == HUBS_PATH
                else {"data": hub.invited()}
            )
            await asked("POST", path, **sent)
            if ("POST", path, 429) in seen:
                break


async def overloaded(asked: Asked) -> None:
    gateway = await gateway_token(asked.portal, "another")
    app_of(asked.portal)[DATABASE].most_waiting = 0
    hub = Hub(asked.portal)
    token = hub.sign(hub.claims(HubToken))
    refused = await asyncio.gather(
        asked("POST", HUBS_PATH, json=hub.enrolment()),
        asked("GET", STATUS_PATH, token),
        asked("DELETE", HUB_PATH, token),
        asked("POST", DEVICE_PATH, data=hub.invited()),
        asked("POST", DEVICE_TOKEN_PATH, data=asking_for(hub, "d" * 43)),
        asked("GET", ACCESS_PATH, gateway),
    )
    assert {each["reason"] for each in refused} == {"overloaded"}


@pytest.mark.parametrize("member", ["orders", "paid", "subscriptions", "packages", "products"])
def test_a_hub_does_without_what_the_description_does_not_require(member: str) -> None:
    """A hub of version n reads a portal of version n-1."""
    document = FULL.to_json()
    del document[member]
    validator_of("HubStatus").validate(document)
    assert HubStatus.from_json(document).account_id == FULL.account_id


def test_members_that_came_later_are_no_fault() -> None:
    """A hub of version n reads a portal of version n+1."""
    document = json.loads(json.dumps(FULL.to_json()))
    document["later"] = {"x": 1}
    for member in ("account", "packages", "orders", "paid", "subscriptions"):
        for each in [document[member]] if member == "account" else document[member]:
            each["later"] = None
    validator_of("HubStatus").validate(document)
    assert HubStatus.from_json(document) == FULL


def required_members() -> list[tuple[str, ...]]:
    schemas = SCHEMA.raw_schema["components"]["schemas"]
    return (
        [("account",)]
        + [("account", member) for member in schemas["Account"]["required"]]
        + [("packages", member) for member in schemas["Package"]["required"]]
    )


@pytest.mark.parametrize("path", required_members(), ids=".".join)
def test_a_hub_refuses_what_lacks_a_required_member(path: tuple[str, ...]) -> None:
    document = json.loads(json.dumps(FULL.to_json()))
    *way, last = path
    place = document
    for step in way:
        place = place[step][0] if isinstance(place[step], list) else place[step]
    del place[last]
    assert not validator_of("HubStatus").is_valid(document)
    with pytest.raises(ValueError, match=last):
        HubStatus.from_json(document)


def test_the_check_itself_notices_what_is_wrong() -> None:
    """Or the tests above would prove nothing."""
    good = {"Content-Type": "application/json", "ETag": f'"{"0" * 32}"'}
    good |= {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
    operation, body = ("GET", STATUS_PATH), json.dumps(FULL.to_json())
    require(operation, 200, good, body)
    for headers, wrong in (
        (good | {"ETag": "x"}, body),
        (good, "{}"),
        (good | {"Content-Type": "text/html"}, body),
        ({name: value for name, value in good.items() if name != "Vary"}, body),
    ):
        with pytest.raises((AssertionError, jsonschema_rs.ValidationError)):
            require(operation, 200, headers, wrong)
