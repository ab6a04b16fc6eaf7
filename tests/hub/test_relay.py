"""Where lighttpd reads no add-on's part, the relay leads to the same pages with the same checks.

The service is the real one, on a simulated hub without the include.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.hub.archives import REPOSITORY
from tests.simulated_ccu.ccu import SimulatedCcu
from tests.simulated_ccu.config_pages import config_pages

RELAY = "/addons/cloudmatic/index.cgi/"
PORTAL = "http://127.0.0.1:1"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class RelayedHub:
    ccu: SimulatedCcu
    http: aiohttp.ClientSession

    async def ask(
        self, path: str, *, method: str = "GET", data: object = None, **headers: str
    ) -> Answer:
        address = self.ccu.url + path
        async with self.http.request(
            method, address, data=data, headers=headers, allow_redirects=False
        ) as answer:
            cookies = answer.headers.getall("Set-Cookie", [])
            return Answer(answer.status, answer.headers, cookies, await answer.read())

    async def rc(self, word: str) -> None:
        await self.run(str(self.ccu.fs.bin / "sh"), str(self.ccu.fs.rc_d / "cloudmatic"), word)

    async def run(self, *command: str) -> None:
        environment = self.ccu.environment() | {"CLOUDMATIC_SERVICE_UID": str(os.geteuid())}
        await asyncio.to_thread(
            subprocess.run, command, env=environment, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def port_file(self) -> Path:
        return self.ccu.fs.var_run / "cloudmatic/relay.port"

    async def until_up(self) -> None:
        for _ in range(300):
            if await asyncio.to_thread(self.port_file.exists):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the service does not listen for the relay")

    async def cookie(self, user: str = "Admin") -> str:
        sid = self.ccu.engine.login(user)
        answer = await self.ask(f"{RELAY}?sid={sid}")
        jar = SimpleCookie(answer.cookies[0])
        return f"cloudmatic_sid={jar['cloudmatic_sid'].value}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_hub() -> AsyncIterator[RelayedHub]:
    # Short: the path of a Unix socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="relay-", dir="/tmp") as name:
        folder = Path(name)
        package = [str(REPOSITORY / "package.sh"), "layout", f"{name}/archive", sys.executable]
        await asyncio.to_thread(subprocess.run, package, check=True)
        async with (
            SimulatedCcu(
                folder / "ccu", today=date(2026, 11, 23), product="CCU3", includes_snippets=False
            ) as ccu,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        ):
            state = ccu.fs.addons / "cloudmatic"
            state.mkdir()
            (state / "settings.toml").write_text(f'portal = "{PORTAL}"\n')
            hub = RelayedHub(ccu, http)
            shell = str(ccu.fs.bin / "sh")
            await hub.run(shell, f"{name}/archive/update_script", "CCU3")
            await hub.until_up()
            yield hub
            await hub.rc("stop")


@pytest_asyncio.fixture(loop_scope="module")
async def hub(module_hub: RelayedHub) -> AsyncIterator[RelayedHub]:
    module_hub.ccu.engine.sessions.end_all()
    await module_hub.ccu.engine.recover()
    yield module_hub
    assert module_hub.ccu.engine.foreign_scripts == []


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_button_leads_to_the_relay_and_nothing_is_put_where_nobody_reads_it(
    hub: RelayedHub,
) -> None:
    assert config_pages(hub.ccu.fs)["mh"].url == RELAY
    assert not (hub.ccu.fs.snippets / "cloudmatic.conf").exists()


async def test_the_first_page_moves_the_session_from_address_to_cookie(hub: RelayedHub) -> None:
    sid = hub.ccu.engine.login("Admin")
    answer = await hub.ask(f"{RELAY}?sid={sid}&lang=en")
    assert (answer.status, answer.headers["Location"]) == (303, RELAY)
    assert len(answer.cookies) == 2
    for cookie in answer.cookies:
        assert f"Path={RELAY}" in cookie
        assert "HttpOnly" in cookie


async def test_the_page_and_its_links_stay_with_the_relay(hub: RelayedHub) -> None:
    page = await hub.ask(RELAY, Cookie=await hub.cookie())
    assert page.status == 200
    assert "maxmuster" in page.text
    assert "Content-Security-Policy" in page.headers
    addresses = re.findall(r'(?:href|src|action)="(/addons/[^"]*)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith((RELAY, "/addons/cloudmatic/static/"))
        if address.startswith("/addons/cloudmatic/static/"):
            assert (await hub.ask(address)).status == 200


async def test_umlauts_arrive_as_they_left(hub: RelayedHub) -> None:
    page = await hub.ask(RELAY, Cookie=await hub.cookie())
    assert "Laufzeit" in page.text or "ü" in page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_a_click_on_booking_gets_through_with_its_form(hub: RelayedHub) -> None:
    cookie = await hub.cookie()
    page = await hub.ask(RELAY, Cookie=cookie)
    token = re.findall(r'name="form" value="([0-9a-f]+)"', page.text)[0]
    form = {"form": token, "product": "complete"}
    booked = await hub.ask(f"{RELAY}book", method="POST", data=form, Cookie=cookie)
    assert booked.status in {200, 303}
    stale = await hub.ask(f"{RELAY}book", method="POST", data=form | {"form": "0"}, Cookie=cookie)
    assert stale.status == 403


async def test_without_a_session_nobody_sees_anything(hub: RelayedHub) -> None:
    for path in (RELAY, f"{RELAY}?sid=@AAAAAAAAAA@", f"{RELAY}?sid=@%22%29%3B@", f"{RELAY}book"):
        answer = await hub.ask(path)
        assert answer.status in {403, 404}
        assert "maxmuster" not in answer.text
    guest = await hub.ask(f"{RELAY}?sid={hub.ccu.engine.login('Gast')}")
    assert guest.status == 403


async def test_the_folder_and_the_bare_program_lead_to_the_page(hub: RelayedHub) -> None:
    for path in ("/addons/cloudmatic/", "/addons/cloudmatic/index.cgi"):
        answer = await hub.ask(f"{path}?sid=@AAAAAAAAAA@")
        assert (answer.status, answer.headers["Location"]) == (302, f"{RELAY}?sid=@AAAAAAAAAA@")


async def test_an_answer_for_head_has_no_body(hub: RelayedHub) -> None:
    answer = await hub.ask(RELAY, method="HEAD", Cookie=await hub.cookie())
    assert answer.body == b""


async def test_odd_requests_are_refused_by_somebody(hub: RelayedHub) -> None:
    assert (await hub.ask(RELAY, method="DELETE")).status == 405
    big = await hub.ask(f"{RELAY}book", method="POST", data=b"x" * 70_000)
    assert big.status == 413
    assert (await hub.ask(f"{RELAY}{'a' * 5000}")).status in {400, 403, 404}
    assert (await hub.ask(f"{RELAY}%0d%0aX-Injected:%201")).status in {400, 403, 404}


def listening(port: int) -> list[str]:
    """Addresses with a listener on `port`, as the kernel writes them."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"]


