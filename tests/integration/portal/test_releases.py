"""From the publisher's tool through the portal to the hub: a release is told, and nothing else."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from ccu_dashboard.services import releases as hub_releases
from ccu_dashboard.settings import Settings as HubSettings
from cloudmatic_link import signing
from cloudmatic_link.api import RELEASE_PATH
from cloudmatic_portal.app import make_app
from cloudmatic_portal.settings import Settings
from tests.factories import booking_link, hub_key, release
from tests.integration.portal.publisher import BASE, Publisher, run
from tests.integration.portal.test_enrolment import reason
from tests.integration.portal.world import NOW, Answer, Clock, Portal, random_bytes
from tests.simulated_ccu.account_files import Case, account_files
from tests.unit.ccu_dashboard.conftest import write_account_files

# The command line of a hub whose program trusts the keys in argv[3].
HUB = """
import os, sys
from pathlib import Path
from ccu_dashboard import cli, settings
settings.load = lambda _: settings.Settings(
    root=Path(sys.argv[1]), portal=sys.argv[2], release_keys=Path(sys.argv[3]),
    service_uid=os.getuid(),
)
sys.exit(cli.main(["status", "--refresh", "--json"], {}))
"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed"


@pytest.fixture
async def handing_on(settings: Settings, clock: Clock, feed: Path) -> AsyncIterator[BaseTestServer]:
    """A portal that hands on what is laid down at `feed`."""
    async with started(replace(settings, release_feed=feed), clock) as server:
        yield server


@asynccontextmanager
async def started(settings: Settings, clock: Clock) -> AsyncIterator[BaseTestServer]:
    app = make_app(settings, clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield server


async def get(server: BaseTestServer, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.make_url(RELEASE_PATH), headers=sent) as response,
    ):
        return await Answer.of(response)


def lay_bytes(file: Path, wrong: bytes) -> None:
    file.write_bytes(wrong)


def lay_folder(place: Path) -> None:
    place.mkdir()


def take_away(file: Path) -> None:
    file.unlink()


def lay_down(feed: Path, **changes: Any) -> str:
    """As docs/releasing.md says: renamed into place."""
    signed = signing.sign(release(**changes), hub_key())
    beside = feed.with_suffix(".new")
    beside.write_text(signed + "\n")
    beside.rename(feed)
    return signed


async def test_the_feed_is_handed_on_as_it_is_and_not_sent_twice(
    handing_on: BaseTestServer, feed: Path
) -> None:
    signed = lay_down(feed)
    answer = await get(handing_on)
    assert (answer.status, json.loads(answer.text)) == (200, {"feed": signed})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = await get(handing_on, If_None_Match=answer.headers["ETag"])
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == answer.headers["ETag"]


async def test_another_feed_counts_at_once(handing_on: BaseTestServer, feed: Path) -> None:
    lay_down(feed)
    first = await get(handing_on)
    signed = lay_down(feed, issued_at=NOW - timedelta(hours=1), version="1.2.4")
    changed = await get(handing_on, If_None_Match=first.headers["ETag"])
    assert (changed.status, json.loads(changed.text)) == (200, {"feed": signed})
    take_away(feed)
    assert (await get(handing_on)).status == 404


async def test_without_a_feed_there_is_no_release(
    portal: Portal, handing_on: BaseTestServer
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(portal.url(RELEASE_PATH)) as response,
    ):
        not_set = await Answer.of(response)
    for answer in (not_set, await get(handing_on)):
        assert (answer.status, reason(answer)) == (404, "no-release")
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "wrong",
    [b"", b"\xff\xfe", b"{}", b"A" * 1_000_000, signing.sign(booking_link(), hub_key()).encode(),
     b"-----BEGIN PRIVATE KEY-----"],
    ids=lambda wrong: repr(wrong)[:12],
)  # fmt: skip
async def test_a_file_that_is_no_feed_is_not_handed_on_and_the_operator_hears_once(
    handing_on: BaseTestServer, feed: Path, wrong: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    lay_bytes(feed, wrong)
    for _ in range(3):
        assert reason(await get(handing_on)) == "no-release"
    assert [each.levelname for each in caplog.records if "not handed on" in each.message] == [
        "ERROR"
    ]


async def test_a_folder_in_the_feeds_place_is_no_release(
    handing_on: BaseTestServer, feed: Path
) -> None:
    lay_folder(feed)
    assert reason(await get(handing_on)) == "no-release"


async def test_many_hubs_at_once_while_feeds_change(handing_on: BaseTestServer, feed: Path) -> None:
    signed = {lay_down(feed)}
    for minute in range(5):
        asked = asyncio.gather(*(get(handing_on) for _ in range(20)))
        signed.add(lay_down(feed, issued_at=NOW - timedelta(minutes=minute)))
        for answer in await asked:
            assert json.loads(answer.text)["feed"] in signed


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


def a_hub(folder: Path, publisher: Publisher, server: BaseTestServer) -> HubSettings:
    hub = HubSettings(
        root=folder / "hub",
        portal=str(server.make_url("")).rstrip("/"),
        release_keys=publisher.trusted,
    )
    write_account_files(hub.vendor_folder, account_files(Case.NOT_LINKED, NOW.date()))
    hub.state_folder.mkdir(parents=True)
    hub.architecture.parent.mkdir(parents=True)
    hub.architecture.write_text("armv7l\n")
    return hub


async def refresh(hub: HubSettings) -> dict[str, Any]:
    words = (str(hub.root), hub.portal, str(hub.release_keys))
    code, output, errors = await run(sys.executable, "-W", "error", "-c", HUB, *words)
    assert (code, errors) == (0, "")
    contact: dict[str, Any] = json.loads(output)["contact"]
    return contact


async def test_from_the_archives_to_the_firmwares_question(
    tmp_path: Path, handing_on: BaseTestServer, feed: Path, publisher: Publisher
) -> None:
    await publisher.make_key()
    assert await publisher.sign(feed) == (0, f"{feed}\n", "")
    hub = a_hub(tmp_path, publisher, handing_on)
    # No account is linked: that has no say in updates, and updates none in that.
    assert (await refresh(hub))["outcome"] == "not-linked"
    address = f"{BASE}/cloudmatic-ccu-1.2.3-armv7l.tar.gz"
    assert hub.latest.read_text() == f"version=1.2.3\ndownload={address}\n"
    download = hub_releases.known(hub).download
    assert download is not None
    assert download.size == len("cloudmatic-ccu-1.2.3-armv7l.tar.gz")


async def test_a_feed_that_somebody_else_signed_changes_nothing_and_disturbs_nothing(
    tmp_path: Path, handing_on: BaseTestServer, feed: Path, publisher: Publisher
) -> None:
    await publisher.make_key()
    lay_down(feed)
    hub = a_hub(tmp_path, publisher, handing_on)
    assert (await refresh(hub))["outcome"] == "not-linked"
    assert not hub.latest.exists()
    assert hub_releases.known(hub).trouble == "untrusted-key"
