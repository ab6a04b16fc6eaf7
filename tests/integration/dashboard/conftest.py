"""The add-on, installed by its own script on a running simulated hub; one hub for each module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest_asyncio
from yarl import URL

from ccu_dashboard.services.clock import BERLIN
from tests.demo.addon import Addon
from tests.demo.folders import open_folder
from tests.simulated_ccu.account_files import AccountFiles, Case, account_files
from tests.simulated_ccu.ccu import SimulatedCcu

TODAY = datetime.now(BERLIN).date()
"""The service has no other clock than the machine's."""

PREFIX = "/addons/cloudmatic/"
PORTAL = "http://127.0.0.1:9"
"""Nobody listens there: the discard port."""


@dataclass
class Page:
    """An answer, read to its end."""

    status: int
    text: str
    headers: dict[str, str]
    cookies: list[str]


class Dashboard:
    """A hub with the add-on, and a browser without memory to ask it."""

    def __init__(self, ccu: SimulatedCcu, http: aiohttp.ClientSession) -> None:
        self.ccu = ccu
        self.addon = Addon(ccu, PORTAL)
        self._http = http

    async def ask(
        self,
        path: str = PREFIX,
        *,
        sid: str = "",
        language: str = "de",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        data: object = None,
        hub: str = "",
    ) -> Page:
        """One request with `sid` in the cookie; redirects are not followed. `hub`: its origin."""
        sent = {"Accept-Language": language} | (headers or {})
        if sid:
            sent["Cookie"] = f"cloudmatic_sid={sid.strip('@')}"
        address = URL((hub or self.ccu.url) + path, encoded=True)
        async with self._http.request(
            # The hub's certificate is its own, as on a real one.
            method,
            address,
            headers=sent,
            data=data,
            allow_redirects=False,
            ssl=False,
        ) as response:
            return Page(
                response.status,
                await response.text(),
                dict(response.headers),
                response.headers.getall("Set-Cookie", []),
            )

    async def form_token(self, sid: str) -> str:
        page = await self.ask(sid=sid)
        return page.text.split('name="form" value="')[1].split('"')[0]

    def link(self, files: AccountFiles) -> None:
        self.ccu.fs.write_account_files(files)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_dashboard() -> AsyncIterator[Dashboard]:
    with open_folder("hub") as folder:
        async with _running(folder) as dashboard:
            yield dashboard


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Dashboard]:
    async with (
        SimulatedCcu(folder / "ccu", today=TODAY, https_port=0) as ccu,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http,
    ):
        dashboard = Dashboard(ccu, http)
        await dashboard.addon.install()
        yield dashboard
        await dashboard.addon.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def hub(module_dashboard: Dashboard) -> AsyncIterator[Dashboard]:
    """The module's hub as it is after an installation: linked, nobody logged in, engine well.

    After every test: whatever was sent, the engine was never given a script of somebody else's.
    """
    module_dashboard.ccu.engine.sessions.end_all()
    module_dashboard.link(account_files(Case.LINKED, TODAY))
    await module_dashboard.ccu.engine.recover()
    yield module_dashboard
    assert module_dashboard.ccu.engine.foreign_scripts == []


@pytest_asyncio.fixture(loop_scope="module")
async def state(hub: Dashboard) -> AsyncIterator[Dashboard]:
    """The hub, whose own state is as after the installation when the test has ended."""
    yield hub
    for path in hub.addon.state.iterdir():
        if path.name != "settings.toml":
            path.unlink()
    (hub.addon.state / "settings.toml").write_text(f'portal = "{PORTAL}"\n', "utf-8")
    hub.addon.hand_over()
