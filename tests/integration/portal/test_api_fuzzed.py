"""Whatever is sent to the API, it answers as docs/openapi.yaml says, and never with a fault.

`API_EXAMPLES=500 pytest tests/integration/portal/test_api_fuzzed.py` looks longer.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Final

import pytest
import requests
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cloudmatic_link import signing
from cloudmatic_link.api import HUB_PATH, HUBS_PATH, STATUS_PATH
from cloudmatic_link.claims import HubToken
from cloudmatic_portal.app import make_app
from cloudmatic_portal.services import gateways
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from tests.factories import hub_key, release
from tests.integration.portal.api_description import SCHEMA
from tests.integration.portal.conftest import SECRET, Templates
from tests.integration.portal.hubs import Hub
from tests.integration.portal.world import BANK, Clock, Portal, random_bytes

EXAMPLES: Final = int(os.environ.get("API_EXAMPLES", "20"))
ACCESS_PATH: Final = "/api/v1/access"


@dataclass(frozen=True)
class Running:
    """A portal on a thread of its own, and who may ask it."""

    portal: Portal
    url: str
    gateway: str

    def token(self, path: str) -> str | None:
        """One that the portal takes at `path`."""
        if path == ACCESS_PATH:
            return self.gateway
        if path in {STATUS_PATH, HUB_PATH}:
            return self._hub_token()
        return None

    def _hub_token(self) -> str:
        hub = Hub(self.portal)
        enrolled = requests.post(
            self.url + HUBS_PATH, json=hub.enrolment(), headers=from_somewhere(), timeout=20
        )
        assert enrolled.status_code == 201
        return hub.sign(hub.claims(HubToken))


def from_somewhere() -> dict[str, str]:
    """As a proxy says it: each time from another network, or all would soon be throttled."""
    return {"X-Forwarded-For": str(IPv4Address(secrets.randbits(32)))}


@pytest.fixture(scope="module")
def running(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("fuzzed")
    database = shutil.copy(templates.folder / "seeded.db", folder / "portal.db")
    (folder / "feed").write_text(signing.sign(release(), hub_key()) + "\n")
    settings = Settings(
        origin="http://localhost:8000",
        database=str(database),
        secret=SECRET,
        password_memory_kib=64,
        bank=BANK,
        sample_texts=True,
        proxies=1,
        release_feed=folder / "feed",
    )
    ready: Future[Running] = Future()
    ended = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(settings, ready, ended)))
    thread.start()
    try:
        yield ready.result(60)
    finally:
        ended.set()
        thread.join()


async def _serve(settings: Settings, ready: Future[Running], ended: threading.Event) -> None:
    try:
        async with _started(settings) as running:
            ready.set_result(running)
            await asyncio.to_thread(ended.wait)
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise


@asynccontextmanager
async def _started(settings: Settings) -> AsyncIterator[Running]:
    clock, database = Clock(), Database(parse_url(settings.database))
    try:
        while await gateways.number(database):
            pass
        made = await gateways.put(database, settings.secret, "vpn", None, clock.now)
        app = make_app(settings, clock=clock, random_bytes=random_bytes)
        async with TestServer(app) as server:
            portal = Portal(server, settings, clock, database)
            yield Running(portal, str(server.make_url("/")).rstrip("/"), made.token)
    finally:
        await database.close()


@SCHEMA.parametrize()
@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_is_answered_as_described(
    case: schemathesis.Case[Any], running: Running
) -> None:
    """But for one check: proofs are signed, and what is only of the right form is refused."""
    headers: dict[str, Any] = from_somewhere()
    token = running.token(case.operation.path)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    case.call_and_validate(
        base_url=running.url,
        headers=headers,
        excluded_checks=[positive_data_acceptance],
        timeout=20,
    )