async def test_the_service_listens_on_loopback_only(hub: RelayedHub) -> None:
    port = int(hub.port_file.read_text())
    assert listening(port) == [f"0100007F:{port:04X}"]


async def test_while_the_service_is_down_the_page_waits_for_it(hub: RelayedHub) -> None:
    await hub.rc("stop")
    for rubbish in (None, "", "none", "99999999", "1"):
        if rubbish is not None:
            hub.port_file.write_text(rubbish)
        page = await hub.ask(RELAY)
        assert page.status == 503
        assert "CloudMatic startet" in page.text
        assert '<meta http-equiv="refresh"' in page.text
    await hub.rc("start")
    await hub.until_up()
    for _ in range(100):
        if (await hub.ask(RELAY)).status == 403:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError


async def test_once_lighttpd_reads_our_part_the_next_start_needs_no_relay(hub: RelayedHub) -> None:
    configuration = hub.ccu.fs.lighttpd_conf
    before = configuration.read_text()
    include = f'\ninclude "{hub.ccu.fs.root}/usr/local/etc/config/lighttpd/*.conf"\n'
    configuration.write_text(before + include)
    try:
        await hub.rc("restart")
        assert config_pages(hub.ccu.fs)["mh"].url == "/addons/cloudmatic/"
        assert (hub.ccu.fs.snippets / "cloudmatic.conf").exists()
    finally:
        configuration.write_text(before)
        await hub.rc("restart")
    assert config_pages(hub.ccu.fs)["mh"].url == RELAY
    assert not (hub.ccu.fs.snippets / "cloudmatic.conf").exists()
    await hub.until_up()
